"""The running summary holds what has left the window, and nothing that was taken back or has gone."""

import pytest

from shared.desk.reports import record_change
from shared.desk.transcript import read_transcript
from shared.domain.content import Content
from shared.domain.events import MessageChanged, Sender
from shared.domain.instants import stamp
from shared.models.chat_model import Answer, Request
from shared.models.offline.model import OfflineModel
from tests.unit.desk.front import Front


@pytest.fixture
async def long(front: Front) -> Front:
    """A talk so long that its first words are in the summary alone."""
    await front.publish(behavior={"history_messages": 2}, privacy={"retention_days": 30})
    await front.ask("My dog is called Rex")
    await front.ask("My cat is called Tom")
    await go_on(front, times=6)
    assert "Rex" in await summary(front)
    assert "Tom" in await summary(front)
    return front


async def go_on(front: Front, *, times: int) -> None:
    for _ in range(times):
        await front.ask("When are you open?")


async def summary(front: Front) -> str:
    """What the next turn is told of before."""
    head = await front.head()
    config = (await front.running()).config
    return (await read_transcript(front.store, front.conversation, head, config, head.last)).summary


async def change(front: Front, name: str, content: Content | None = None) -> None:
    """The customer edits a message, or takes it back."""
    event = MessageChanged(
        event_id=f"change-{name}",
        channel="webchat",
        account="front",
        sender=Sender(id=front.customer),
        message_id=name,
        change="edited" if content else "withdrawn",
        at=stamp(front.clock.now()),
        content=content,
    )
    await record_change(front.services, event)


async def test_withdrawn_words_leave_the_summary_at_once_and_it_is_made_anew_without_them(
    long: Front,
) -> None:
    """The next turn is told nothing of them, and folds all the rest together again."""
    await change(long, "m1")
    assert "Rex" not in await summary(long)

    await go_on(long, times=1)

    assert "Rex" not in await summary(long)
    assert "Tom" in await summary(long)


async def test_edited_words_take_the_place_of_the_old_ones_in_the_summary(long: Front) -> None:
    """What was corrected is remembered as corrected."""
    await change(long, "m1", Content(text="My dog is called Max"))
    await go_on(long, times=1)

    assert "Rex" not in await summary(long)
    assert "Max" in await summary(long)


async def test_a_summary_goes_with_the_oldest_words_in_it(long: Front) -> None:
    """Days later it is made anew of those that are still kept."""
    long.clock.move(days=20)
    await long.ask("My bird is called Joe")
    await go_on(long, times=6)
    assert "Rex" in await summary(long)
    assert "Joe" in await summary(long)

    long.clock.move(days=10)
    assert "" == await summary(long)
    await go_on(long, times=1)

    assert "Rex" not in await summary(long)
    assert "Joe" in await summary(long)


async def test_words_withdrawn_while_they_are_being_summarised_do_not_stay(long: Front, monkeypatch) -> None:
    """A summary made of words as they were a moment ago counts for nothing."""
    await change(long, "m2")
    asking = OfflineModel.answer

    async def taken_back_meanwhile(self: OfflineModel, request: Request) -> Answer:
        if request.schema and request.schema["title"] == "Summary":
            await change(long, "m1")
        return await asking(self, request)

    monkeypatch.setattr(OfflineModel, "answer", taken_back_meanwhile)
    await go_on(long, times=1)

    assert "" == await summary(long)
    await go_on(long, times=1)
    assert "Rex" not in await summary(long)
    assert "open" in await summary(long)
