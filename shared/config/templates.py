"""Templates are sandboxed Jinja with a short list of names, so that a desk's file can hold no program."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, meta
from jinja2 import Template as JinjaTemplate
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from rapidfuzz import process

from shared.domain.errors import Permanent

NAMES: dict[str, str] = {
    "agent": "the agent's block: name, type, personality, objectives, guidelines, context",
    "desk": "the desk's block: name, languages, timezone, currency, address, phone, email, website, facts",
    "tenant": "the business: id and name",
    "customer": "what is known of the customer: name, phone, email and what was recorded",
    "language": "the language to answer in, e.g. hi",
    "channel": "the channel, e.g. whatsapp",
    "now": "the time at the desk, ISO 8601",
    "event": "what a follow-up is about: its fields, e.g. event.time",
}
"""What a template may name."""
_HANDLEBARS = re.compile(r"\{\{\s*[#/>!&^]\s*(\w*)")
_SINGLE_BRACE = re.compile(r"(?<![{%#])\{[a-z_]+\}(?!\})")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which also multiplies numbers alone: texts would grow without end."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply two numbers; refuse anything else."""
        if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
            raise SecurityError(f"{operator} is for two numbers, and powers are not computed")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT = _Sandbox(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=True)


def check_template(text: str) -> str:
    """The template, unchanged. Raises ValueError saying what is wrong and what to write."""
    handlebars = _HANDLEBARS.search(text)
    if handlebars:
        raise ValueError(f"{handlebars[0]!r} is Handlebars; write {_jinja_of(handlebars[1])}")
    single = _SINGLE_BRACE.search(text)
    if single:
        raise ValueError(
            f"{single[0]!r} in single braces, said as it stands; write {{{{ desk.name }}}} or the like"
        )
    try:
        names = meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
    except (TemplateError, RecursionError) as error:
        raise ValueError(f"not a Jinja template ({error}); close every {{{{ and {{% as opened") from error
    for name in sorted(names - NAMES.keys()):
        near = process.extractOne(name, list(NAMES), score_cutoff=60)
        write = near[0] if near else f"one of {', '.join(NAMES)}"
        raise ValueError(f"the template names {name!r}, which nobody fills; write {write}")
    return text


def render(text: str, names: Mapping[str, object]) -> str:
    """The template filled with `names` (keys of `NAMES`); what is not known of them is left blank.

    Raises Permanent where it cannot be filled.
    """
    try:
        return _compiled(text).render(names)
    except Exception as error:  # a template may raise anything
        raise Permanent(
            f"the template {text[:60]!r} cannot be filled: {error}; correct it in the desk's file"
        ) from error


@lru_cache(maxsize=512)
def _compiled(text: str) -> JinjaTemplate:
    return _ENVIRONMENT.from_string(text)


def _jinja_of(word: str) -> str:
    return {"each": "{% for item in … %}", "if": "{% if … %}"}.get(word, "{{ name }} or {% … %}")
