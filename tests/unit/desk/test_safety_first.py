"""Whoever writes of an emergency first reads whom to call, then that the team knows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.backends.embedded.database import Database
from shared.backends.embedded.store import EmbeddedStore
from shared.channels.shape import Limits
from shared.config.catalogue import Catalogue
from shared.config.publish import validate_file
from shared.desk.answer import answered
from shared.desk.thought import Thought
from shared.domain.conversation import Head
from shared.domain.effects import HandOver
from shared.domain.signals import Signals
from shared.security.tenancy import TenantStore

CONFIGS = Path(__file__).parents[3] / "configs"
KRISHNA, SAFFRON = "krishna-diagnostics/front-desk.yaml", "saffron-table/reservations.yaml"
NIGHT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return NIGHT


@pytest.fixture
async def says(tmp_path):
    """What a desk says to a thought, its messages as texts."""
    database = Database(tmp_path / "frontdesk.db", durable=False)
    store = TenantStore.of(EmbeddedStore(database, StillClock()), "acme")

    def said(file: str, *, language: str, intent: str = "emergency", text: str = "") -> list[str]:
        _, validated = validate_file(CONFIGS / file, Catalogue(), folder=CONFIGS)
        assert validated.config is not None
        thought = Thought(
            turn="talk:1",
            covers=(1, 1),
            version=1,
            began=NIGHT,
            text=text,
            language=language,
            signals=Signals(intent=intent, language=language),
            handover=None if text else HandOver(reason="complexity > `0.8`"),
        )
        head = Head(desk="desk", channel="webchat", account="a", contact="c", customer="c", last=1, pending=1)
        change = answered(
            store,
            "talk",
            thought,
            config=validated.config,
            limits=Limits(text=4000),
            head=head,
            rev=1,
            now=NIGHT,
        )
        return [write.data["content"]["text"] for write in change.writes if "content" in write.data]

    yield said
    await database.close()


@pytest.mark.parametrize(
    ("file", "language", "first", "then"),
    [
        (KRISHNA, "en", "please call 112 at once", "I have noted this for our team"),
        (KRISHNA, "hi", "तुरंत 112 पर", "हमारी टीम अभी उपलब्ध नहीं है"),
        (SAFFRON, "en", "please call your local emergency number at once", "colleague"),
    ],
)
def test_an_emergency_is_sent_to_the_emergency_number_before_the_team(says, file, language, first, then):
    """The desk's number comes first, else generic words; both sentences are in the customer's language."""
    (told,) = says(file, language=language)

    assert 0 <= told.find(first) < told.find(then)


def test_an_answer_that_names_the_number_is_left_as_it_is(says):
    """What the model says of the number already is not said twice, and is added where it does not."""
    assert says(KRISHNA, language="en", text="Call 112 now.") == ["Call 112 now."]
    assert "call 112" in says(KRISHNA, language="en", text="We open at seven.")[0]
    assert says(KRISHNA, language="en", intent="price", text="It is ₹550.") == ["It is ₹550."]


def test_the_desks_own_words_are_for_customers_of_its_first_language(says):
    """Its words for an absent team are one text, so another language's customer reads ours in theirs."""
    assert "I have noted this" in says(KRISHNA, language="en", intent="human")[0]
    assert "हमारी टीम" in says(KRISHNA, language="hi", intent="human")[0]
