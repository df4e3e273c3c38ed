"""Jinja's sandbox, bounded: what a tenant's file says shares its process with every other tenant's.

Nothing in a template may take the processor or the memory for itself: loops go round so often in all, a text
grows so long, and whatever would make a long one of a short one by a number is not there.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from jinja2 import ChainableUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_ROUNDS = 10_000
"""How often the loops of a template go round in all."""
LONGEST = 400_000
"""Characters of what a template comes to, and of any text on the way there."""

_WIDENING = {"center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate",
             "zfill"}  # fmt: skip
"""Methods of a text by which a number, or another text, makes it as long as it likes."""
_WIDENING_FILTERS = {"batch", "center", "format", "indent", "slice", "wordwrap", "xmlattr"}
_WITHOUT_END = {"cycler", "joiner", "lipsum", "namespace"}
"""Globals that keep something from one round of a loop to the next, or are of no use here."""
_ELSEWHERE = (nodes.Block, nodes.CallBlock, nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include,
              nodes.Macro)  # fmt: skip

_left: ContextVar[list[int]] = ContextVar("rounds left")


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates in desks' files."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=True)
        for name in _WIDENING_FILTERS:
            del self.filters[name]
        for name in _WITHOUT_END:
            del self.globals[name]
        self.filters |= {"join": _join, "replace": _replace, "rounds": _rounds, "within": _within}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers, and add texts within bounds; refuse anything else."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _within(left + right)
        if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
            raise SecurityError(f"{operator} is for two numbers, and powers are not computed")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """No text is filled by its own method."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As Jinja's, and no method that widens a text."""
        return super().is_safe_attribute(obj, attr, value) and not (
            isinstance(obj, str) and attr in _WIDENING
        )

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(_ELSEWHERE):
            raise TemplateSyntaxError(f"{type(node).__name__.lower()} has no place here", node.lineno)
        bounded: nodes.Template = _Bounds().visit(tree)
        return bounded


class _Bounds(NodeTransformer):
    """Counts the rounds of loops, and measures what texts are put together to."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802  Jinja looks for it by this name
        """A loop over something counted."""
        if node.recursive:
            raise TemplateSyntaxError("a loop within itself has no place here", node.lineno)
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "rounds")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  as above
        """Texts put together, measured."""
        self.generic_visit(node)
        return _filtered(node, "within")


def filled(template: JinjaTemplate, names: Mapping[str, object]) -> str:
    """The template filled. Raises whatever it raises, SecurityError where it goes beyond its bounds."""
    before = _left.set([MOST_ROUNDS])
    try:
        pieces, length = [], 0
        for piece in template.generate(names):
            length += len(piece)
            if length > LONGEST:
                raise SecurityError(f"it comes to more than {LONGEST:,} characters")
            pieces.append(piece)
        return "".join(pieces)
    finally:
        _left.reset(before)


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno, environment=node.environment)


def _rounds(items: Iterable[Any]) -> Iterator[Any]:
    left = _left.get()
    for item in items:
        left[0] -= 1
        if left[0] < 0:
            raise SecurityError(f"its loops go round more than {MOST_ROUNDS:,} times")
        yield item


def _within(text: str) -> str:
    if len(text) > LONGEST:
        raise SecurityError(f"it makes a text of more than {LONGEST:,} characters")
    return text


def _replace(text: object, old: str, new: str, count: int = -1) -> str:
    """Jinja's `replace`, within bounds."""
    said, new = str(text), str(new)
    times = said.count(str(old)) if count < 0 else min(count, said.count(str(old)))
    if len(said) + times * len(new) > LONGEST:
        raise SecurityError(f"it makes a text of more than {LONGEST:,} characters")
    return said.replace(str(old), new, count)


def _join(items: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    """Jinja's `join`, within bounds."""
    length, said = 0, []
    for item in items:
        word = str(item.get(attribute, "") if attribute and isinstance(item, Mapping) else item)
        length += len(word) + len(between)
        if length > LONGEST:
            raise SecurityError(f"it makes a text of more than {LONGEST:,} characters")
        said.append(word)
    return between.join(said)
