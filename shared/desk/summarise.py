"""Keeps a running summary of what has left a conversation's window, so that nothing long ago is lost."""

import logging
from collections.abc import Sequence

from shared.desk.commit import message_path, read_message
from shared.desk.question import Question
from shared.desk.retention import messages_until
from shared.desk.services import Services
from shared.desk.transcript import due_for_summary, readable, summary_path
from shared.domain.conversation import Message
from shared.domain.errors import FrontdeskError
from shared.domain.instants import instant
from shared.models.chat_model import Turn
from shared.models.summary import read_summary, summary_request
from shared.ports import Put
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)

MOST_AGAIN = 500
"""Messages before the window that are read again where the summary of them had to go."""


async def summarise_if_due(services: Services, store: TenantStore, question: Question) -> None:
    """Fold the messages beyond the window into the summary, once there are enough of them.

    A failure leaves them in the window: the next turn tries again. The summary goes with the oldest words
    in it, and counts for nothing once words it may have read are changed.
    """
    transcript = question.transcript
    due = due_for_summary(transcript, question.config)
    if not due:
        return
    messages = [*await _before(store, question), *due]
    try:
        former = transcript.summary
        request = summary_request(former, _turns(messages), briefing=question.request.briefing)
        text = read_summary(await services.models.route("fast").answer(request), former=former)
    except FrontdeskError as error:
        log.warning("summary.put_off", extra={"family": type(error).__name__})
        return
    since = transcript.since or min(message.at for message in messages)
    upto = max(message.seq for message in due)
    data: dict[str, object] = {"shape": 1, "text": text, "upto": upto, "since": since, "rev": transcript.rev}
    expires = messages_until(question.config, instant(since))
    await store.commit([Put(summary_path(question.conversation), data, expires=expires)])


async def _before(store: TenantStore, question: Question) -> list[Message]:
    """The messages between the summary and what the turn read: none, but where the summary had to go."""
    first = min(message.seq for message in question.transcript.messages)
    seqs = range(max(question.transcript.summarised_to + 1, first - MOST_AGAIN), first)
    paths = [message_path(question.conversation, seq) for seq in seqs]
    found = await store.get_many(paths) if paths else []
    return [read_message(document) for document in found if document]


def _turns(messages: Sequence[Message]) -> tuple[Turn, ...]:
    return tuple(
        Turn(role="customer" if message.author == "customer" else "desk", text=readable(message.content))
        for message in messages
        if not message.withdrawn
    )
