"""Routes over two vendors' stand-ins: who is asked, in which order, and what is on record."""

from collections.abc import AsyncIterator, Iterator

import pytest

from shared.domain.errors import NotConnected, Permanent, Transient
from shared.models.breaker import Breaker
from shared.models.catalogue import read_catalogue
from shared.models.chat_model import Answer, Request, Turn
from shared.models.failures import ModelRefused
from shared.models.gemini import Gemini
from shared.models.openai_compatible import OpenAICompatible
from shared.models.router import Router
from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Step
from tests.standins.openai_api import OpenAIServer
from tests.unit.models.set_clock import SetClock


class Echo:
    """A model by rules, as the offline one is, that only says who it is."""

    provider = "offline"

    async def stream(self, request):
        yield await self.answer(request)

    async def answer(self, request: Request) -> Answer:
        return Answer(text="by rules", model=request.model)

    async def check(self) -> None:
        return None


def ask(**more) -> Request:
    return Request(
        model="", system="", turns=(Turn(role="customer", text="Hello"),), **{"timeout": 5.0, **more}
    )


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[GeminiServer, OpenAIServer]]:
    with GeminiServer() as google, OpenAIServer() as openai:
        yield google, openai


@pytest.fixture
def google(servers) -> GeminiServer:
    servers[0].reset()
    return servers[0]


@pytest.fixture
def openai(servers) -> OpenAIServer:
    servers[1].reset()
    return servers[1]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def adapters(google, openai) -> AsyncIterator[dict]:
    gemini = Gemini("test-key", base_url=google.url)
    other = OpenAICompatible("openai", base_url=openai.base_url, key="test-key")
    yield {"gemini": gemini, "openai": other, "offline": Echo()}
    await gemini.close()
    await other.close()


@pytest.fixture
def router(adapters, clock) -> Router:
    return Router(adapters, read_catalogue(), Breaker(clock), clock)


def only(router: Router, *providers: str) -> Router:
    kept = {name: router.adapters[name] for name in providers}
    return Router(kept, router.catalogue, router.breaker, router.clock)


async def test_the_first_of_a_profile_answers_and_is_on_record(router, google):
    """A route answers with its first candidate; the record holds the model, what served, usage and money."""
    google.script(Step(text="Hi.", served="gemini-3.8-flash-002"))
    route = router.route("balanced")
    answer = await route.answer(ask())
    (tried,) = route.tried
    assert answer.text == "Hi."
    assert (tried.model, tried.served, tried.error) == ("gemini-3.8-flash", "gemini-3.8-flash-002", None)
    assert tried.usage == answer.usage
    assert route.money == tried.money > 0


async def test_a_failing_model_gives_way_to_the_next_with_the_reason(router, google, openai):
    """A spent quota leads to the next candidate, of another vendor if so named, and the reason stays."""
    google.script(Step(fault="rate_limited", retry="600s"))
    openai.script(Step(text="Hello from the second."))
    route = router.route("gemini-3.8-flash", "gpt-4.1")
    pieces = [piece async for piece in route.stream(ask())]
    assert pieces[-1].text == "Hello from the second."
    first, second = route.tried
    assert "exceeded your current quota" in first.error
    assert (second.model, second.error) == ("gpt-4.1", None)
    assert openai.requests[0].body["model"] == "gpt-4.1"


async def test_a_refused_key_gives_way_too_and_is_left_alone_for_a_while(router, google, openai, clock):
    """A suspended key is no reason to leave the customer without an answer, nor to be tried each time."""
    google.script(Step(fault="suspended_key"))
    for _ in range(2):
        await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())
    assert len(google.requests) == 1
    clock.pass_(60)
    await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())
    assert len(google.requests) == 2


async def test_a_bad_request_is_not_carried_from_model_to_model(router, google, openai):
    """What is wrong with the request itself is told at once."""
    google.script(Step(fault="bad_request"))
    with pytest.raises(Permanent, match="invalid argument"):
        await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())
    assert openai.requests == []


async def test_an_answer_heard_in_part_is_not_begun_anew_elsewhere(router, google, openai):
    """Once a piece was told, the stream's failure is the caller's: no second model speaks into it."""
    google.script(Step(text="Half an answer", fault="drop"))
    stream = router.route("gemini-3.8-flash", "gpt-4.1").stream(ask())
    assert (await anext(stream)).text
    with pytest.raises(Transient):
        [piece async for piece in stream]
    assert openai.requests == []


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_hanging_model_leaves_half_of_the_time_to_the_next(router, google, openai, streamed):
    """A model that does not begin within half of what is left is given up for the next one."""
    google.script(Step(fault="hang"))
    route = router.route("gemini-3.8-flash", "gpt-4.1")
    if streamed:
        answer = [piece async for piece in route.stream(ask(timeout=1.0))][-1]
    else:
        answer = await route.answer(ask(timeout=1.0))
    assert answer.text == "You said: Hello"
    assert [tried.error is None for tried in route.tried] == [False, True]


