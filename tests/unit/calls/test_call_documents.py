"""A call's life in documents: begun once, written down once, carried by one job, ended once."""

import msgspec
import pytest

from shared.desk.calls.acting import act_on_call
from shared.desk.calls.begin import Ringing, begin
from shared.desk.calls.document import edit_call, tier_write, transition_write
from shared.desk.calls.end import end
from shared.desk.calls.judging import judge_last_words
from shared.desk.calls.spoken import heard, said
from shared.desk.take import take
from shared.domain.callbacks import Callback
from shared.domain.calls import AgentTransition, Figures, TierChange
from shared.domain.colleagues import Actor
from shared.domain.errors import Contested, Permanent, Transient
from shared.domain.receipts import Step
from shared.ports import Query
from tests.unit.calls.line import VOICE, Line, ring
from tests.unit.calls.scripted import ScriptedModel, call

PRIYA = Actor(id="priya", name="Priya")


async def test_a_call_told_twice_begins_once(line: Line) -> None:
    """The network tells a call again and again; it is one document and one conversation."""
    again = Ringing(id="call-1", direction="browser", account="front", contact="visitor-1", room="other")

    assert line.call == await begin(line.front.services, line.published, again)
    page = await line.front.store.query("calls", Query())
    assert 1 == len(page.documents)


async def test_a_desk_without_a_voice_takes_no_call(line: Line) -> None:
    """And the error says which key of its file would change that."""
    await line.front.publish(voice={"enabled": False})

    with pytest.raises(Permanent, match=r"voice: \{enabled: true"):
        await begin(
            line.front.services,
            await line.front.running(),
            Ringing(id="call-2", direction="browser", account="front", contact="v", room="r"),
        )


async def test_a_desk_switched_off_on_a_bad_day_answers_directly(line: Line) -> None:
    """The switch is the desk's own key, and a call that begins then says so."""
    await line.front.publish(voice={**VOICE, "integration": {"enabled": False}})

    began = await begin(
        line.front.services,
        await line.front.running(),
        Ringing(id="call-2", direction="browser", account="front", contact="v", room="r"),
    )

    assert "direct" == began.mode


async def test_a_callers_number_leads_to_no_customer_of_another_channel(line: Line) -> None:
    """Who speaks is not proven by the number that is shown."""
    line.front.on("whatsapp", "1001")
    line.front.customer = "919812345678"
    await line.front.ask("When are you open?")
    known = (await line.front.head()).customer

    began = await begin(
        line.front.services,
        line.published,
        Ringing(id="p1", direction="inbound", account="+15550100", contact="+919812345678", room="r"),
    )

    assert began.customer
    assert began.customer != known


async def test_each_item_is_written_down_once_whoever_tells_it_again(line: Line) -> None:
    """A new connection tells what was told before under the same names."""
    services, store, config = line.front.services, line.front.store, line.published.config
    first = await heard(services, store, line.call, "a", "Hello", config=config)
    again = await heard(services, store, line.call, "a", "Hello", config=config)
    reply = await said(services, store, line.call, "b", "Good day", config=config)
    twice = await said(services, store, line.call, "b", "Good day", config=config)

    assert (1, None, 2, None) == (first, again, reply, twice)
    assert ["Hello", "Good day"] == [one.content.text for one in await line.messages()]
    head = await line.head()
    assert (2, 1, "finished") == (head.answered, head.pending, head.state)


async def test_the_transcript_holds_what_was_played_of_a_turn(line: Line, model: ScriptedModel) -> None:
    """A reply cut short stands as far as it was heard, and the next turn reads it so."""
    model.script = [["We open at eight. ", "We close at nine."], ["Nine, as I said."]]
    thought = await line.answer("When?")
    assert thought is not None
    services, store, config = line.front.services, line.front.store, line.published.config
    await said(services, store, line.call, "r1", "We open at", config=config, turn=thought.turn)

    await line.answer("Until when?")

    told = [(one.role, one.text) for one in model.asked[-1].turns]
    assert [("customer", "When?"), ("desk", "We open at"), ("customer", "Until when?")] == told


