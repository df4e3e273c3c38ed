"""Templates are sandboxed Jinja with a short list of names, so that a desk's file can hold no program."""

import re
from collections.abc import Mapping
from functools import lru_cache

from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError, meta, nodes
from rapidfuzz import process

from shared.config.sandbox import Sandbox, filled
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
AGENT_NAMES: dict[str, str] = NAMES | {
    "task": "what the agent is to do, in words",
    "input": "what it is given: the run's fields and what earlier steps answered, e.g. input.message",
}
"""What the prompt of an agent inside a run may name."""
_HANDLEBARS = re.compile(r"\{\{\s*[#/>!&^]\s*(\w*)")
_SINGLE_BRACE = re.compile(r"(?<![{%#])\{[a-z_]+\}(?!\})")


_ENVIRONMENT = Sandbox()


def check_agent_template(text: str) -> str:
    """As `check_template`, for the prompt of an agent inside a run."""
    return check_template(text, AGENT_NAMES)


def check_template(text: str, known: Mapping[str, str] = NAMES) -> str:
    """The template, unchanged. Raises ValueError saying what is wrong and what to write."""
    for name in sorted(names_in(text) - known.keys()):
        near = process.extractOne(name, list(known), score_cutoff=60)
        write = near[0] if near else f"one of {', '.join(known)}"
        raise ValueError(f"the template names {name!r}, which nobody fills; write {write}")
    return text


def names_in(text: str) -> set[str]:
    """What a template names. Raises ValueError, saying what to write, for a text that is none."""
    handlebars = _HANDLEBARS.search(text)
    if handlebars:
        raise ValueError(f"{handlebars[0]!r} is Handlebars; write {_jinja_of(handlebars[1])}")
    single = _SINGLE_BRACE.search(text)
    if single:
        raise ValueError(
            f"{single[0]!r} in single braces, said as it stands; write {{{{ desk.name }}}} or the like"
        )
    try:
        return meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
    except (TemplateError, RecursionError) as error:
        raise ValueError(f"not a Jinja template ({error}); close every {{{{ and {{% as opened") from error


def fields_in(text: str, name: str) -> set[str]:
    """The fields of `name` that a template says, e.g. `time` of `event`; raises ValueError as `names_in`."""
    names_in(text)
    tree, found = _ENVIRONMENT.parse(text), set[str]()
    for dotted in tree.find_all(nodes.Getattr):
        if isinstance(dotted.node, nodes.Name) and dotted.node.name == name:
            found.add(dotted.attr)
    for keyed in tree.find_all(nodes.Getitem):
        if (
            isinstance(keyed.node, nodes.Name)
            and keyed.node.name == name
            and isinstance(keyed.arg, nodes.Const)
        ):
            found.add(str(keyed.arg.value))
    return {one for one in found if not hasattr(dict, one)}  # else what every mapping can do


def render(text: str, names: Mapping[str, object]) -> str:
    """The template filled with `names`; what is not known of them is left blank.

    Raises Permanent where it cannot be filled.
    """
    try:
        return filled(_compiled(text), names)
    except Exception as error:  # a template may raise anything
        raise Permanent(
            f"the template {text[:60]!r} cannot be filled: {error}; correct it in the desk's file"
        ) from error


@lru_cache(maxsize=512)
def _compiled(text: str) -> JinjaTemplate:
    return _ENVIRONMENT.from_string(text)


def _jinja_of(word: str) -> str:
    return {"each": "{% for item in … %}", "if": "{% if … %}"}.get(word, "{{ name }} or {% … %}")
