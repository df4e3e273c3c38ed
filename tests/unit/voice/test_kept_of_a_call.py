"""What is kept of a call beside its words: who speaks, what it cost, how its caller felt, what is scraped."""

import msgspec
import pytest
from livekit.agents.metrics import STTMetrics, TTSMetrics

from shared.console import call_words
from shared.domain.calls import AgentTransition, Call, Figures, Mode
from shared.domain.errors import Permanent, Transient
from shared.domain.receipts import Step
from shared.domain.signals import Signals
from shared.models.budget import BudgetEnded, spent_on
from shared.models.chat_model import Answer, Turn
from shared.models.satisfaction import by_rules, satisfaction_of
from shared.models.speech_prices import read_speech_prices
from shared.ports import Query
from tests.unit.calls.line import Line
from voice_service import metrics
from voice_service.agents_of_call import AgentsOfCall
from voice_service.call_state import CallState
from voice_service.figures import STAGES, CallFigures, percentiles
from voice_service.levels import Levels


@pytest.fixture
async def state(line: Line) -> CallState:
    """The call, held by a job."""
    return await CallState.claim(line.front.services, "acme", line.call, job="j1", worker="w1")


async def test_who_speaks_is_kept_with_each_change_of_it(line: Line, state: CallState) -> None:
    """A person who takes the call and gives it back are two; a call that closes does not talk again."""
    agents = AgentsOfCall(line.front.store, state)
    await agents.became("person", "handover")
    await agents.became("person", "handover")
    await agents.became("desk", "given_back")
    agents.stage("closing")
    agents.stage("talking")
    agents.qualified(0.4)
    await state.settled()

    now = await line.now()
    assert ("desk", 2, "closing", 0.4) == (now.agent, now.transitions, now.stage, now.qualification)
    page = await line.front.store.query("calls/call-1/agent_transitions", Query(order=("n",)))
    kept = [msgspec.convert(document.data, AgentTransition) for document in page.documents]
    assert [("desk", "person", "handover"), ("person", "desk", "given_back")] == [
        (one.before, one.after, one.trigger) for one in kept
    ]
    assert all(one.ms >= min(state.sync_ms) for one in kept)


async def test_another_job_goes_on_counting_where_the_one_before_stopped(
    line: Line, state: CallState
) -> None:
    """Nothing is recorded under a number that was given."""
    agents = AgentsOfCall(line.front.store, state)
    await agents.became("person", "handover")
    await state.settled()
    later = await CallState.claim(line.front.services, "acme", await line.now(), job="j2", worker="w2")

    await AgentsOfCall(line.front.store, later).became("desk", "given_back")
    await later.settled()

    assert 2 == (await line.now()).transitions


async def test_what_speech_cost_is_counted_against_the_budget(line: Line, state: CallState) -> None:
    """By the vendor's price a minute, or by the level's own where the desk's file names it."""
    figures = CallFigures(
        line.front.services, line.front.store, state, line.published, levels=Levels(lambda _: None)
    )
    hears = {"label": "livekit.plugins.deepgram.stt.STT", "request_id": "r", "timestamp": 0.0}
    speaks = {"label": "livekit.plugins.openai.tts.TTS", "request_id": "r", "timestamp": 0.0}
    figures._collected(STTMetrics(**hears, duration=0, audio_duration=60, streamed=True))
    spoken = {"ttfb": 0.1, "duration": 1, "cancelled": False, "characters_count": 5, "streamed": False}
    figures._collected(TTSMetrics(**speaks, **spoken, audio_duration=60))
    figures.tier_cost = lambda: 0.5
    figures._collected(TTSMetrics(**speaks, **spoken, audio_duration=60))
    kept = await figures.close()

    prices = read_speech_prices()
    expected = prices.cost("hears", "deepgram", 60) + prices.cost("speaks", "openai", 60) + 0.5
    assert pytest.approx(expected) == kept.money
    assert pytest.approx(expected) == await spent_on(line.front.store, line.call.conversation)
    assert 120 == kept.spoken_seconds


@pytest.mark.parametrize("mode", ["realtime", "orchestrated"])
async def test_a_realtime_model_without_money_is_told_of_once(line: Line, mode: Mode) -> None:
    """What reading its caller's words cost is the call's money too; a pipeline's turns ask by themselves."""
    await line.front.publish(voice={"enabled": True, "voice_id": "Kore"}, budgets={"conversation": 0.5})
    line.published = await line.front.running()
    state = await CallState.claim(line.front.services, "acme", line.call, job="j1", worker="w1")
    state.change(mode=mode)
    figures = CallFigures(
        line.front.services, line.front.store, state, line.published, levels=Levels(lambda _: None)
    )
    ended: list[BudgetEnded] = []
    figures.on_budget_end = ended.append
    await figures._look_for_money()
    assert [] == ended
    figures.judged(Signals(), Step(kind="signals", name="m", ms=1, money=0.6))
    await figures._count_speech()
    for _ in range(2):
        await figures._look_for_money()

    assert (1 if mode == "realtime" else 0) == len(ended)
    assert pytest.approx(0.6) == await spent_on(line.front.store, line.call.conversation)


