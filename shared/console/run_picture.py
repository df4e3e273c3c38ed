"""The picture of a workflow: its steps in layers from top to bottom, each edge around what stands between."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from shared.config.workflow_graph import Link, Shape

WIDTH, HEIGHT, RISE, GAP = 184, 46, 34, 18
"""Of a step, of the space between two layers, and between two neighbours."""
_THREAD = 10  # width of an edge that passes a layer
_SWEEPS = 4
_Place = tuple[str, int]  # a step or an edge, and the layer it stands in or passes
_Edge = tuple[str, str]
ICONS = {
    "agent": "spark", "crew": "people", "tool": "link", "send": "send", "call": "call-out", "wait": "clock",
    "approval": "hand", "run": "flow", "set": "edit", "finish": "check", "handover": "user",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A step."""

    step: str
    kind: str
    state: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An edge as the path of an SVG."""

    d: str
    sometimes: str  # its condition; empty where it always leads on
    gone: bool  # whether the run went along it


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def picture(shape: Shape, states: Mapping[str, str]) -> Picture:
    """A workflow's picture, with how each step stands; it may have no circle."""
    depths = _depths(shape)
    ways = {(link.source, link.target): _way(link, depths) for link in shape.links}
    layers = _ordered(_layers(shape, depths, ways), list(ways.values()))
    across = _across(layers, list(ways.values()))
    left = min((across[place] - _width(place) / 2 for layer in layers for place in layer), default=0)
    right = max((across[place] + _width(place) / 2 for layer in layers for place in layer), default=0)
    at = {place: (x - left, place[1] * (HEIGHT + RISE)) for place, x in across.items()}
    return Picture(
        width=round(right - left),
        height=len(layers) * (HEIGHT + RISE) - RISE,
        boxes=tuple(
            Box(
                step=step,
                kind=node.kind,
                state=states.get(step, ""),
                x=round(at[step, depths[step]][0] - WIDTH / 2, 1),
                y=at[step, depths[step]][1],
            )
            for step, node in shape.nodes.items()
        ),
        lines=tuple(
            Line(
                d=_path([at[place] for place in way]),
                sometimes=_condition(shape, edge),
                gone=_went(states, *edge),
            )
            for edge, way in ways.items()
        ),
    )


def _went(states: Mapping[str, str], source: str, target: str) -> bool:
    return states.get(source, "") in ("done", "stumbled", "undone") and states.get(target, "") not in (
        "",
        "skipped",
    )


def _condition(shape: Shape, edge: _Edge) -> str:
    link = next(link for link in shape.links if (link.source, link.target) == edge)
    told = [link.condition or "", " or ".join(link.any_of), shape.nodes[edge[1]].condition or ""]
    return " and ".join(filter(None, told)) or (f"not {' or '.join(link.unless)}" if link.unless else "")


def _depths(shape: Shape) -> dict[str, int]:
    """The layer of each step: below everything that leads to it."""
    depths: dict[str, int] = {}
    left = list(shape.nodes)
    while left:
        step = next(one for one in left if all(link.source in depths for link in shape.before[one]))
        left.remove(step)
        depths[step] = max((depths[link.source] + 1 for link in shape.before[step]), default=0)
    return depths


def _way(link: Link, depths: Mapping[str, int]) -> list[_Place]:
    """The places an edge comes through: its ends, and itself in each layer between them."""
    first, last = depths[link.source], depths[link.target]
    name = f"{link.source} {link.target}"
    between = [(name, layer) for layer in range(first + 1, last)]
    return [(link.source, first), *between, (link.target, last)]


def _layers(
    shape: Shape, depths: Mapping[str, int], ways: Mapping[_Edge, list[_Place]]
) -> list[list[_Place]]:
    layers: list[list[_Place]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    places = [(step, depths[step]) for step in shape.nodes]
    places += [place for way in ways.values() for place in way[1:-1]]
    for place in places:
        layers[place[1]].append(place)
    return layers


def _neighbours(ways: list[list[_Place]], *, above: bool) -> dict[_Place, list[_Place]]:
    found: dict[_Place, list[_Place]] = {}
    for way in ways:
        for one, other in pairwise(way):
            here, there = (other, one) if above else (one, other)
            found.setdefault(here, []).append(there)
    return found


def _ordered(layers: list[list[_Place]], ways: list[list[_Place]]) -> list[list[_Place]]:
    """The layers with each place near the middle of its neighbours, so that few edges cross."""
    for sweep in range(_SWEEPS):
        above = sweep % 2 == 0
        near = _neighbours(ways, above=above)
        for layer in layers if above else layers[::-1]:
            rank = {place: number for one in layers for number, place in enumerate(one)}
            middles = {
                place: sum(rank[one] for one in near[place]) / len(near[place])
                if place in near
                else float(rank[place])
                for place in layer
            }
            layer.sort(key=lambda place, middles=middles: middles[place])  # type: ignore[misc]
    return layers


def _across(layers: list[list[_Place]], ways: list[list[_Place]]) -> dict[_Place, float]:
    """Where the middle of each place is, drawn to the middle of its neighbours as far as there is room."""
    across: dict[_Place, float] = {}
    for layer in layers:
        _set_apart(layer, dict.fromkeys(layer, 0.0), across)
    for sweep in range(2 * _SWEEPS):
        above = sweep % 2 == 0
        near = _neighbours(ways, above=above)
        for layer in layers if above else layers[::-1]:
            wished = {
                place: sum(across[one] for one in near[place]) / len(near[place])
                if place in near
                else across[place]
                for place in layer
            }
            _set_apart(layer, wished, across)
    return across


def _set_apart(layer: list[_Place], wished: Mapping[_Place, float], across: dict[_Place, float]) -> None:
    """Place a layer as wished, neighbours moved apart where they would overlap, the whole not to one side."""
    reached = float("-inf")
    for place in layer:
        middle = max(wished[place], reached + _width(place) / 2)
        across[place] = middle
        reached = middle + _width(place) / 2 + GAP
    aside = sum(across[place] - wished[place] for place in layer) / len(layer)
    for place in layer:
        across[place] -= aside


def _width(place: _Place) -> float:
    return _THREAD if " " in place[0] else WIDTH


def _path(points: list[tuple[float, float]]) -> str:
    """From the foot of the first step to the head of the last, straight through the layers between."""
    (x, y), *rest = points
    y += HEIGHT
    drawn = f"M{x:.1f} {y}"
    for number, (to_x, to_y) in enumerate(rest):
        middle = (y + to_y) / 2
        drawn += f"C{x:.1f} {middle} {to_x:.1f} {middle} {to_x:.1f} {to_y}"
        x, y = to_x, to_y
        if number < len(rest) - 1:
            y += HEIGHT
            drawn += f"V{y}"
    return drawn
