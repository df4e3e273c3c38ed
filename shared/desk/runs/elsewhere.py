"""Finds the run whose question a message answers that was asked in another conversation, or from there."""

from dataclasses import dataclass

import msgspec

from shared.desk.commit import read_message
from shared.desk.runs.alarms import due_now
from shared.domain.content import Content
from shared.domain.conversation import Head, Message
from shared.domain.outreach import Outreach, outreach_path
from shared.domain.runs import OpenWait, answers, ended_already, listens, read_run, run_path
from shared.domain.states import FROZEN
from shared.outbox import Publication
from shared.ports import Query
from shared.security.tenancy import TenantStore

_BACK = 20
"""Messages of the conversation that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A run that a message of another conversation than its own is told to, and the wait it ends."""

    run: str
    wait: OpenWait
    alone: bool  # the desk does not answer it as well

    def told(self, tenant: str, conversation: str, seq: int) -> Publication:
        """The fact that the message was written."""
        return due_now(
            tenant,
            self.run,
            nth=self.wait.nth,
            node=self.wait.node,
            seq=seq,
            alone=self.alone,
            conversation=conversation,
        )


async def asked_elsewhere(
    store: TenantStore,
    desk: str,
    conversation: str,
    head: Head | None,
    *,
    awaiting: tuple[str, ...],
    content: Content,
) -> Elsewhere | None:
    """The one run of the customer, of those `awaiting` their words, that a message is the answer to.

    Where the run said its question here, any words that end its wait do. Else only where the wait hears the
    customer anywhere, and nothing was said here since it began: what they write is to that. Of several, the
    one that asked last; none where a run of the conversation takes the message, or a colleague has it.
    """
    own = head.awaiting if head else ()
    others = [run for run in awaiting if run not in own]
    if not others or (head and (head.answering or head.state in FROZEN)):
        return None
    documents = await store.get_many([run_path(run) for run in (*own, *others)])
    runs = [read_run(document.data) for document in documents if document]
    waits = {
        run.id: [
            wait
            for wait in run.waits
            if answers(wait, content.text, content.choice) and not ended_already(run, wait)
        ]
        for run in runs
        if listens(run) and run.desk == desk and not run.turn
    }
    if any(waits.get(run) for run in own):
        return None
    said = await _said(store, conversation) if head and any(waits.values()) else []
    asked_here = await _runs_of(store, said)
    found = [
        Elsewhere(run, wait, alone=wait.alone and here)
        for run, those in waits.items()
        for wait in those
        for since in [[one for one in said if one.at >= wait.at]]
        for here in [any(asked_here.get(one.outreach) == run for one in since)]
        if here or (wait.anywhere and not since)
    ]
    return max(found, key=lambda one: one.wait.at, default=None)


async def _said(store: TenantStore, conversation: str) -> list[Message]:
    """What was last said in a conversation by others than the customer."""
    query = Query(order=("-seq",), limit=_BACK)
    page = await store.query(f"conversations/{conversation}/messages", query)
    messages = [read_message(document) for document in page.documents]
    return [one for one in messages if one.author != "customer"]


async def _runs_of(store: TenantStore, said: list[Message]) -> dict[str, str]:
    """Which run said it, by outreach."""
    ids = sorted({one.outreach for one in said if one.outreach})
    documents = await store.get_many([outreach_path(one) for one in ids]) if ids else []
    known = [msgspec.convert(document.data, Outreach) for document in documents if document]
    return {one.id: one.run for one in known}
