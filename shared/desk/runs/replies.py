"""Whether a run takes a customer's message for itself, so that the desk does not answer it as well."""

from shared.desk.commit import Change, commit
from shared.desk.services import Services
from shared.desk.to_answer import to_answer
from shared.domain.content import Content
from shared.domain.conversation import Head
from shared.domain.events import RunDue
from shared.domain.runs import answers, ended_already, listens, read_run, run_path, took
from shared.domain.states import FROZEN
from shared.security.tenancy import TenantStore


async def taken_by_a_run(store: TenantStore, head: Head | None, content: Content) -> str:
    """The run of the conversation that waits for this very message, alone; empty where none does."""
    if head is None or not head.awaiting or head.state in FROZEN:
        return ""
    documents = await store.get_many([run_path(run) for run in head.awaiting])
    runs = [read_run(document.data) for document in documents if document]
    takers = (
        run.id
        for run in runs
        if listens(run)
        for wait in run.waits
        if wait.alone and answers(wait, content.text, content.choice) and not ended_already(run, wait)
    )
    return next(takers, "")


async def leave_to_desk(services: Services, store: TenantStore, due: RunDue) -> None:
    """Have the desk answer a message that was to be a run's alone, where it ended none of the run's waits.

    Done again, it changes nothing.
    """
    document = await store.get(run_path(due.run))
    run = read_run(document.data) if document else None
    published = await services.versions.published(run.desk) if run else None
    if run is None or published is None or took(run, due.conversation, due.seq):
        return
    conversation, now = due.conversation or run.conversation, services.ports.clock.now()

    def decide(head: Head | None, _: int) -> Change | None:
        if head is None or head.pending >= due.seq:
            return None
        new, intents = to_answer(
            published.config, store.tenant, conversation, head, seq=due.seq, due=now, now=now
        )
        return Change(head=new, intents=intents)

    await commit(services.ports, store, conversation, decide)
