"""What a desk's questions came to: how many were asked, how many answered, and what they said."""

from typing import Any

import msgspec

from shared.desk.outreach.answers import answers
from shared.desk.outreach.survey_figures import SurveyFigures, survey_figures
from shared.domain.outreach import Asked, Outreach, Saying
from shared.domain.surveys import SurveyAnswer
from shared.ports import Put
from tests.unit.outreach.conftest import Speaking

QUESTIONS = [
    {"id": "mark", "text": "How was it?", "type": "rating", "scale": "1-5"},
    {
        "id": "source",
        "text": "How did you find us?",
        "type": "multiple_choice",
        "options": ["A friend", "Google"],
        "trigger": "post_booking",
    },
    {"id": "more", "text": "What else?", "trigger": "post_booking"},
]


async def asked(front: Speaking, question: str, trigger: str, *said: str | None, state: str = "sent") -> None:
    """The question went to so many customers, each of whom said this, or nothing."""
    puts = []
    for n, one in enumerate(said):
        at = f"2026-11-20T10:{n:02d}:00.000000Z"
        what: dict[str, Any] = {"until": "2027-01-01T00:00:00.000000Z", "desk": "front"}
        id_ = f"{question}-{state}-{n}"
        made = Outreach(
            id=id_,
            purpose=f"survey {trigger}",
            occasion=str(n),
            saying=Saying(text="?"),
            asks=Asked(question=question, trigger=trigger, about="b"),
            since=at,
            due=at,
            give_up=at,
            created_at=at,
            state=state,  # type: ignore[arg-type]
            **what,
        )
        puts.append(Put(f"outreach/{id_}", msgspec.to_builtins(made)))
        if one is not None:
            answer = SurveyAnswer(
                id=id_,
                customer=f"c{n}",
                conversation=f"talk{n}",
                trigger=trigger,
                about="b",
                question=question,
                asked="?",
                answer=one,
                mark=int(one) if one.isdecimal() else None,
                at=at,
                **what,
            )
            puts.append(Put(f"survey_answers/{id_}", msgspec.to_builtins(answer)))
    await front.store.commit(puts)


async def figures(front: Speaking) -> SurveyFigures:
    """What the desk's questions came to."""
    return await survey_figures(front.store, (await front.running()).config)


async def test_each_question_tells_how_many_answered_and_what(front: Speaking) -> None:
    """Marks have a mean and all marks of their scale; choices all their options; words the newest of them."""
    await front.publish(behavior={"surveys": {"questions": QUESTIONS}})
    await asked(front, "mark", "post_service", "5", "4", None, "5")
    await asked(front, "source", "post_booking", "Google", None)
    await asked(front, "more", "post_booking", "Open on Sundays", "Nothing", None)
    await asked(front, "mark", "post_service", None, None, state="refused")
    mark, source, more = (await figures(front)).questions

    assert ("mark", 4, 3, 14 / 3) == (mark.id, mark.asked, mark.answered, mark.mean)
    assert (("1", 0), ("2", 0), ("3", 0), ("4", 1), ("5", 2)) == mark.spread
    assert ("source", 2, 1, None) == (source.id, source.asked, source.answered, source.mean)
    assert (("A friend", 0), ("Google", 1)) == source.spread
    assert ((), ["Nothing", "Open on Sundays"]) == (more.spread, [one.answer for one in more.newest])
    assert "talk1" == more.newest[0].conversation


async def test_a_question_nobody_was_asked_stands_with_nothing(front: Speaking) -> None:
    """A desk that has just begun shows its questions, and makes nothing up."""
    await front.publish(behavior={"surveys": {"questions": QUESTIONS}})
    found = await figures(front)

    assert [(0, 0, None)] * 3 == [(one.asked, one.answered, one.mean) for one in found.questions]
    assert not found.more


async def test_answers_to_a_question_that_left_the_file_are_still_told(front: Speaking) -> None:
    """What customers said stays as long as its retention; an option that is gone is counted by its words."""
    await front.publish(behavior={"surveys": {"questions": QUESTIONS[1:2]}})
    await asked(front, "source", "post_booking", "A poster")
    await asked(front, "old", "post_service", "Fine")
    source, old = (await figures(front)).questions

    assert (("A friend", 0), ("Google", 0), ("A poster", 1)) == source.spread
    assert ("old", "?", 1, True) == (old.id, old.text, old.answered, old.gone)


async def test_answers_are_listed_by_question(front: Speaking) -> None:
    """All that was said to one question, the newest first."""
    await asked(front, "mark", "post_service", "5", "4")
    await asked(front, "more", "post_booking", "Nothing")
    page = await answers(front.store, desk="front", question="mark")

    assert ["4", "5"] == [one.answer for one in page.items]
