"""The parts of a voice worker that need no room: errands, keys, what is carried on, when somebody speaks."""

import asyncio
import json
import time

import msgspec
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import llm

from shared.config.calls import Transfer
from shared.desk.calls.document import edit_call, find_call
from shared.domain.errors import Contested, Malformed, NotThere, Permanent, Transient
from shared.domain.handovers import Handover
from shared.domain.workers import Carried
from voice_service import rescue
from voice_service import transcript as transcripts
from voice_service.call_state import CallState
from voice_service.caller_voice import CallerVoice
from voice_service.carried import carried
from voice_service.comfort import RATE, chime, tune
from voice_service.keys import words_of
from voice_service.prices import MONEY
from voice_service.transcript import Transcript
from voice_service.transfer import briefing_of, numbers_for
from voice_service.whose_call import DIED, Errand, call_of, errand_of

SLOTS = (("S1", "Monday 9:00"), ("S2", "Monday 10:00"))


@pytest.mark.parametrize(
    ("metadata", "errand"),
    [
        ("", None),  # LiveKit's own rule sends nothing
        ('{"tenant":"acme","desk":"front"}', None),  # a room's own; its call comes by telephone
        ('{"tenant":"acme","desk":"front","call":"c1"}', Errand(tenant="acme", desk="front", call="c1")),
        (
            '{"tenant":"acme","desk":"front","call":"c1","why":"died"}',
            Errand(tenant="acme", desk="front", call="c1", why=DIED),
        ),
    ],
)
def test_an_errand_is_what_we_signed(metadata, errand):
    """A job's metadata names the call it is for, or none."""
    assert errand == errand_of(metadata)


@pytest.mark.parametrize("metadata", ["no json", "[]", '{"tenant":1}', "[" * 9000])
def test_what_is_no_errand_is_refused(metadata):
    """Metadata of another form is nobody's errand."""
    with pytest.raises(Malformed):
        errand_of(metadata)


async def test_an_errand_must_fit_the_call_it_names(line):
    """Tenant, desk, call and room must be the call's own, and the call under way."""
    call, services = line.call, line.front.services
    right = Errand(tenant="acme", desk="front", call=call.id)

    assert call.id == (await call_of(services, right, call.room)).call.id
    for wrong in (
        msgspec.structs.replace(right, tenant="other"),
        msgspec.structs.replace(right, desk="other"),
        msgspec.structs.replace(right, call="other"),
    ):
        with pytest.raises(NotThere):
            await call_of(services, wrong, call.room)
    with pytest.raises(NotThere):
        await call_of(services, right, "another room")


async def test_the_newer_job_has_the_call_and_the_older_writes_nothing(line):
    """Claimed again, the call's generation rises; the older job's changes are refused, and it knows."""
    services = line.front.services
    older = await CallState.claim(services, "acme", line.call, job="j1", worker="w1")
    newer = await CallState.claim(services, "acme", line.call, job="j2", worker="w2")
    older.change(stage="talking", agent="nobody")
    newer.change(stage="talking")
    newer.change(agent="desk")
    await asyncio.gather(older.settled(), newer.settled())
    found = await find_call(line.front.store, line.call.id)

    assert older.lost.is_set()
    assert not newer.lost.is_set()
    assert ("j2", "talking", "desk") == (found.job, found.stage, found.agent)
    assert 1 <= len(newer.sync_ms) <= 2


async def test_of_two_who_see_a_job_die_one_sends_another(line, monkeypatch):
    """The call's job is cleared in one commit: whoever clears it sends another job, once."""
    services, sent = line.front.services, []

    async def dispatch(_, carried, why):
        sent.append((carried.call, why))

    monkeypatch.setattr(rescue, "_dispatch", dispatch)
    await CallState.claim(services, "acme", line.call, job="j1", worker="w1")
    dead = Carried(tenant="acme", desk="front", call=line.call.id, room=line.call.room, job="j1")
    done = await asyncio.gather(*(rescue.rescue(services, dead) for _ in range(4)))

    assert [False, False, False, True] == sorted(done)
    assert [(line.call.id, DIED)] == sent


async def test_a_call_that_is_over_is_taken_by_nobody(line):
    """No job takes it, and none is sent to it."""
    services = line.front.services
    await edit_call(
        services, "acme", line.call.id, lambda call, _: msgspec.structs.replace(call, state="ended")
    )
    dead = Carried(tenant="acme", desk="front", call=line.call.id, room=line.call.room, job=line.call.job)

    assert not await rescue.rescue(services, dead)
    with pytest.raises(Contested):
        await CallState.claim(services, "acme", line.call, job="j", worker="w")


async def test_our_words_stand_after_the_callers_though_those_are_told_later(line):
    """A vendor tells the caller's last words after our answer began; in the transcript they come first."""

    async def judge() -> None:
        return

    transcript = Transcript(
        line.front.services,
        line.front.store,
        lambda: line.call,
        await line.front.running(),
        after_heard=judge,
    )
    transcript.caller_says("c1", "do you have", final=False)
    transcript.we_said("d1", "Yes, at nine.")
    transcript.caller_says("c1", "do you have a slot", final=True)
    transcript.caller_says("c1", "do you have a slot", final=True)
    await transcript.settled()
    said = [(one.author, one.content.text) for one in await line.messages()]

    assert [("customer", "do you have a slot"), ("desk", "Yes, at nine.")] == said