async def test_a_word_in_between_answers_nothing(line: Line) -> None:
    """A filler keeps the caller company; their question still waits."""
    await line.hear("Is there a slot?")

    await said(
        line.front.services,
        line.front.store,
        line.call,
        "f1",
        "One moment.",
        config=line.published.config,
        answers=False,
    )

    assert (0, 1) == ((await line.head()).answered, (await line.head()).pending)


async def test_what_a_realtime_turn_did_is_on_its_receipt(line: Line) -> None:
    """Steps and their money stand with the words that ended the turn."""
    await line.hear("Hello?")
    step = Step(kind="model", name="gemini-3.8-live", ms=10, input=3, output=4, money=0.01)

    await said(
        line.front.services,
        line.front.store,
        line.call,
        "r1",
        "Good day",
        config=line.published.config,
        version=1,
        steps=(step,),
        began=line.front.clock.now(),
    )

    (receipt,) = await line.receipts()
    assert ("answered", (1, 1), 0.01) == (receipt.outcome, receipt.covers, receipt.money)
    assert receipt.turn == (await line.messages())[-1].turn


async def test_a_realtime_tool_acts_once_also_on_a_new_connection(line: Line) -> None:
    """The model that lost its connection asks again, and reads the result that is kept."""
    await line.hear("What is free?")
    place = (line.front.services, line.front.store, line.call, line.published)
    first, _ = await act_on_call(*place, call("check_slots"), nth=0)
    again, _ = await act_on_call(*place, call("check_slots"), nth=0)

    assert first == again
    assert 1 == len(await line.effects())


async def test_a_tool_called_before_the_callers_words_are_told_acts_once(line: Line) -> None:
    """A vendor promises no order: cut off before the words came, the model asks again once they stand."""
    place = (line.front.services, line.front.store, line.call, line.published)
    first, _ = await act_on_call(*place, call("check_slots"), nth=0)
    await line.hear("What is free?")
    again, _ = await act_on_call(*place, call("check_slots"), nth=0)

    assert first == again
    assert 1 == len(await line.effects())


async def test_a_tool_called_before_the_words_are_told_is_no_act_of_the_turn_before(line: Line) -> None:
    """What was asked and answered is over; the same call acts anew, also where no words are ever told."""
    services, store, config = line.front.services, line.front.store, line.published.config
    for turn in range(3):
        await act_on_call(services, store, line.call, line.published, call("check_slots"), nth=0)
        if turn == 0:
            await line.hear("What is free?")
        await said(services, store, line.call, f"r{turn}", "Nine is free.", config=config)

    assert 3 == len(await line.effects())


async def test_a_job_that_lost_the_call_acts_no_more(line: Line) -> None:
    """Another job has it; the generation tells."""
    await line.hear("What is free?")
    services = line.front.services
    await edit_call(
        services, "acme", "call-1", lambda call, _: msgspec.structs.replace(call, generation=1), generation=0
    )

    with pytest.raises(Contested, match="another job"):
        await act_on_call(services, line.front.store, line.call, line.published, call("check_slots"), nth=0)
    with pytest.raises(Contested, match="lets go"):
        await edit_call(services, "acme", "call-1", lambda call, _: call, generation=0)


async def test_no_tool_acts_while_a_person_has_the_word(line: Line) -> None:
    """The commit that gave it to them silences the desk."""
    await line.hear("What is free?")
    await take(line.front.services, "acme", line.call.conversation, by=PRIYA)

    with pytest.raises(Transient, match="a person"):
        await act_on_call(
            line.front.services, line.front.store, line.call, line.published, call("check_slots"), nth=0
        )


