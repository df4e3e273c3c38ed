"""Judges what a caller said last, off the path of the sound; a person is asked where the file says so."""

from shared.config.versions import Published
from shared.desk.calls.acting import ask_person
from shared.desk.commit import head_path, read_head
from shared.desk.judged import judged
from shared.desk.question import ask
from shared.desk.services import Services
from shared.desk.signs import called_in, facts_now
from shared.desk.triggers import first_that_holds
from shared.domain.calls import Call
from shared.domain.effects import HandOver
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.domain.states import FROZEN
from shared.security.tenancy import TenantStore


async def judge_last_words(
    services: Services, store: TenantStore, call: Call, published: Published, steps: tuple[Step, ...] = ()
) -> tuple[Signals, Step | None, HandOver | None]:
    """The signals of the caller's last words, what reading them took, and the handover they led to.

    `steps` are the tools of the turn so far. Raises Transient where the store is busy; a model that does
    not answer leaves the signals absent.
    """
    head = read_head(await store.get(head_path(call.conversation)))
    if head is None or head.state in FROZEN or not head.pending:
        return Signals(), None, None
    question = await ask(
        services, store, call.conversation, head=head, published=published, upto=head.pending
    )
    signals, step = await judged(question, services.models.route("fast"))
    facts = facts_now(question, signals, steps, services.ports.clock.now())
    trigger = first_that_holds(published.config, facts)
    if trigger is None:
        return signals, step, None
    wanted = called_in(trigger, question)
    asked = await ask_person(services, store, call, published.config, wanted)
    return signals, step, wanted if asked else None