async def judged_by_nobody() -> None:
    """Nothing follows the caller's words."""


@pytest.fixture
async def transcript(line, monkeypatch):
    """The written side of the line's call, which is impatient."""
    for name, seconds in (("AGAIN", 0.01), ("AGAIN_AT_MOST", 0.05), ("PATIENCE", 0.5)):
        monkeypatch.setattr(transcripts, name, seconds)
    services, published = line.front.services, await line.front.running()
    return Transcript(services, line.front.store, lambda: line.call, published, after_heard=judged_by_nobody)


@pytest.mark.parametrize(
    ("failures", "error", "written", "lost"),
    [
        (9, Transient("busy"), 2, 0),  # it comes back: nothing is lost
        (10_000, Transient("busy"), 0, 2),  # it does not
        (1, Permanent("never"), 1, 1),  # it takes the others
    ],
)
async def test_words_that_the_store_does_not_take_are_offered_again_and_a_loss_is_counted(
    line, transcript, monkeypatch, failures, error, written, lost
):
    """As long as the call lasts and a moment longer; nobody waits longer for a store that is away."""
    heard, left = transcripts.heard, [failures]

    async def busy(*args, **more):
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return await heard(*args, **more)

    monkeypatch.setattr(transcripts, "heard", busy)
    for number in range(2):
        transcript.caller_says(f"c{number}", f"word {number}", final=True)
    await asyncio.wait_for(transcript.close(), 5)

    assert (written, lost) == (len(await line.messages()), transcript.lost)


@pytest.mark.parametrize(
    ("pressed", "choices", "words"),
    [
        ("2", (), "pressed 2"),
        ("2", SLOTS, "chose Monday 10:00 [S2]"),
        ("3", SLOTS, "pressed 3"),  # there is no third
        ("0", SLOTS, "pressed 0"),
        ("4930#", SLOTS, "pressed 4930#"),
    ],
)
def test_keys_are_words_or_a_choice(pressed, choices, words):
    """A number chooses of what was offered; everything else is told as it was pressed."""
    assert words == words_of(pressed, choices)


def test_a_new_connection_is_given_what_tools_answered_in_words():
    """A call of a tool and its answer become a note; the newest words fit, whatever the length."""
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="x" * 500)
    context.items.append(llm.FunctionCall(call_id="1", name="check_slots", arguments="{}"))
    context.items.append(
        llm.FunctionCallOutput(
            call_id="1", name="check_slots", output=json.dumps({"slots": []}), is_error=False
        )
    )
    context.add_message(role="assistant", content="There is none.")
    kept = carried(context, longest=200).items

    assert ["user", "assistant"] == [one.role for one in kept]
    assert 'check_slots was called with {} and answered: {"slots": []}' in kept[0].text_content


@pytest.mark.parametrize(
    ("words", "price"),
    [
        ("The blood test is ₹450.", True),
        ("It costs four hundred rupees.", True),
        ("That is twelve euros and fifty cents", True),
        ("यह पाँच सौ रुपये है।", True),
        ("It is at nine o'clock, on the fifth.", False),
        ("We compound medicines.", False),  # no pound
    ],
)
def test_a_sentence_that_tells_a_price_is_known_by_its_money(words, price):
    """Signs, codes and names of money make a price; numbers alone make none."""
    assert price == bool(MONEY.search(words))


@pytest.mark.parametrize(("sound", "longest"), [(chime(), 0.25), (tune(), 0.5)])
def test_sounds_of_comfort_are_soft_and_without_a_gap(sound, longest):
    """They are heard, quieter than speech, and never pause for long."""
    pieces = sound[: len(sound) // 240 * 240].reshape(-1, 240).astype(float)
    loud = np.sqrt((pieces**2).mean(axis=1)) > 100
    gaps = np.diff(np.flatnonzero(np.concatenate(([True], loud, [True]))))

    assert np.abs(sound).max() < 1500
    assert gaps.max() * 240 / RATE < longest


def test_the_caller_speaks_when_it_is_loud_for_as_long_as_a_word(monkeypatch):
    """A click is no word; words last until it was quiet for as long as ends a turn."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    voice = CallerVoice(silence=0.5)

    def hear(level, seconds):
        for _ in range(int(seconds / 0.05)):
            now[0] += 0.05
            samples = (np.ones(1200) * level).astype(np.int16)
            voice.hear(rtc.AudioFrame(samples.tobytes(), 24_000, 1, 1200))
        return voice.speaking

    assert not hear(0, 1.0)
    assert not hear(3000, 0.1)
    assert not hear(0, 1.0)
    assert hear(3000, 0.5)
    assert hear(0, 0.3)  # a breath
    assert not hear(0, 0.5)
    assert 0.5 == pytest.approx(voice.ended_at - voice.stopped_at)


def test_the_department_that_is_asked_for_is_rung_first():
    """Each telephone is rung once; the briefing says what it is about, and what to press."""
    rules = Transfer(numbers={"sales": "+4930111", "lab": "+4930222", "night": "+4930111"})
    handover = Handover(
        id="h",
        desk="front",
        conversation="c",
        customer="k",
        channel="room",
        asked_at="",
        summary="Wants a refund.",
    )

    assert ["+4930222", "+4930111"] == numbers_for(rules, ["lab"])
    assert "Wants a refund." in briefing_of(rules, handover)
    assert "Press 1" in briefing_of(rules, handover)