async def test_where_all_fail_every_reason_is_told(router, google, openai):
    """The failure names each model with its reason, and the shortest pause any vendor told."""
    google.script(Step(fault="rate_limited", retry="90s"))
    openai.script(Step(fault="rate_limited", retry="40"))
    with pytest.raises(Transient, match=r"gemini-3\.8-flash: .*; gpt-4\.1: ") as caught:
        await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())
    assert caught.value.retry_after == 40
    with pytest.raises(Transient, match="it rests after failures"):
        await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())


async def test_refused_keys_everywhere_are_permanent(router, google, openai):
    """Where every vendor refused its key, waiting cannot help and the failure says so."""
    google.script(Step(fault="suspended_key"))
    openai.script(Step(fault="suspended_key"))
    with pytest.raises(ModelRefused, match="every model refused"):
        await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())


async def test_a_model_without_eyes_is_passed_over_for_a_picture(router, google):
    """Candidates that cannot do what the request needs are passed over, with the reason."""
    picture = Request(
        model="", system="", turns=(Turn(role="customer", text="?", media=(("image/png", b"x"),)),)
    )
    route = router.route("gpt-4", "gemini-3.8-flash")
    await route.answer(picture)
    assert route.tried[0].error == "it cannot see pictures"
    assert len(google.requests) == 1


def test_who_is_in_a_route(router, clock):
    """Profiles and names expand in order, without repeats, over connected providers, ended ones replaced."""
    names = [model.name for model in router.route("gpt-4o", "balanced").chain]
    assert names == ["gpt-4o", "gemini-3.8-flash", "gemini-3.7-flash", "gpt-4.1", "gemini-3.5-flash-lite"]
    clock.pass_(30 * 24 * 3600)
    assert [model.name for model in router.route("gemini-2.5-pro").chain] == ["gemini-3.8-flash"]
    with pytest.raises(Permanent, match="no model is called"):
        router.route("gpt-99")


def test_a_pinned_model_without_its_provider_is_replaced_by_the_balanced_profile(router):
    """A model whose provider has no key gives way to the default profile of those that have."""
    route = only(router, "openai", "offline").route("gemini-3.8-flash")
    assert [model.name for model in route.chain] == ["gpt-4.1"]


async def test_offline_stands_alone_or_not_at_all(router):
    """The offline model answers where nothing else is connected or it alone is wanted, never in a chain."""
    route = only(router, "offline").route("balanced")
    assert (await route.answer(ask())).text == "by rules"
    assert route.money == 0
    assert [model.name for model in router.route("offline").chain] == ["offline"]
    assert "offline" not in [model.name for model in router.route("offline", "fast").chain]
    with pytest.raises(NotConnected, match="GEMINI_API_KEY"):
        only(router).route("balanced")


async def test_the_check_wants_one_provider_that_would_answer(router, google):
    """A route is sound while one of its providers accepts its key; else the last reason is raised."""
    wrong = Gemini("wrong", base_url=google.url)
    broken = Router({"gemini": wrong}, router.catalogue, router.breaker, router.clock)
    with pytest.raises(ModelRefused, match="API key not valid"):
        await broken.route("gemini-3.8-flash").check()
    both = {"gemini": wrong, "openai": router.adapters["openai"]}
    route = Router(both, router.catalogue, router.breaker, router.clock).route("gemini-3.8-flash", "gpt-4.1")
    await route.check()
    await wrong.close()


async def test_an_outage_is_met_with_few_requests(router, google, openai, clock):
    """Through a ten-minute outage the fallback answers every request, and the broken model is only probed."""
    google.rule = lambda _: Step(fault="unavailable")
    count = 300
    answered = 0
    for _ in range(count):
        clock.pass_(2)
        answer = await router.route("gemini-3.8-flash", "gpt-4.1").answer(ask())
        answered += answer.text == "You said: Hello"
    assert answered == count
    assert len(openai.requests) == count
    assert len(google.requests) <= 40
    assert (len(google.requests) + len(openai.requests)) / count <= 1.15
