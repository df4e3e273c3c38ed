"""The catalogue's data hangs together, and its dates turn prices and models over."""

from datetime import UTC, date, datetime

import pytest

from shared.domain.errors import Permanent
from shared.models.catalogue import Catalogue, read_catalogue
from shared.models.chat_model import Request, ToolSpec, Turn, Usage

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MILLION = Usage(input=1_000_000, cached=500_000, output=1_000_000)


@pytest.fixture
def catalogue() -> Catalogue:
    return read_catalogue()


def test_every_name_in_the_data_leads_somewhere(catalogue):
    """Profiles and successors name models that exist, no name is there twice, and ends have successors."""
    names = [model.name for model in catalogue.models]
    assert len(names) == len(set(names))
    for wanted in ("fast", "balanced", "powerful"):
        for model in catalogue.candidates(wanted, NOW):
            assert not model.realtime
            assert model.provider != "offline"
    for model in catalogue.models:
        assert (model.ends is None) == (model.successor is None)
        assert catalogue.current(model.name, datetime(2030, 1, 1, tzinfo=UTC)).ends is None


def test_default_models_are_not_about_to_end(catalogue):
    """What a profile asks first is served by its vendor without a known end."""
    for wanted in ("fast", "balanced", "powerful"):
        assert catalogue.candidates(wanted, NOW)[0].ends is None


@pytest.mark.parametrize(
    ("day", "cost"), [(date(2026, 12, 31), 0.375 + 0.0375 + 3.75), (date(2027, 1, 1), 0.75 + 0.075 + 7.5)]
)
def test_prices_have_dates(catalogue, day, cost):
    """The price of the day counts: cached input is cheaper, and the 3.8 price doubles with the year."""
    at = datetime.combine(day, datetime.min.time(), UTC)
    assert catalogue.cost("gemini-3.8-flash", MILLION, at) == pytest.approx(cost)


def test_the_model_that_truly_answered_is_paid(catalogue):
    """A vendor's longer name is priced as the known one it begins with; an unknown one as the one asked."""
    lite = catalogue.cost("gemini-3.5-flash-lite", MILLION, NOW)
    assert catalogue.cost("gemini-3.8-flash", MILLION, NOW, served="gemini-3.5-flash-lite-002") == lite
    asked = catalogue.cost("gemini-3.8-flash", MILLION, NOW)
    assert catalogue.cost("gemini-3.8-flash", MILLION, NOW, served="models/new") == asked
    assert catalogue.cost("vllm/gpt-4o", MILLION, NOW, served="gpt-4o") == 0


@pytest.mark.parametrize(
    ("name", "successor"),
    [("gemini-2.5-pro", "gemini-3.8-flash"), ("gemini-2.5-flash", "gemini-3.5-flash-lite")],
)
def test_an_ending_model_is_warned_of_and_then_replaced(catalogue, name, successor):
    """Sixty days before its end a model is warned of; from its last day on the successor answers."""
    assert catalogue.notice(name, datetime(2026, 9, 1, tzinfo=UTC)) is None
    assert f"{successor} takes its place" in (catalogue.notice(name, NOW) or "")
    assert catalogue.current(name, NOW).name == name
    after = datetime(2026, 12, 1, tzinfo=UTC)
    assert catalogue.current(name, after).name == successor
    assert f"{successor} answers in its place" in (catalogue.notice(name, after) or "")


def test_an_unknown_name_is_refused_and_one_on_ones_own_machine_is_known(catalogue):
    """Any model of one's own Ollama is known under its prefix and costs nothing; other names are refused."""
    own = catalogue.find("ollama/qwen3:8b")
    assert (own.vendor_name, own.provider) == ("qwen3:8b", "ollama")
    for name in ("gpt-99", "ollama/", ""):
        with pytest.raises(Permanent, match="no model is called"):
            catalogue.find(name)


def test_a_model_says_what_it_lacks(catalogue):
    """A request is matched with capabilities: chat, pictures, length."""
    plain = Request(model="", system="", turns=(Turn(role="customer", text="Hi"),))
    picture = Request(model="", system="", turns=(Turn(role="customer", media=(("image/png", b"x"),)),))
    long = Request(model="", system="x" * 60_000, turns=())
    assert catalogue.find("gemini-3.8-flash").lacks(picture) is None
    assert "speaks" in (catalogue.find("gpt-4o-realtime-preview").lacks(plain) or "")
    assert "pictures" in (catalogue.find("llama-3.3-70b-versatile").lacks(picture) or "")
    assert "longer" in (catalogue.find("gpt-4").lacks(long) or "")


def test_an_estimate_counts_all_that_is_sent(catalogue):
    """Prompt, talk and tools raise an estimate, and the limit of output bounds it."""
    plain = Request(model="", system="", turns=(Turn(role="customer", text="Hi" * 300),), max_tokens=100)
    tool = ToolSpec(name="t", description="d" * 300, parameters={"type": "object"})
    more = Request(model="", system="s" * 300, turns=plain.turns, tools=(tool,), max_tokens=100)
    cheap, dear = (catalogue.estimate("gemini-3.8-flash", request, NOW) for request in (plain, more))
    assert 0 < cheap < dear
    assert catalogue.estimate("offline", more, NOW) == 0


@pytest.mark.parametrize(
    "text", ["models: 3", "profiles: {}\nmodels: [{name: x}]", "a: [", "profiles: {best: [x]}"]
)
def test_a_broken_catalogue_is_told_by_its_file(tmp_path, text):
    """A data file that is not what it should be is named with the place that is wrong."""
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(Permanent, match=r"models\.yaml"):
        read_catalogue(path)