async def test_figures_of_a_job_before_are_gone_on_with(line: Line, state: CallState) -> None:
    """A call whose job died keeps what it was like until then."""
    state.call = msgspec.structs.replace(state.call, figures=Figures(turns=3, money=0.2, fallbacks=1))
    figures = CallFigures(
        line.front.services, line.front.store, state, line.published, levels=Levels(lambda _: None)
    )
    figures.judged(Signals(sentiment=0.2), Step(kind="signals", name="m", ms=1, money=0.01, input=3))
    figures.judged(Signals(), None)

    kept = figures.of(state.call.figures)
    assert (3, 1, 0.2, 3) == (kept.turns, kept.fallbacks, kept.sentiment, kept.input_tokens)
    assert pytest.approx(0.21) == kept.money


def test_every_stage_that_is_measured_has_words_in_the_console() -> None:
    """The whole turn is from the end of speech to the first sound, and no stage stands there for it."""
    assert set(call_words.STAGES) == set(STAGES.values())
    assert "Whole turn" == call_words.STAGES[STAGES["e2e_latency"]]
    assert "Thinking" == call_words.STAGES[STAGES["llm_node_ttft"]]


async def test_what_a_talk_measures_itself_is_added_to_the_jobs_before(line: Line, state: CallState) -> None:
    """Silences, interruptions and spoken time count on; the line is as it was last seen."""
    before = Figures(silences=2, interruptions=1, spoken_seconds=60.0, unwritten=1, loss=0.1, jitter_ms=9.0)
    state.call = msgspec.structs.replace(state.call, figures=before)
    figures = CallFigures(
        line.front.services, line.front.store, state, line.published, levels=Levels(lambda _: None)
    )
    figures.beside = lambda: {
        "silences": 1, "interruptions": 2, "spoken_seconds": 5.0, "unwritten": 2, "loss": 0.2,
        "jitter_ms": None,
    }  # fmt: skip
    kept = figures._with_figures(state.call).figures

    assert (3, 3, 65.0, 3) == (kept.silences, kept.interruptions, kept.spoken_seconds, kept.unwritten)
    assert (0.2, 9.0) == (kept.loss, kept.jitter_ms)


def test_percentiles_of_nothing_are_none() -> None:
    """An absent figure is absent, not zero."""
    assert percentiles([]) is None
    assert (2, 3) == percentiles([3, 1, 2])


def test_speech_nobody_knows_the_price_of_costs_what_the_dearest_does(tmp_path) -> None:
    """A budget ends early rather than late; a broken file is told by its name."""
    prices = read_speech_prices()
    assert prices.cost("hears", "unknown", 60) == max(one.minute for one in prices.hears.values())
    broken = tmp_path / "speech_prices.yaml"
    broken.write_text("hears: {x: {minute: cheap}}", "utf-8")

    with pytest.raises(Permanent, match="speech_prices"):
        read_speech_prices(broken)


class Judge:
    """A model that judges, or fails."""

    provider = "gemini"

    def __init__(self, found: object = None, *, away: bool = False) -> None:
        self.found, self.away = found, away

    async def answer(self, request: object) -> Answer:
        if self.away:
            raise Transient("away")
        return Answer(data={"satisfaction": self.found})


TALK = (Turn(role="customer", text="Thank you!"), Turn(role="desk", text="Goodbye."))


async def test_a_callers_satisfaction_is_inferred_from_the_talk() -> None:
    """By a model; where it fails or answers nonsense, by how the last words sounded and the call ended."""
    assert 0.9 == await satisfaction_of(Judge(0.9), TALK, [0.5], "completed")
    assert 0.6 == await satisfaction_of(Judge(7), TALK, [0.5], "completed")
    assert 0.2 == await satisfaction_of(Judge(away=True), TALK, [0.5], "abandoned")
    assert await satisfaction_of(Judge(0.9), (), [], "abandoned") is None
    assert by_rules([], "completed") is None
    assert 1.0 == by_rules([1.0], "completed")


def test_a_call_that_is_over_is_counted_for_whoever_scrapes() -> None:
    """By tenant and desk, with its outcome and times, and without a word or a number of it."""
    at = "2026-11-20T10:0{}:00.000000Z"
    call = Call(
        id="c", desk="front", conversation="v", customer="k", room="r", direction="inbound",
        account="+4930", contact="+4940123", state="ended", outcome="completed", mode="orchestrated",
        started_at=at.format(0), answered_at=at.format(0), ended_at=at.format(2),
        transitions=2, escalations=1,
        figures=Figures(turns=4, fallbacks=1, money=0.25, latency_ms={"whole": (900.0, 1500.0)}),
    )  # fmt: skip
    metrics.count("counted", call)

    told = metrics.text().decode()
    for line in (
        'mode="orchestrated",outcome="completed",tenant="counted"} 1.0',
        'frontdesk_voice_fallbacks_total{desk="front",tenant="counted"} 1.0',
        'frontdesk_voice_cost_usd_total{desk="front",tenant="counted"} 0.25',
        'frontdesk_voice_agent_transitions_total{desk="front",tenant="counted"} 2.0',
        'frontdesk_voice_call_seconds_sum{desk="front",tenant="counted"} 120.0',
        'part="p50",stage="whole",tenant="counted"} 0.9',
    ):
        assert line in told
    assert "+4940123" not in told
