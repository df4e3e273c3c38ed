"""Who of a desk's team takes a message, and the desk as that member knows it."""

import pytest

from shared.agents.team import all_at_once, as_member, chosen, stand_in
from shared.config.schema import DeskConfig
from shared.domain.signals import Signals

CONFIG = DeskConfig.model_validate(
    {
        "tenant": {"id": "acme", "name": "Acme"},
        "desk": {"id": "front", "name": "Acme"},
        "knowledge": {"files": ["menu.csv", "house.md"]},
        "tools": {"search_knowledge": {}, "book_slot": {}},
        "agent": {
            "guidelines": ["Be kind."],
            "team": [
                {
                    "name": "menu",
                    "handles": "dishes, allergies and what they cost",
                    "intents": ["price"],
                    "tools": ["search_knowledge"],
                    "knowledge": ["menu.csv"],
                    "guidelines": ["Name the allergens."],
                    "backup": "tables",
                },
                {
                    "name": "tables",
                    "handles": "booking, moving and cancelling tables",
                    "intents": ["booking"],
                },
                {"name": "host", "handles": "anything else", "general": True},
            ],
        },
    }
)
TEAM = CONFIG.agent.team


@pytest.mark.parametrize(
    ("signals", "text", "last", "who"),
    [
        (Signals(category="tables", intent="price"), "how much", "", "tables"),  # the category comes first
        (Signals(intent="price"), "how much", "", "menu"),
        (Signals(intent="ask_price_of_dish"), "how much", "", "menu"),  # a model's own longer word
        (Signals(), "are there allergies in the dishes", "", "menu"),  # nothing but the words
        (Signals(intent="agreement"), "yes please", "tables", "tables"),  # nothing new: who answered last
        (Signals(), "who won the match", "", "host"),
        (Signals(category="nobody"), "who won the match", "", "host"),
    ],
)
def test_a_message_finds_its_member(signals, text, last, who):
    """By category, then intent, then words, then who answered last; the general one takes the rest."""
    assert who == chosen(TEAM, signals, text, last).name


def test_a_member_has_its_own_rules_tools_and_files():
    """What it leaves out is the agent's; what it names is all it has."""
    menu = as_member(CONFIG, TEAM[0])

    assert ("Be kind.", f"You look after this: {TEAM[0].handles}", "Name the allergens.") == (
        menu.agent.guidelines
    )
    assert ["search_knowledge"] == list(menu.tools)
    assert ("menu.csv",) == menu.knowledge.files
    assert CONFIG.tools == as_member(CONFIG, TEAM[2]).tools


def test_a_member_is_stood_in_for():
    """By the one it names, else by the general one, who has nobody above."""
    assert "tables" == stand_in(TEAM, TEAM[0]).name
    assert "host" == stand_in(TEAM, TEAM[1]).name
    assert stand_in(TEAM, TEAM[2]) is None


def test_one_voice_for_all_keeps_everybodys_rules():
    """Where nobody can be chosen message by message, each rule stands under its matter."""
    assert (
        "When it is about dishes, allergies and what they cost: Name the allergens."
        in all_at_once(CONFIG).agent.guidelines
    )
