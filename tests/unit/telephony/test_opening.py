"""The opening of a call: lines that must be heard are said again, and no recording begins unannounced."""

import pytest

from tests.unit.telephony.carried import carried
from voice_service.course import AGAIN
from voice_service.whose_call import DIED

LINE, ANNOUNCED = "Our terms hold for this call.", "We record this call."
RULES = {
    "uninterruptible": {"legal": [LINE]},
    "recording": {"enabled": True, "consent": "announce", "words": ANNOUNCED},
}


@pytest.fixture
def opens(line, monkeypatch):
    """Opens a call whose mouth says each line as the test wants; what was tried, and whether it records."""

    async def opened(*outcomes, frozen=False, why="", before=False):
        course = await carried(line, **RULES)
        talk, left, tried = course.talk, list(outcomes), []

        async def say_whole(words):
            tried.append(words)
            talk.frozen = frozen
            return left.pop(0)

        async def nothing(*_):
            pass

        async def begin():
            talk.state.change(recording="running")

        monkeypatch.setattr(talk.speaking, "say_whole", say_whole)
        monkeypatch.setattr(talk.speaking, "silence", nothing)
        monkeypatch.setattr(talk.recorder, "begin", begin)
        monkeypatch.setattr(course, "_greet", lambda _: tried.append("greeting"))
        monkeypatch.setattr(talk.speaking, "ask", tried.append)
        talk.told = await talk.instruct()
        talk.frozen = before
        await course._open(why)
        await talk.state.settled()
        return tried, await line.call()

    return opened


async def test_lines_that_were_said_are_said_once_and_the_recording_begins(opens):
    """The legal line, then the announcement, then the greeting."""
    tried, call = await opens(True, True)

    assert [LINE, ANNOUNCED, "greeting"] == tried
    assert ("running", ()) == (call.recording, call.unsaid)


async def test_a_line_that_could_not_be_said_is_said_once_more(opens):
    """A voice that failed for a moment costs nobody the line, nor the recording."""
    tried, call = await opens(False, True, False, True)

    assert [LINE, LINE, ANNOUNCED, ANNOUNCED, "greeting"] == tried
    assert ("running", ()) == (call.recording, call.unsaid)


async def test_without_the_announcement_nothing_is_recorded(opens):
    """Nobody is recorded who was not told; the call goes on, and says which line was not heard."""
    tried, call = await opens(True, False, False)

    assert [LINE, ANNOUNCED, ANNOUNCED, "greeting"] == tried
    assert ("", (ANNOUNCED,)) == (call.recording, call.unsaid)


async def test_a_legal_line_that_was_never_said_stands_with_the_call(opens, caplog):
    """The caller is not hung up on for it, and whoever runs the desk can see it."""
    tried, call = await opens(False, False, True)

    assert [LINE, LINE, ANNOUNCED, "greeting"] == tried
    assert (LINE,) == call.unsaid
    assert "call.line_not_said" in [record.message for record in caplog.records]


async def test_a_line_that_a_colleague_cut_off_is_not_said_into_their_words(opens):
    """Whoever took the call is not talked over; the line counts as not said, and nothing is recorded."""
    tried, call = await opens(False, False, frozen=True)

    assert [LINE, ANNOUNCED] == tried
    assert ("", (LINE, ANNOUNCED)) == (call.recording, call.unsaid)


async def test_another_job_says_that_it_goes_on_unless_a_colleague_has_the_call(opens):
    """What a job that died left to a person stays theirs."""
    spoken, _ = await opens(why=DIED)
    silent, _ = await opens(why=DIED, before=True)

    assert [AGAIN[DIED]] == spoken
    assert [] == silent
