"""What a workflow's expressions and templates may name: what it was given, its steps, and the desk."""

import warnings
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from shared.config.conditions import NARROWING, check_negations, respelled
from shared.config.templates import NAMES, names_in

GIVEN = frozenset({"input", "context", "run", "hooks", "output"})
"""`input` and `context` as the run was started with; `output` what the step before an edge came to; `hooks`
the addresses that end its waits for webhooks; and `run`: its `id`, `confidence` the least that any step
reported, `errors` how many attempts failed, `said` what the customer wrote in small letters, `handover`
whether a step asked for a person, `error` why it failed.
"""


def check_step(name: str) -> str:
    """A step's name, unchanged. Raises ValueError for one that would hide what it is taken for."""
    if name in GIVEN or name in NAMES:
        raise ValueError(
            f"a step called {name!r}, which a workflow names already; write another, e.g. {name}_step"
        )
    return name


def check_expression(text: str) -> str:
    """The JMESPath, unchanged. Raises ValueError saying what is wrong and what to write."""
    try:
        with warnings.catch_warnings(action="error"):  # a literal that is no JSON is deprecated, not refused
            jmespath.compile(text)
    except (JMESPathError, RecursionError, PendingDeprecationWarning) as error:
        written = respelled(text)
        write = f"write {written}" if written else "write JMESPath, e.g. classify.intent == 'return'"
        raise ValueError(f"{text!r} is no JMESPath; {write}") from error
    tree: Any = jmespath.compile(text).parsed
    check_negations(text, tree)
    return text


def check_words(text: str) -> str:
    """The template, unchanged, whatever it names. Raises ValueError saying what to write."""
    names_in(text)
    return text


def named_by_expression(text: str) -> set[str]:
    """The names a checked JMESPath begins with."""
    tree: Any = jmespath.compile(text).parsed
    return _roots(tree)


def named_by_words(text: str) -> set[str]:
    """The names a checked template needs of a run: those the desk fills are left out."""
    return names_in(text) - NAMES.keys()


def _roots(tree: dict[str, Any]) -> set[str]:
    kind, children = tree["type"], tree["children"]
    if kind == "field":
        return {tree["value"]}
    if kind == "expref":
        return set()  # about the items it is put to
    if kind in NARROWING:
        return _roots(children[0])  # what follows is about what it finds
    return set().union(*(_roots(child) for child in children if isinstance(child, dict)))
