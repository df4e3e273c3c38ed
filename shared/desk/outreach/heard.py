"""Hears what is an answer to the question that stands open, and what is something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.config.behavior import Question
from shared.config.schema import DeskConfig
from shared.desk.commit import as_data
from shared.domain.conversation import Head
from shared.domain.events import Happened, MessageReceived
from shared.domain.identity import digest
from shared.domain.instants import instant, stamp
from shared.domain.outreach import Outreach, outreach_path
from shared.domain.surveys import SurveyAnswer, answer_path
from shared.models.offline.hearing import hear
from shared.outbox import Intent, Publication
from shared.ports import Put, Write
from shared.security.tenancy import TenantStore

ANSWERED = "survey.answered"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and whether the message was that and nothing else."""

    answer: SurveyAnswer
    whole: bool

    def put(self) -> Put:
        """The write that keeps it."""
        return Put(answer_path(self.answer.id), as_data(self.answer), expires=instant(self.answer.until))

    def told(self, tenant: str) -> Publication:
        """The fact, upon which the next question follows; it holds no words of theirs."""
        known = self.answer
        data: dict[str, object] = {
            "desk": known.desk,
            "customer": known.customer,
            "trigger": known.trigger,
            "about": known.about,
            "question": known.question,
            "mark": known.mark,
        }
        name = digest(ANSWERED, known.id)
        told = Happened(
            event_id=name,
            tenant=tenant,
            what=ANSWERED,
            at=known.at,
            conversation=known.conversation,
            data=data,
        )
        return Publication.of(told)


def questions_of(config: DeskConfig, trigger: str) -> tuple[Question, ...]:
    """What is asked after something, in the file's order."""
    surveys = config.behavior.surveys
    return tuple(one for one in surveys.questions if surveys.enabled and one.trigger == trigger)


async def answer_to(  # noqa: PLR0917 - all that it is judged by
    store: TenantStore,
    config: DeskConfig,
    conversation: str,
    head: Head | None,
    event: MessageReceived,
    now: datetime,
) -> Heard | None:
    """The answer in a message to the question that stands open in its conversation; None where it is none."""
    if head is None or not head.asked:
        return None
    document = await store.get(outreach_path(head.asked))
    known = msgspec.convert(document.data, Outreach) if document else None
    if known is None or known.asks is None:
        return None
    question = next(
        (one for one in questions_of(config, known.asks.trigger) if one.id == known.asks.question), None
    )
    said = answer_in(question, event) if question else None
    written = instant(event.at) if event.at else now
    late = written > instant(known.ended_at) + timedelta(seconds=config.behavior.surveys.answer_within)
    if question is None or said is None or (late and not tapped(question, event)):
        return None
    answer = SurveyAnswer(
        id=known.id,
        desk=known.desk,
        customer=known.customer,
        conversation=conversation,
        trigger=known.asks.trigger,
        about=known.asks.about,
        question=question.id,
        asked=question.text,
        answer=said,
        mark=int(said) if marks(question) else None,
        at=stamp(now),
        until=known.until,
    )
    return Heard(answer, whole=question.type != "text")


def taken(answer: Heard | None, head: Head, tenant: str) -> tuple[Sequence[Write], Sequence[Intent], bool]:
    """What keeps an answer, what tells of it, and whether the message was nothing else; nothing for none."""
    if answer is None or head.asked != answer.answer.id:
        return (), (), False
    return (answer.put(),), (answer.told(tenant),), answer.whole


def answer_in(question: Question, event: MessageReceived) -> str | None:
    """What a message answers to a question; None where it speaks of something else."""
    text = event.content.text.strip()
    scale = marks(question)
    options = tuple(map(str, scale)) if scale else question.options
    chosen = tapped(question, event)
    if chosen.isdecimal() and int(chosen) < len(options):
        return options[int(chosen)]
    if question.type == "text":
        return None if asks(text) or event.content.choice else text[:1000] or None
    same = next((one for one in options if one.casefold() == text.casefold()), None)
    if same is None and not scale and text.isdecimal() and 1 <= int(text[:3]) <= len(options):
        return options[int(text[:3]) - 1]
    return same


def tapped(question: Question, event: MessageReceived) -> str:
    """The place of the answer whose button was tapped; empty where none of this question's was."""
    return (event.content.choice or "").partition(f"survey:{question.id}:")[2]


def asks(text: str) -> bool:
    """Whether words plainly ask for something, and so answer no free question."""
    return any(mark in text for mark in "?？؟") or hear(text).does("human", "callback", "unbook", "rebook")


def marks(question: Question) -> range:
    """The marks of a rating, lowest to highest; none of other questions."""
    if question.type != "rating":
        return range(0)
    lowest, _, highest = (question.scale or "1-5").partition("-")
    return range(int(lowest), int(highest) + 1)
