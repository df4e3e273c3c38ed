"""What a desk's questions came to: how many were asked and answered, their marks, and the newest words."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from shared.config.behavior import Question
from shared.config.schema import DeskConfig
from shared.desk.outreach.heard import marks
from shared.domain.outreach import Outreach
from shared.domain.surveys import SurveyAnswer
from shared.ports import Document, Query, Where
from shared.security.tenancy import TenantStore

MOST = 1000
"""Of what was asked, and of the answers, the newest that are looked at."""
NEWEST = 5
_PAGE = 200
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFigures:
    """One question, and what it came to."""

    id: str
    text: str
    trigger: str
    type: str
    asked: int
    answered: int
    mean: float | None  # of marks
    spread: tuple[tuple[str, int], ...]  # answers to choose from, in the file's order, and how often
    newest: tuple[SurveyAnswer, ...]
    gone: bool = False  # the file has it no more


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """A desk's questions in its file's order, those that left it last; `more` where not all was counted."""

    questions: tuple[QuestionFigures, ...]
    more: bool = False


async def survey_figures(store: TenantStore, config: DeskConfig) -> SurveyFigures:
    """What was asked and said, as far as it is kept; of each the newest thousand."""
    desk = Where("desk", "==", config.desk.id)
    said, more_said = await _all(
        store, "survey_answers", Query((desk,), ("-at",)), lambda one: msgspec.convert(one.data, SurveyAnswer)
    )
    own = config.behavior.surveys.questions
    triggers = sorted({one.trigger for one in own} | {one.trigger for one in said})
    asked, more = Counter[tuple[str, str]](), more_said
    for trigger in triggers:
        purpose = Where("purpose", "==", f"survey {trigger}")
        sent, many = await _all(store, "outreach", Query((desk, purpose), ("-due",)), _asked)
        asked.update(one for one in sent if one)
        more = more or many
    known = {(one.trigger, one.id) for one in own}
    left = dict.fromkeys(
        (one.trigger, one.question) for one in said if (one.trigger, one.question) not in known
    )
    return SurveyFigures(
        questions=(
            *(_figures(one, _to(said, one.trigger, one.id), asked[one.trigger, one.id]) for one in own),
            *(_gone(_to(said, *one), asked[one]) for one in left),
        ),
        more=more,
    )


def _to(said: Sequence[SurveyAnswer], trigger: str, question: str) -> list[SurveyAnswer]:
    return [one for one in said if (one.trigger, one.question) == (trigger, question)]


def _asked(document: Document) -> tuple[str, str] | None:
    """Which question went out; None for one that never did."""
    known = msgspec.convert(document.data, Outreach)
    return (known.asks.trigger, known.asks.question) if known.asks and known.state == "sent" else None


def _figures(question: Question, said: Sequence[SurveyAnswer], asked: int) -> QuestionFigures:
    given = [one.mark for one in said if one.mark is not None]
    counted = Counter(one.answer for one in said)
    offered = [*map(str, marks(question)), *question.options]
    chosen = dict.fromkeys((*offered, *counted)) if offered else {}
    return QuestionFigures(
        id=question.id,
        text=question.text,
        trigger=question.trigger,
        type=question.type,
        asked=max(asked, len(said)),
        answered=len(said),
        mean=sum(given) / len(given) if given else None,
        spread=tuple((one, counted[one]) for one in chosen),
        newest=tuple(said[:NEWEST]),
    )


def _gone(said: Sequence[SurveyAnswer], asked: int) -> QuestionFigures:
    """A question that left the file: it is told by the words in which it was asked last."""
    last = said[0]
    question = Question(id=last.question, text=last.asked, trigger=last.trigger)
    return replace(_figures(question, said, asked), gone=True)


async def _all(
    store: TenantStore, collection: str, query: Query, read: Callable[[Document], _Kept]
) -> tuple[list[_Kept], bool]:
    """The first thousand a query finds, and whether there are more."""
    found: list[_Kept] = []
    cursor: str | None = None
    while len(found) < MOST:
        page = await store.query(collection, Query(query.where, query.order, _PAGE, cursor))
        found += map(read, page.documents)
        cursor = page.cursor
        if cursor is None:
            return found, False
    return found, True
