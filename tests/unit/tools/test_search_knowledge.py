"""Answers from the desk's own files, and an honest nothing."""

import pytest

from shared.knowledge.index import KnowledgeIndex
from shared.knowledge.read import read_files

FILES = {
    "prices.csv": b"test,price\nBlood count,350\nThyroid profile,550\nVitamin D,1200\nLipid profile,600",
    "faq.md": b"# Clinic\n## Parking\nFree parking behind the house.\n## Reports\nReports come by e-mail.",
}


@pytest.fixture
def desk(desk):
    desk.knowledge = KnowledgeIndex(read_files(FILES))
    return desk


async def test_a_found_row_comes_with_fields_sources_and_confidence(desk):
    """A price is told from its table cell, its place is named, and the score is the confidence."""
    result = await desk.call("search_knowledge", query="thyroid profile price", top=1)

    assert result.data == {
        "passages": [
            {
                "text": "test: Thyroid profile; price: 550",
                "source": "prices.csv row 3",
                "score": result.confidence,
                "fields": {"test": "Thyroid profile", "price": "550"},
            }
        ]
    }
    assert result.sources == ("prices.csv row 3",)
    assert 0.9 < result.confidence <= 1


async def test_nothing_found_is_said_with_no_confidence(desk):
    """A question the files do not answer yields no passage and the advice to say so."""
    result = await desk.call("search_knowledge", query="Do you repair bicycles?")

    assert result.data["passages"] == []
    assert "say nothing about this" in result.data["note"]
    assert (result.confidence, result.sources) == (0.0, ())


async def test_the_desks_settings_bound_the_search(desk):
    """How many passages and from which score on is the desk's to say."""
    desk.written = {"tools": {"search_knowledge": {"top": 2}}}
    two = await desk.call("search_knowledge", query="profile price")
    desk.written = {"tools": {"search_knowledge": {"min_score": 1.0}}}
    none = await desk.call("search_knowledge", query="profile price and colour")

    assert len(two.data["passages"]) == 2
    assert none.data["passages"] == []
