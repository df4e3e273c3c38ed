"""An installation of two sample desks on a folder of its own, with a person's handover to learn from."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared import bootstrap
from shared.config.publish import publish_folder
from shared.config.settings import read_settings
from shared.desk.commit import as_data, head_path, message_path
from shared.desk.services import Services
from shared.domain.colleagues import Actor
from shared.domain.content import Content
from shared.domain.conversation import Head, Message
from shared.domain.customers import Customer
from shared.domain.handovers import Handover, handover_path
from shared.domain.instants import stamp
from shared.ports import Put

CONFIGS = Path(__file__).parents[3] / "configs"
TENANT, DESK = "krishna-diagnostics", "krishna"
ASHA = Actor(id="asha", name="Asha", role="supervisor")


@dataclass
class Installation:
    """The desk's services, and the folder of its files."""

    services: Services
    process: bootstrap.Process
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / TENANT / "front-desk.yaml"

    async def talked(self, *said, lesson="", reason="confidence < `0.3`", customer=None, name="h1"):
        """A conversation of (author, words) that a person has resolved; the handover."""
        store, at = self.services.tenant(TENANT), stamp(self.services.ports.clock.now())
        head = Head(
            desk=DESK,
            channel="webchat",
            account=DESK,
            contact="c",
            customer="c1",
            last=len(said),
            updated_at=at,
        )
        asked = max((n for n, (who, _) in enumerate(said, 1) if who == "customer"), default=1)
        over = Handover(
            id=name,
            desk=DESK,
            conversation=f"talk-{name}",
            customer="c1",
            channel="webchat",
            state="resolved",
            reason=reason,
            asked_at=at,
            asked_seq=asked,
            ended_at=at,
            lesson=lesson,
        )
        writes = [
            Put(head_path(over.conversation), as_data(head)),
            Put(handover_path(name), as_data(over)),
            *(
                Put(
                    message_path(over.conversation, seq),
                    as_data(
                        Message(
                            seq=seq,
                            author=who,
                            status="received" if who == "customer" else "sent",
                            at=at,
                            content=Content(text=words),
                        )
                    ),
                )
                for seq, (who, words) in enumerate(said, start=1)
            ),
        ]
        if customer:
            writes.append(Put("customers/c1", as_data(Customer(id="c1", **customer))))
        await store.commit(writes)
        return over


@pytest.fixture
async def here(tmp_path):
    folder = tmp_path / "configs"
    shutil.copytree(CONFIGS, folder)
    told = {"FRONTDESK_DATA": str(tmp_path / "data"), "FRONTDESK_CONFIGS": str(folder)}
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    await publish_folder(folder, services.versions, process.catalogue())
    yield Installation(services, process, folder)
    await process.close()
