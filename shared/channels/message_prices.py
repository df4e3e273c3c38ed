"""What it costs to say something by each way: the business's own prices, else dated data beside this file."""

from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from shared.config.message_prices import Rates
from shared.config.schema import DeskConfig
from shared.domain.content import ChannelName
from shared.domain.errors import Permanent
from shared.domain.outreach import Kind

_DATA = Path(__file__).with_name("message_prices.yaml")
_SMS = 160  # characters that are one text message


class Price(msgspec.Struct, frozen=True):
    """USD; `estimated` where no price of the business's own tells it."""

    usd: float
    estimated: bool


class MessagePrices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """USD, by way and country code."""

    as_of: date  # when the list was put together
    carriers: dict[str, float]
    template: dict[str, float]
    sms: dict[str, float]
    email: float
    minute: dict[str, float]
    call_minutes: float

    def cost(
        self,
        channel: ChannelName,
        number: str,
        *,
        provider: str = "",
        template: bool = False,
        length: int = 0,
    ) -> float:
        """USD for saying something of so many characters to a number, as far as the list tells."""
        match channel:
            case "whatsapp":
                fixed = _by_country(self.template, number) if template else 0.0
                return fixed + self.carriers.get(provider, 0.0)
            case "sms":
                return _by_country(self.sms, number) * _texts(length)
            case "email":
                return self.email
            case "phone":
                return _by_country(self.minute, number) * self.call_minutes
        return 0.0


def price(
    config: DeskConfig,
    channel: ChannelName,
    number: str,
    *,
    kind: Kind,
    template: bool = False,
    length: int = 0,
) -> Price:
    """What it costs a desk to say something of so many characters to a number.

    A call's length is not known before, so its price is always an estimate.
    """
    own, listed = config.behavior.outreach.prices, read_message_prices()
    rate: float | None = None
    match channel:
        case "whatsapp" if template:
            rate = _own(own.whatsapp.utility if kind == "service" else own.whatsapp.marketing, number)
        case "sms":
            rate = _own(own.sms, number, times=_texts(length))
        case "email":
            rate = own.email
        case "phone":
            rate = _own(own.phone, number, times=listed.call_minutes)
    if rate is not None:
        return Price(rate, estimated=channel == "phone")
    provider = str(getattr(getattr(config.channels, channel, None), "provider", ""))
    usd = listed.cost(channel, number, provider=provider, template=template, length=length)
    return Price(usd, estimated=usd > 0)


def _own(rates: Rates, number: str, *, times: float = 1) -> float | None:
    return _by_country(rates, number) * times if "other" in rates or _code(rates, number) else None


def _by_country(prices: dict[str, float], number: str) -> float:
    return prices[_code(prices, number) or "other"]


def _code(prices: dict[str, float], number: str) -> str:
    """The longest country code of a list that a number begins with; empty for none."""
    digits = number.removeprefix("+")
    return max((code for code in prices if code != "other" and digits.startswith(code)), key=len, default="")


def _texts(length: int) -> int:
    return max(1, -(-length // _SMS))


@cache
def read_message_prices(path: Path = _DATA) -> MessagePrices:
    """The prices in a file, read once. Raises Permanent naming what is wrong in it."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=MessagePrices)
    except msgspec.MsgspecError as error:
        raise Permanent(f"{path.name}: {error}; mend that entry") from error
