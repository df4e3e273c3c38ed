"""What customers say of themselves, kept on their record apart from what their channels prove."""

import re
from collections.abc import Mapping

import msgspec

from shared.domain.customers import MAY_CALL, Customer, claim, known
from shared.domain.errors import AlreadyExists, PreconditionFailed, Transient
from shared.domain.instants import stamp
from shared.ports import Create, Document, Put
from shared.tools.phones import read_phone
from shared.tools.shape import ToolContext

_TRIES = 8
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s.,;<>\"\d]{2,63}")


class Unreadable(ValueError):
    """A value is not of its field's form; the message is for the model to mend."""


def checked(field: str, value: str, context: ToolContext) -> str:
    """The value as it is to be kept. Raises Unreadable naming the field, what was found and what to ask."""
    text = " ".join(value.split()) if field != "notes" else value.strip()
    if field == "phone":
        phone = read_phone(text, context.config)
        if not phone:
            raise Unreadable(f"phone: {text!r} is no phone number; ask for it again, with the country code")
        return phone
    if field == "email" and not _EMAIL.fullmatch(text):
        raise Unreadable(f"email: {text!r} is no e-mail address; ask the customer to spell it again")
    if field == MAY_CALL:
        text = text.casefold()
        if text not in ("yes", "no"):
            raise Unreadable(f"{MAY_CALL}: {value!r} is neither; write yes or no, as the customer said")
    if not text:
        raise Unreadable(f"{field}: it is empty; leave it out or ask the customer")
    return text


def collected(context: ToolContext) -> frozenset[str]:
    """The fields the desk's file lets it collect."""
    rules = context.config.behavior.pii_collection
    return frozenset(rules.fields) if rules.enabled else frozenset()


async def remembered(context: ToolContext) -> dict[str, str]:
    """What is known of the customer, by field."""
    found = await context.store.get(f"customers/{context.customer}")
    return known(_customer(found, context)) if found else {}


async def keep(values: Mapping[str, str], context: ToolContext) -> None:
    """Keep checked values as claims of the customer; the same ones again change nothing.

    Raises Transient where the record keeps changing under us.
    """
    path = f"customers/{context.customer}"
    for _ in range(_TRIES):
        found = await context.store.get(path)
        before = _customer(found, context)
        if all(name in before.claimed and before.claimed[name].value == values[name] for name in values):
            return
        after = claim(before, values, stamp(context.clock.now()), context.conversation)
        data = {**(found.data if found else {}), **msgspec.to_builtins(after)}
        write = Put(path, data, found.version) if found else Create(path, data)
        try:
            await context.store.commit([write])
        except (AlreadyExists, PreconditionFailed):
            continue
        return
    raise Transient("the customer's record is being changed by others; try again", retry_after=1)


def _customer(found: Document | None, context: ToolContext) -> Customer:
    return msgspec.convert(found.data, Customer) if found else Customer(id=context.customer)