async def test_a_realtime_caller_who_asks_for_a_person_is_handed_over_once(
    line: Line, model: ScriptedModel
) -> None:
    """The words are judged beside the sound; judged again they ask nobody again."""
    model.signals = {**model.signals, "wants_human": True}
    await line.hear("Give me a human")
    place = (line.front.services, line.front.store, line.call, line.published)

    signals, step, wanted = await judge_last_words(*place)

    assert signals.wants_human
    assert step is not None
    assert wanted is not None
    assert "handover" == (await line.head()).state
    assert await judge_last_words(*place) == (type(signals)(), None, None)


async def test_an_ended_call_stays_as_it_ended(line: Line) -> None:
    """Its conversation closes, nothing waits, and a second end changes nothing."""
    await line.hear("Hello?")
    place = (line.front.services, line.front.store, "call-1")

    ended = await end(*place, outcome="completed", reason="they hung up", figures=Figures(turns=1))
    again = await end(*place, outcome="failed")

    assert ended == again
    assert ("ended", "over", "completed", 1) == (ended.state, ended.stage, ended.outcome, ended.figures.turns)
    head = await line.head()
    assert ("resolved", head.pending) == (head.state, head.answered)


async def test_a_call_that_a_person_still_has_ends_and_leaves_them_the_conversation(line: Line) -> None:
    """They may want to write down what was agreed."""
    await line.hear("Hello?")
    await take(line.front.services, "acme", line.call.conversation, by=PRIYA)

    await end(line.front.services, line.front.store, "call-1", outcome="handed_over")

    assert "human_active" == (await line.head()).state


async def test_changes_of_speaker_and_of_voice_stand_beside_the_call(line: Line) -> None:
    """They go in the commit that counts them, and with the call."""
    at = line.call.started_at
    spoke = AgentTransition(n=1, before="desk", after="person", at=at, trigger="handover")
    rose = TierChange(
        n=1,
        agent="desk",
        qualification=0.8,
        before="standard",
        after="premium",
        at=at,
        trigger="qualification",
        cost_impact=0.1,
        budget_passed=True,
        done=True,
    )

    changed = await edit_call(
        line.front.services,
        "acme",
        "call-1",
        lambda call, _: msgspec.structs.replace(call, agent="person", transitions=1, escalations=1),
        writes=[transition_write(line.call, spoke), tier_write(line.call, rose)],
    )

    assert (1, 1) == (changed.transitions, changed.escalations)
    kept = await line.front.store.get("calls/call-1/agent_transitions/000001")
    told = await line.front.store.get("calls/call-1/tier_changes/000001")
    assert kept is not None
    assert told is not None
    assert (spoke, rose) == (
        msgspec.convert(kept.data, AgentTransition),
        msgspec.convert(told.data, TierChange),
    )


async def test_a_call_is_on_a_level_of_the_voice_only_where_one_is_heard(front, model) -> None:
    """A realtime model has a voice of its own, whatever levels the desk's file names."""
    tiers = {"levels": [{"id": "standard", "tts": {"provider": "openai"}}]}

    assert "" == (await ring(front, model, mode="realtime", tiers=tiers)).call.tier


async def test_a_call_in_which_another_was_promised_ends_with_that(line: Line) -> None:
    """Whoever looks knows what is still to be done; one that was called off promises nothing."""
    store, services = line.front.store, line.front.services
    when = {"phone": "+4930111222", "about": "the report", "due": "2026-11-21T10:00:00.000000Z"}
    promised = Callback(
        id="b1",
        desk="front",
        conversation=line.call.conversation,
        customer="c",
        created_at=when["due"],
        **when,
    )
    await store.create("callbacks/b1", msgspec.to_builtins(promised))
    assert "callback" == (await end(services, store, line.call.id, outcome="completed")).outcome

    await line.another_caller()
    gone = msgspec.structs.replace(promised, id="b2", conversation=line.call.conversation, state="cancelled")
    await store.create("callbacks/b2", msgspec.to_builtins(gone))
    assert "completed" == (await end(services, store, line.call.id, outcome="completed")).outcome
