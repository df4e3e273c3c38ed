"""Keeps what customers tell of themselves, checked, and only what the desk may collect."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from shared.tools.claims import Unreadable, checked, collected, keep
from shared.tools.shape import ToolContext, ToolResult

NAME = "record_details"
DESCRIPTION = (
    "Keeps details the customer gave of themselves: name, phone, e-mail, company, address, preferences, "
    "notes and what else the business asks for. Call it as soon as a customer states such a detail. Never "
    "pass on guesses, and never details of other people."
)
EXAMPLES: Sequence[str] = (
    "My name is Asha Rao",
    "You can reach me at 98765 43210",
    "My email is asha@example.com",
    "I work at Acme Industries",
    "I prefer evening appointments",
    "mera naam Rohan hai",
    "mera number 98765 43210 hai",
    "मेरा नाम आशा है",
    "मेरा नंबर 98765 43210 है",
)
TIMEOUT = 5.0


class Settings(BaseModel, extra="forbid"):
    """Nothing to set; what may be kept is `behavior.pii_collection.fields`."""


class Detail(BaseModel):
    """A detail the business asks for by a name of its own."""

    field: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="Its name, e.g. budget or blood_group.")
    value: str = Field(max_length=1000, description="What the customer said.")


class Arguments(BaseModel):
    """The details, each only if the customer gave it."""

    name: str | None = Field(None, max_length=200, description="The customer's name.")
    phone: str | None = Field(None, max_length=40, description="The customer's phone number.")
    email: str | None = Field(None, max_length=254, description="The customer's e-mail address.")
    company: str | None = Field(None, max_length=200, description="The company they speak for.")
    address: str | None = Field(None, max_length=500, description="Where they live or want delivery.")
    preferences: str | None = Field(None, max_length=1000, description="What they like or want to avoid.")
    notes: str | None = Field(None, max_length=2000, description="Anything else worth keeping.")
    other: list[Detail] = Field([], max_length=20, description="Details the business names otherwise.")


async def run(arguments: Arguments, context: ToolContext) -> ToolResult:
    """What was kept and what this desk does not collect; an error names each value that is wrong."""
    given = {
        **{detail.field: detail.value for detail in arguments.other},
        **arguments.model_dump(exclude={"other"}, exclude_none=True),
    }
    allowed = collected(context)
    kept: dict[str, str] = {}
    wrong: list[str] = []
    for field in sorted(given.keys() & allowed):
        try:
            kept[field] = checked(field, given[field], context)
        except Unreadable as error:
            wrong.append(str(error))
    if kept:
        await keep(kept, context)
    data: dict[str, object] = {"kept": kept}
    if left := sorted(given.keys() - allowed):
        data["not_collected"] = left
    if not given:
        wrong.append("no detail was given; pass the ones the customer stated")
    elif not allowed & given.keys():
        collects = ", ".join(sorted(allowed)) or "nothing"
        wrong.append(f"this desk does not collect {', '.join(left)}; it collects {collects}")
    return ToolResult(data=data, error="; ".join(wrong) or None)
