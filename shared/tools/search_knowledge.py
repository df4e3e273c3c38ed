"""Finds what the desk's own files say, so that answers rest on the business's words and not on guesses."""

from collections.abc import Sequence
from typing import cast

from pydantic import BaseModel, Field

from shared.config.block import Block, Score
from shared.tools.shape import ToolContext, ToolResult

NAME = "search_knowledge"
DESCRIPTION = (
    "Searches the business's own information: prices, services, products, policies, preparation, location, "
    "payment, frequent questions. Call it before stating any fact about the business, with the customer's "
    "question in a few words; table rows come with their columns in fields. If it finds nothing, say that "
    "you do not know and offer a person."
)
EXAMPLES: Sequence[str] = (
    "How much does it cost?",
    "What services do you offer?",
    "Do you have parking?",
    "What is your cancellation policy?",
    "Is it suitable for children?",
    "Which payment methods do you take?",
    "How should I prepare for it?",
    "Tell me about your packages",
    "iska price kitna hai",
    "kya aap home delivery karte hain",
    "aapke yahan kya kya milta hai",
    "refund kaise milega",
    "इसकी कीमत कितनी है?",
    "आपके यहाँ क्या-क्या मिलता है?",
    "क्या पार्किंग है?",
)
TIMEOUT = 3.0
REACH = "looks"


class Settings(Block):
    """How much an answer may rest on, and from where on a passage counts."""

    top: int | None = Field(None, ge=1, le=20, description="Passages at most; left out = knowledge.top.")
    min_score: Score | None = Field(None, description="Least score; left out = knowledge.min_score.")


class Arguments(BaseModel):
    """What to look for."""

    query: str = Field(min_length=1, max_length=500, description="The question or its key words.")
    top: int | None = Field(None, ge=1, le=20, description="How many passages at most.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """The passages that answer, best first, each with its source; a note where there are none."""
    settings, knowledge = cast("Settings", context.settings), context.config.knowledge
    least = knowledge.min_score if settings.min_score is None else settings.min_score
    top = arguments.top or settings.top or knowledge.top
    found = [passage for passage in context.knowledge.search(arguments.query, top) if passage.score >= least]
    if not found:
        note = "The business's files say nothing about this: say so, and offer a person or a callback."
        return ToolResult(data={"passages": [], "note": note}, confidence=0.0)
    return ToolResult(
        data={
            "passages": [
                {"text": passage.text, "source": passage.source, "score": passage.score}
                | ({"fields": dict(passage.fields)} if passage.fields else {})
                for passage in found
            ]
        },
        sources=tuple(dict.fromkeys(passage.source for passage in found)),
        confidence=found[0].score,
    )
