"""What hearing and speaking cost, from dated data beside this file."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from shared.domain.errors import Permanent

_DATA = Path(__file__).with_name("speech_prices.yaml")


class SpeechPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """USD for a minute of sound."""

    minute: float
    estimated: bool = False


class SpeechPrices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By vendor."""

    hears: dict[str, SpeechPrice]
    speaks: dict[str, SpeechPrice]

    def cost(self, kind: Literal["hears", "speaks"], vendor: str, seconds: float) -> float:
        """USD for so much sound; a vendor nobody knows costs what the dearest does."""
        known = self.hears if kind == "hears" else self.speaks
        price = known.get(vendor) or max(known.values(), key=lambda one: one.minute)
        return price.minute * seconds / 60


@cache
def read_speech_prices(path: Path = _DATA) -> SpeechPrices:
    """The prices in a file, read once. Raises Permanent naming what is wrong in it."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=SpeechPrices)
    except msgspec.MsgspecError as error:
        raise Permanent(f"{path.name}: {error}; mend that entry") from error
