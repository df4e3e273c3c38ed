"""Runs the tools a realtime model calls for during a call: by the ledger, with effects, as in any chat."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.config.schema import DeskConfig
from shared.config.versions import Published
from shared.desk import handover
from shared.desk.act import act
from shared.desk.answer import intents_of
from shared.desk.calls.document import find_call
from shared.desk.calls.spoken import turn_of
from shared.desk.commit import Change, as_data, commit, head_path, read_head
from shared.desk.retention import messages_until, receipts_until
from shared.desk.services import Services
from shared.domain.calls import Call
from shared.domain.conversation import Head
from shared.domain.effects import Effect, HandOver
from shared.domain.errors import Contested, NotThere
from shared.domain.handovers import handover_path
from shared.domain.states import FROZEN
from shared.models.chat_model import ToolCall
from shared.ports import Create
from shared.security.tenancy import TenantStore
from shared.tools.shape import ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTalk:
    """A call as a tool's talk."""

    published: Published
    conversation: str
    head: Head
    now: datetime
    language: str
    turn: str

    @property
    def config(self) -> DeskConfig:
        """The desk's file the call runs on."""
        return self.published.config


async def act_on_call(
    services: Services, store: TenantStore, call: Call, published: Published, wanted: ToolCall, *, nth: int
) -> tuple[ToolResult, float]:
    """The result of the nth such call of a tool in this turn, and its milliseconds; what it wants is done.

    Asked again after a crash or on a new connection it acts no second time. Raises Contested where
    another job carries the call, Transient where a person has the word.
    """
    held = await find_call(store, call.id)
    if held is None or held.generation != call.generation:
        raise Contested(f"another job carries call {call.id} now; this one acts no more")
    head = read_head(await store.get(head_path(call.conversation)))
    if head is None:
        raise NotThere(f"conversation {call.conversation} is unknown")
    zone = ZoneInfo(published.config.desk.timezone)
    talk = CallTalk(
        published=published,
        conversation=call.conversation,
        head=head,
        now=services.ports.clock.now().astimezone(zone),
        language=head.language or published.config.desk.languages[0],
        turn=turn_of(call.conversation, head),
    )
    result, ms = await act(services, store, talk, wanted, nth, may=lambda head: head.state not in FROZEN)
    for effect in result.effects:
        await carry_out(services, store, call, published.config, effect)
    return result, ms


async def carry_out(
    services: Services, store: TenantStore, call: Call, config: DeskConfig, effect: Effect
) -> None:
    """Do what a tool wants done; done before, it changes nothing. What is to be said, whoever speaks says."""
    if isinstance(effect, HandOver):
        await ask_person(services, store, call, config, effect)
        return
    intents = intents_of(effect)
    if intents:
        await commit(
            services.ports,
            store,
            call.conversation,
            lambda head, _: Change(head=head, intents=intents) if head else None,
        )


async def ask_person(
    services: Services, store: TenantStore, call: Call, config: DeskConfig, wanted: HandOver
) -> Head | None:
    """Ask for a person to come into the call; the head, None where one was asked for already."""

    def decide(head: Head | None, rev: int) -> Change | None:
        if head is None or head.state in FROZEN or head.state == "resolved":
            return None
        now = services.ports.clock.now()
        begun = handover.begun(call.conversation, head, wanted, config=config, rev=rev, now=now)
        kept = Create(handover_path(begun.id), as_data(begun), expires=messages_until(config, now))
        return Change(
            head=handover.asked(head, begun),
            writes=[kept],
            intents=[handover.told(store, begun), handover.routing(store.tenant, begun, rev, now)],
            why=wanted.reason,
            told_until=receipts_until(config, now),
        )

    return await commit(services.ports, store, call.conversation, decide)
