"""The platform's store on disk, and a clock that tests move."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.backends.embedded import open as embedded
from shared.config.settings import read_settings
from shared.security.invitations import Invitations
from shared.security.sign_in import Door
from shared.security.tenancy import PlatformStore

PASSWORD = "a phrase to keep"


@dataclass
class MovableClock:
    """Stands where it is put."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 9, tzinfo=UTC))

    def now(self):
        return self.at

    def later(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
async def ports(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(embedded, "EmbeddedClock", lambda: clock)
    opened = embedded.open_ports(read_settings({"FRONTDESK_DATA": str(tmp_path)}), (), {})
    yield opened.ports
    await opened.close()


@pytest.fixture
def platform(ports):
    return PlatformStore.of(ports.store)


@pytest.fixture
def door(platform, clock):
    return Door(platform, clock)


@pytest.fixture
def invitations(platform, clock):
    return Invitations(platform, clock)


@pytest.fixture
def invite(invitations):
    """A function that makes somebody a colleague of a business."""

    async def come(tenant="sunrise", role="human_agent", email="asha@sunrise.example", name="Asha Rao"):
        token = await invitations.for_colleague(
            tenant, email, role=role, skills=("billing",), capacity=3, by="Mira"
        )
        return await invitations.accept(token, name=name, email="", password=PASSWORD)

    return come


@pytest.fixture
def own(invitations):
    """A function that makes somebody an owner of the agency."""

    async def come(email="mira@agency.example"):
        token = await invitations.for_owner(first=False)
        return await invitations.accept(token, name="Mira Sen", email=email, password=PASSWORD)

    return come
