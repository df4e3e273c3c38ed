"""What a form of a page sends, read with care: a size it may not pass, and fields that are text."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request

from shared.api.problems import Refused

LARGEST = 256 * 1024
"""Bytes of a form; files are sent on their own."""
_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one form."""

    fields: dict[str, list[str]]

    def __getitem__(self, name: str) -> str:
        """A field's text without space around it; empty where it was not sent."""
        return self.whole(name).strip()

    def whole(self, name: str) -> str:
        """A field's text as it was typed, as passwords are meant."""
        return self.fields.get(name, [""])[-1]

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be sent several times."""
        return [value.strip() for value in self.fields.get(name, []) if value.strip()]

    def number(self, name: str, *, least: int, most: int) -> int:
        """A field that is a whole number within bounds. Raises Refused (422)."""
        text = self[name]
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
            raise Refused(422, f"{name.replace('_', ' ').capitalize()} is a number from {least} to {most}.")
        return int(text)


async def read_form(request: Request, most: int = LARGEST) -> Form:
    """The form a request carries, of `most` bytes; one without is empty. Raises Refused (413, 422)."""
    if not request.headers.get("content-type", "").startswith(_TYPE):
        return Form({})
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > most:
            raise Refused(413, f"This is more than {most // 1024} KB; shorten it.")
    try:
        return Form(parse_qs(held.decode(), keep_blank_values=True, max_num_fields=500))
    except ValueError as error:
        raise Refused(422, "The form could not be read; load the page again.") from error
