"""Secrets as the operator's environment holds them."""

from collections.abc import Mapping


class EmbeddedSecrets:
    """The Secrets port on a mapping, read at each call so that a changed value is seen."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    async def get(self, name: str) -> str | None:
        """The value, or None where there is none by that name or it is empty."""
        return self._values.get(name) or None
