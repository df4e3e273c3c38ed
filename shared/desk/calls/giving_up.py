"""Ends what no way of answering could: the caller hears an honest word, and a person is asked for."""

import msgspec

from shared.config.versions import Published
from shared.desk.answer import words_of
from shared.desk.calls.answering import answering
from shared.desk.calls.begin import channel_of_call
from shared.desk.handover import given_up
from shared.desk.services import Services
from shared.desk.thought import Thought
from shared.domain.calls import Call
from shared.domain.errors import FrontdeskError
from shared.domain.receipts import Step
from shared.security.tenancy import TenantStore

SORRY = {
    "en": "I am sorry, I cannot answer that right now. I am asking a colleague to help you.",
    "hi": "क्षमा करें, मैं अभी इसका जवाब नहीं दे पा रही हूँ। मैं एक सहकर्मी से आपकी मदद करने को कह रही हूँ।",
}
"""What a caller hears when the desk itself failed."""

AGAIN = {
    "en": "I am sorry, I did not get that. Could you say it once more?",
    "hi": "क्षमा करें, मैं समझ नहीं पाई। क्या आप इसे एक बार फिर कह सकते हैं?",
}
"""What a caller hears the first time: their words still wait, and the next turn answers them too."""


def once_more(language: str) -> str:
    """The words that ask to hear it again."""
    return AGAIN.get(language[:2], AGAIN["en"])


async def give_up(
    services: Services, store: TenantStore, call: Call, published: Published, error: FrontdeskError
) -> Thought | None:
    """The thought that asks for a person because of `error`; None where a person has the word already.

    Raises Transient where the store is busy.
    """
    async with answering(services, store, call, published) as right:
        if right is None:
            return None
        language = right.lease.head.language or published.config.desk.languages[0]
        wanted = given_up(language, error)
        if wanted.reply:
            wanted = msgspec.structs.replace(wanted, reply=SORRY.get(language[:2], SORRY["en"]))
        failed = Step(kind="model", name="", ms=0.0, error=str(error))
        thought = right.thought(steps=(failed,), handover=wanted)
        return thought if await right.commit(thought) else None


def words_given_up(services: Services, call: Call, published: Published, thought: Thought) -> str:
    """What is said of it."""
    now, channel = services.ports.clock.now(), channel_of_call(call.direction)
    return " ".join(one.text for one in words_of(thought, config=published.config, channel=channel, now=now))
