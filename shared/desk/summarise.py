"""Keeps a running summary of what has left a conversation's window, so that nothing long ago is lost."""

import logging

from shared.desk.question import Question
from shared.desk.services import Services
from shared.desk.transcript import due_for_summary, readable, summary_path
from shared.domain.errors import FrontdeskError
from shared.models.chat_model import Turn
from shared.models.summary import read_summary, summary_request
from shared.ports import Put
from shared.security.tenancy import TenantStore

log = logging.getLogger(__name__)


async def summarise_if_due(services: Services, store: TenantStore, question: Question) -> None:
    """Fold the messages beyond the window into the summary, once there are enough of them.

    A failure leaves them in the window: the next turn tries again.
    """
    messages = due_for_summary(question.transcript, question.config)
    if not messages:
        return
    turns = tuple(
        Turn(role="customer" if message.author == "customer" else "desk", text=readable(message.content))
        for message in messages
        if not message.withdrawn
    )
    try:
        former = question.transcript.summary
        request = summary_request(former, turns, briefing=question.request.briefing)
        text = read_summary(await services.models.route("fast").answer(request), former=former)
    except FrontdeskError as error:
        log.warning("summary.put_off", extra={"family": type(error).__name__})
        return
    data: dict[str, object] = {"shape": 1, "text": text, "upto": messages[-1].seq}
    await store.commit([Put(summary_path(question.conversation), data)])
