"""The models there are, from dated data beside this file: capabilities, prices, ends and successors."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from shared.config.catalogue import ModelInfo
from shared.domain.errors import Permanent
from shared.models.chat_model import Request, Usage

Profile = Literal["fast", "balanced", "powerful"]

_DATA = Path(__file__).with_name("catalogue.yaml")
_WARN_BEFORE = timedelta(days=60)
_MILLION = 1_000_000
_CHARACTERS_A_TOKEN = 3  # on the careful side for English; scripts such as Devanagari need more tokens
_OUTPUT_EXPECTED = 600  # tokens, where the request sets no limit


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """USD for a million tokens, up to and including a day."""

    input: float
    cached: float
    output: float
    until: date | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model. `tools` and `vision` say what a chat may ask of it, `realtime` that it speaks and hears."""

    name: str
    provider: str
    context: int  # tokens
    prices: tuple[Price, ...]
    tools: bool = True
    vision: bool = False
    realtime: bool = False
    ends: date | None = None
    successor: str | None = None
    estimated: bool = False

    @property
    def vendor_name(self) -> str:
        """What the vendor itself calls it."""
        return self.name.removeprefix(f"{self.provider}/")

    def price(self, at: datetime) -> Price:
        """The price on a day."""
        day = at.date()
        return next(
            (price for price in self.prices if price.until is None or day <= price.until), self.prices[-1]
        )

    def lacks(self, request: Request) -> str | None:
        """Why it cannot take a request, or None."""
        if self.realtime:
            return "it speaks, it does not chat"
        if request.tools and not self.tools:
            return "it cannot call tools"
        if not self.vision and any(turn.media for turn in request.turns):
            return "it cannot see pictures"
        if tokens_of(request) > self.context:
            return f"the talk is longer than its {self.context} tokens"
        return None


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every model and profile."""

    profiles: dict[Profile, tuple[str, ...]]
    models: tuple[Model, ...]

    def told(self, connected: Container[str]) -> dict[str, ModelInfo]:
        """Every model as validation is told of it; `connected` holds the providers that are."""
        return {
            model.name: ModelInfo(
                provider=model.provider,
                ends=model.ends,
                successor=model.successor,
                realtime=model.realtime,
                connected=model.provider in connected,
            )
            for model in self.models
        }

    def find(self, name: str) -> Model:
        """The model of a name. Raises Permanent naming near ones where there is none."""
        for model in self.models:
            if model.name == name:
                return model
            if model.name.endswith("*") and name.startswith(model.name[:-1]) and name != model.name[:-1]:
                return msgspec.structs.replace(model, name=name)
        known = ", ".join(model.name for model in self.models)
        raise Permanent(f"no model is called {name!r}; the known ones are {known}")

    def candidates(self, wanted: str, at: datetime) -> list[Model]:
        """The models of a profile in its order, or the one model of a name; the ended as their successors."""
        names = next((names for profile, names in self.profiles.items() if profile == wanted), (wanted,))
        return [self.current(name, at) for name in names]

    def current(self, name: str, at: datetime) -> Model:
        """The model that answers to a name on a day: itself, or after its end its successor."""
        model = self.find(name)
        if model.ends is None or at.date() < model.ends or model.successor is None:
            return model
        return self.current(model.successor, at)

    def notice(self, name: str, at: datetime) -> str | None:
        """What to tell whoever chose a model that ends soon or has ended, else None."""
        model = self.find(name)
        if model.ends is None or at.date() < model.ends - _WARN_BEFORE:
            return None
        instead = self.current(model.successor, at).name if model.successor else "nothing"
        if at.date() < model.ends:
            return f"{name} ends on {model.ends}; {instead} takes its place then: name it in the desk's file"
        return f"{name} ended on {model.ends}; {instead} answers in its place: name it in the desk's file"

    def cost(self, name: str, usage: Usage, at: datetime, *, served: str = "") -> float:
        """USD for a usage of a model at a day's price. Raises Permanent for an unknown name.

        `served` is the vendor's name of what truly answered, `gemini-3.8-flash-002`: where it begins
        with a name of the same provider, that one's price counts.
        """
        price = self._served(self.find(name), served).price(at)
        fresh = max(0, usage.input - usage.cached)
        total = fresh * price.input + usage.cached * price.cached + usage.output * price.output
        return total / _MILLION

    def estimate(self, name: str, request: Request, at: datetime) -> float:
        """USD a request may cost at most, as far as one can tell beforehand."""
        output = request.max_tokens or _OUTPUT_EXPECTED
        return self.cost(name, Usage(input=tokens_of(request), output=output), at)

    def _served(self, asked: Model, served: str) -> Model:
        begins = [
            model
            for model in self.models
            if model.provider == asked.provider and served.startswith(model.name)
        ]
        return max(begins, key=lambda model: len(model.name), default=asked)


def tokens_of(request: Request) -> int:
    """About how many tokens a request is, without asking anybody."""
    text = len(request.system) + sum(len(turn.text) for turn in request.turns)
    data = sum(
        len(str(turn.result)) + len(str(turn.calls)) for turn in request.turns if turn.result or turn.calls
    )
    tools = sum(len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    return (text + data + tools) // _CHARACTERS_A_TOKEN + 1


@cache
def read_catalogue(path: Path = _DATA) -> Catalogue:
    """The catalogue in a file, read once. Raises Permanent naming what is wrong in it."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Catalogue)
    except msgspec.MsgspecError as error:
        raise Permanent(f"{path.name}: {error}; mend that entry") from error
