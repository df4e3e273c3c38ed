"""What customers answered when they were asked, as a list."""

from dataclasses import dataclass

import msgspec

from shared.domain.surveys import SurveyAnswer
from shared.ports import Query, Where
from shared.security.tenancy import TenantStore

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One page, the newest first; `cursor` is None where nothing follows."""

    items: tuple[SurveyAnswer, ...]
    cursor: str | None = None


async def answers(
    store: TenantStore,
    *,
    desk: str | None = None,
    question: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Answers:
    """A tenant's answers, those of one desk or of all, to one question or to any."""
    asked = {"desk": desk, "question": question}
    where = tuple(Where(field, "==", value) for field, value in asked.items() if value)
    page = await store.query("survey_answers", Query(where, ("-at",), min(limit, MOST), cursor))
    items = tuple(msgspec.convert(one.data, SurveyAnswer) for one in page.documents)
    return Answers(items=items, cursor=page.cursor)
