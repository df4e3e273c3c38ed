"""Recordings: kept where the caller agreed, and nothing of it once they take that back."""

import json
from pathlib import Path

import pytest

from shared.domain.errors import Transient
from tests.unit.telephony.carried import carried
from voice_service import recording
from voice_service.call_state import CallState
from voice_service.recording import Recorder, blob_of

SOUND = b"OggS of a call"


class Tape:
    """Stands in for LiveKit's recorder: it writes a file between its start and its end."""

    def __init__(self):
        self.path = None
        self.runs = False

    async def start(self, *, output_path):
        self.path, self.runs = Path(output_path), True
        self.path.write_bytes(SOUND)

    async def aclose(self):
        self.runs = False


class BusyStore:
    """A tenant's store whose first commits fail."""

    def __init__(self, store, *, times):
        self.tenant, self._store, self._left = store.tenant, store, times

    async def commit(self, writes):
        if self._left:
            self._left -= 1
            raise Transient("the store is busy; try again")
        await self._store.commit(writes)


@pytest.fixture
async def recorder(line, monkeypatch):
    """The recorder of a call whose caller is asked; nobody waits before something is tried again."""
    monkeypatch.setattr(recording, "KEPT_AFTER", (0, 0, 0))
    course = await carried(line, recording={"enabled": True, "consent": "ask"})
    made = course.talk.recorder
    made._io = Tape()
    return made


async def answers(recorder, *, agreed):
    """A model tells what the caller said; what it is told."""
    return json.loads(await recorder.consent()(raw_arguments={"agreed": agreed}))


def fails(patch, line, verb, *, times):
    """A verb of the files fails for now, so many times."""
    truly, left = getattr(line.services.ports.blobs, verb), [times]

    async def failing(*given):
        if left[0]:
            left[0] -= 1
            raise Transient("the files are out of reach; try again")
        return await truly(*given)

    patch.setattr(line.services.ports.blobs, verb, failing)


async def claimed(line):
    """The recorder of another job that takes the call."""
    state = await CallState.claim(line.services, "acme", await line.call(), job="AJ_2", worker="w2")
    published = await line.running()
    return Recorder(None, line.services, line.store, state, published.config)


async def test_a_yes_is_recorded_and_kept_with_the_call(line, recorder):
    """The call names the file."""
    told = await answers(recorder, agreed=True)
    await recorder.keep()
    await recorder._state.settled()
    call = await line.call()

    assert {"recorded": True} == told
    assert ("kept", (blob_of("acme", call),)) == (call.recording, call.blobs)
    assert SOUND == (await line.services.ports.blobs.get(call.blobs[0]))[0]


async def test_who_takes_back_their_yes_is_recorded_no_more(line, recorder):
    """The writing ends at once, what was written is deleted, and nothing is kept at the end."""
    await answers(recorder, agreed=True)
    written = recorder._io.path
    told = await answers(recorder, agreed=False)
    runs, there = recorder._io.runs, written.exists()
    await recorder.keep()
    await recorder._state.settled()
    call = await line.call()

    assert {"recorded": False} == told
    assert (False, False) == (runs, there)
    assert ("refused", ()) == (call.recording, call.blobs)
    assert await line.services.ports.blobs.get(blob_of("acme", call)) is None


async def test_what_a_job_before_kept_goes_with_a_yes_that_is_taken_back(line, recorder):
    """A call that moved has a file of each job; a no means all of them."""
    await answers(recorder, agreed=True)
    await recorder.keep()
    (before,) = (await line.call()).blobs
    later = await claimed(line)
    await answers(later, agreed=False)
    await later._state.settled()
    call = await line.call()

    assert ("refused", ()) == (call.recording, call.blobs)
    assert await line.services.ports.blobs.get(before) is None


async def test_a_job_that_lost_its_call_keeps_nothing_after_a_no_to_the_next(line, recorder):
    """It writes its file late; by then the caller has said no."""
    await answers(recorder, agreed=True)
    later = await claimed(line)
    await answers(later, agreed=False)
    await later._state.settled()
    await recorder.keep()
    call = await line.call()

    assert ("refused", ()) == (call.recording, call.blobs)
    assert await line.services.ports.blobs.get(blob_of("acme", recorder._state.call)) is None


async def test_a_file_that_could_not_be_removed_at_once_is_removed_at_the_end(line, recorder, monkeypatch):
    """Where the files are out of reach the caller's no still counts."""
    await answers(recorder, agreed=True)
    await recorder.keep()
    (before,) = (await line.call()).blobs
    later = await claimed(line)
    with monkeypatch.context() as away:
        fails(away, line, "delete", times=1)
        told = await answers(later, agreed=False)
    still_there = await line.services.ports.blobs.get(before)
    await later.keep()

    assert {"recorded": False} == told
    assert still_there
    assert await line.services.ports.blobs.get(before) is None


async def test_who_says_yes_after_a_no_is_recorded_from_then_on(line, recorder):
    """The last word counts."""
    for agreed in (True, False, True):
        await answers(recorder, agreed=agreed)
    await recorder.keep()
    await recorder._state.settled()

    assert "kept" == (await line.call()).recording


@pytest.mark.parametrize("verb", ["commit", "put"])
async def test_a_recording_is_kept_though_the_store_was_busy_at_the_end(line, recorder, monkeypatch, verb):
    """It is offered again, as the end of the call is; the sound waits in its folder."""
    await answers(recorder, agreed=True)
    if verb == "put":
        fails(monkeypatch, line, "put", times=2)
    else:
        monkeypatch.setattr(recorder, "_store", BusyStore(line.store, times=2))
    await recorder.keep()
    await recorder._state.settled()
    call = await line.call()

    assert "kept" == call.recording
    assert SOUND == (await line.services.ports.blobs.get(call.blobs[0]))[0]


async def test_a_recording_the_store_never_takes_is_told_of_and_its_sound_goes(
    line, recorder, monkeypatch, caplog
):
    """A folder with somebody's voice is not left behind; the log says what was lost."""
    await answers(recorder, agreed=True)
    fails(monkeypatch, line, "put", times=100)
    await recorder.keep()

    assert "call.recording_lost" in [record.message for record in caplog.records]
    assert not recorder._io.path.exists()
    assert () == (await line.call()).blobs


async def test_parts_of_a_talk_are_closed_whatever_becomes_of_its_recording(line, monkeypatch):
    """A recorder that breaks leaves no speech uncounted."""
    talk = (await carried(line, recording={"enabled": True, "consent": "ask"})).talk
    closed = []

    async def breaks():
        raise OSError("no room on the disk")

    async def close():
        closed.append("figures")

    monkeypatch.setattr(talk.recorder, "keep", breaks)
    monkeypatch.setattr(talk.means.figures, "close", close)
    with pytest.raises(OSError, match="disk"):
        await talk.close()

    assert ["figures"] == closed


async def test_a_recording_is_kept_whatever_becomes_of_the_other_parts(line, monkeypatch):
    """A voice that cannot be closed costs nobody the sound."""
    talk = (await carried(line, recording={"enabled": True, "consent": "ask"})).talk
    kept = []

    async def breaks():
        raise OSError("gone already")

    async def keep():
        kept.append("sound")

    monkeypatch.setattr(talk.recorder, "keep", keep)
    monkeypatch.setattr(talk.means.figures, "close", breaks)
    with pytest.raises(OSError, match="gone"):
        await talk.close()

    assert ["sound"] == kept
