"""Sorts what a run says: for the turn it answers, else into its conversation, else to be reached by a way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from shared.config.schema import DeskConfig
from shared.desk.channels import channel_of
from shared.desk.commit import head_path, read_head
from shared.desk.contact import may_contact
from shared.desk.customers import find
from shared.desk.outreach.person import person_of
from shared.desk.outreach.planning import language_of
from shared.desk.outreach.reach import Wanted, outreach_of
from shared.desk.outreach.ways import WRITTEN, ways
from shared.desk.outreach.when import AWAKE
from shared.desk.runs.reached import Reached
from shared.desk.services import Services
from shared.domain.content import Outgoing
from shared.domain.conversation import Head
from shared.domain.effects import HandOver, Send
from shared.domain.errors import NotConnected
from shared.domain.instants import instant
from shared.domain.outreach import Outreach, Saying
from shared.domain.runs import thread_of
from shared.domain.states import FROZEN
from shared.security.tenancy import TenantStore

APART = timedelta(seconds=1)
"""Between two things that are said one after the other, so that they keep their order."""


async def spoken(services: Services, store: TenantStore, reached: Reached) -> Reached:
    """The stretch with what it says sorted: as `answer` of the turn that waits for it, with whom it asks for;
    else as `words` for its conversation, or `outreaches` to be reached by.
    """
    run, config = reached.run, reached.published.config
    said = [effect for effect in reached.effects if isinstance(effect, Send)]
    if run.turn and (reply := reply_of(reached)):
        said.append(Send(message=Outgoing(text=reply)))
    if not (said or run.turn):
        return reached
    document = await store.get(head_path(run.conversation)) if run.conversation else None
    head = read_head(document)
    if run.turn and head and head.answered < run.upto and head.state not in FROZEN:
        people = [effect for effect in reached.effects if isinstance(effect, HandOver)]
        return replace(reached, answer=(*said, *people))
    if not said:
        return reached
    customer = run.customer or (head.customer if head else "")
    ours = head is not None and head.state not in FROZEN  # while a colleague has them, it waits for that
    if head and (not customer or (ours and await _there(services, store, config, head))):
        return replace(reached, words=tuple(_free(one.message) for one in said))
    now = services.ports.clock.now()
    made = [
        outreach_of(
            store.tenant,
            config,
            Wanted(
                desk=run.desk,
                customer=customer,
                purpose=f"workflow {run.workflow}",
                occasion=f"{thread_of(run)} {run.carried} {len(run.trace)} {place}",
                saying=_saying(config, one.message),
                prefers=head.channel if head and head.channel in WRITTEN else None,
                run=run.id,
                due=now + place * APART,
                give_up=instant(one.give_up) if one.give_up else None,
            ),
            now,
        )
        for place, one in enumerate(said)
    ]
    if head and head.channel == "webchat" and not await _by_another_way(services, store, config, made):
        return replace(reached, words=tuple(_free(one.message) for one in said))  # it stands there for them
    return replace(reached, outreaches=tuple(made))


def reply_of(reached: Reached) -> str:
    """What a run ends with for the customer it answers: its finish's `reply`, else its last step's words."""
    if not reached.completes:
        return ""
    shape, outputs = reached.definition.shape, reached.state["outputs"]
    finish: dict[str, Any] = next(
        (outputs[id_] for id_, node in shape.nodes.items() if node.finish and id_ in outputs), {}
    )
    if "reply" in finish:
        return str(finish["reply"] or "").strip()
    last = [entry for entry in reached.state["trace"] if entry["kind"] in ("agent", "crew")][-1:]
    found = outputs.get(last[0]["node"]) if last else None
    return str(found.get("text") or "").strip() if isinstance(found, dict) else ""


async def _there(services: Services, store: TenantStore, config: DeskConfig, head: Head) -> bool:
    """Whether the customer is in the conversation: they wrote of late, or it is a system's own."""
    if head.channel == "api":
        return True
    if head.channel not in WRITTEN or not head.last_inbound_at:
        return False
    now = services.ports.clock.now()
    try:
        limits = channel_of(services, config, head.channel).limits
    except NotConnected:
        return False
    leave = may_contact(await find(store, head.customer), limits, head, now)
    return leave.free_text and instant(head.last_inbound_at) + AWAKE > now


async def _by_another_way(
    services: Services, store: TenantStore, config: DeskConfig, made: list[Outreach]
) -> bool:
    found = await ways(services, store, config, made[0], await person_of(store, config, made[0]))
    return bool(found.found)


def _free(message: Outgoing) -> Outgoing:
    """As it goes while the window is open: free words where it has any."""
    return msgspec.structs.replace(message, template=None) if message.text else message


def _saying(config: DeskConfig, message: Outgoing) -> Saying:
    """The words in each form that a way may ask for."""
    template = message.template
    if template:
        spelled = language_of(config, template.name, template.language)
        template = msgspec.structs.replace(template, language=spelled)
    return Saying(text=message.text, choices=message.choices, template=template, template_text=message.text)
