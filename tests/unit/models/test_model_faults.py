"""Every known fault of a vendor mixed into a run: customers are answered, vendors are not flooded."""

from itertools import cycle

from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.chat_model import Request, Turn
from shared.models.gemini import Gemini
from shared.models.openai_compatible import OpenAICompatible
from shared.models.router import Router
from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Step
from tests.standins.openai_api import OpenAIServer
from tests.unit.models.set_clock import SetClock

FAULTS = (
    Step(fault="rate_limited", retry="0.02s"),
    Step(fault="rate_limited", retry="70s"),
    Step(fault="rate_limited"),
    Step(fault="unavailable"),
    Step(text="Half of it", fault="drop"),
    Step(fault="safety"),
    Step(fault="malformed_call"),
    Step(text="Half of it", fault="truncated"),
    Step(fault="empty"),
    Step(fault="hang"),
)
COUNT = 240
EVERY = 6  # one request in so many meets a fault


async def test_a_run_full_of_faults_is_answered_without_a_flood(record_testsuite_property):
    """Of 240 requests, a sixth faulted in every known way: all end in an answer, at most a tenth is added."""
    clock, faults = SetClock(), cycle(FAULTS)
    arrived = 0

    def rule(_: dict) -> Step | None:
        nonlocal arrived
        arrived += 1
        return next(faults) if arrived % EVERY == 0 else None

    with GeminiServer(rule=rule) as google, OpenAIServer() as openai:
        gemini = Gemini("test-key", base_url=google.url)
        other = OpenAICompatible("openai", base_url=openai.base_url, key="test-key")
        router = Router({"gemini": gemini, "openai": other}, read_catalogue(), Breaker(clock), clock)
        stops, failovers, asked = [], [], 0
        for number in range(COUNT):
            clock.pass_(30)
            turns = (Turn(role="customer", text=f"Question {number}"),)
            route = router.route("gemini-3.8-flash", "gpt-4.1")
            answer = await route.answer(Request(model="", system="", turns=turns, timeout=1.0))
            stops.append(answer.stop)
            asked += sum(tried.model == "gemini-3.8-flash" and tried.ms > 0 for tried in route.tried)
            failovers += [tried.ms for tried in route.tried if tried.error and tried.ms]
        await gemini.close()
        await other.close()
    amplification = len(google.requests) / asked
    record_testsuite_property("amplification", amplification)
    record_testsuite_property("mean_ms_to_fail_over", sum(failovers) / len(failovers))
    assert len(stops) == COUNT
    assert set(stops) == {"end", "safety"}
    assert arrived // EVERY >= 3 * len(FAULTS)
    assert asked >= 200
    assert 1 < amplification <= 1.1
    assert (len(google.requests) + len(openai.requests)) / COUNT <= 1.25
