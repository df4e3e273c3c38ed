"""A workflow's picture: steps below what leads to them, beside each other where they are alternatives."""

import pytest

from shared.config.workflow_graph import shape_of
from shared.config.workflows import Workflow
from shared.console.run_picture import GAP, HEIGHT, RISE, WIDTH, picture


def shape(*steps, edges):
    """A workflow of steps that do nothing of interest."""
    nodes = [{"id": step, "set": {"n": "`1`"}} for step in steps]
    linked = [dict(zip(("from", "to", "condition"), edge, strict=False)) for edge in edges]
    return shape_of(Workflow.model_validate({"nodes": nodes, "edges": linked}))


FORKED = shape(
    "ask", "yes", "no", "end", edges=[("ask", "yes"), ("ask", "no"), ("yes", "end"), ("no", "end")]
)


def test_alternatives_stand_beside_each_other_in_the_middle():
    """Two ways from one step to another are side by side, the steps before and after between them."""
    boxes = {box.step: box for box in picture(FORKED, {}).boxes}

    layers = [boxes[step].y / (HEIGHT + RISE) for step in ("ask", "yes", "no", "end")]
    assert [0, 1, 1, 2] == layers
    assert WIDTH + GAP == abs(boxes["yes"].x - boxes["no"].x)
    assert (boxes["yes"].x + boxes["no"].x) / 2 == pytest.approx(boxes["ask"].x) == boxes["end"].x


def test_an_edge_goes_around_the_steps_it_passes():
    """An edge over a layer comes down beside the step that stands there."""
    seen = picture(shape("a", "b", "c", edges=[("a", "b"), ("b", "c"), ("a", "c", "`true`")]), {})

    (passing,) = [line for line in seen.lines if line.sometimes]
    (middle,) = [box for box in seen.boxes if box.step == "b"]
    x = float(passing.d.partition("V")[0].split()[-2])
    assert not middle.x <= x <= middle.x + WIDTH
    assert "`true`" == passing.sometimes


def test_what_a_run_went_along_is_marked():
    """An edge is marked where the step before was done and the one behind was come to."""
    states = {"ask": "done", "yes": "waiting", "no": "skipped"}
    seen = picture(FORKED, states)

    ways = dict(zip([(link.source, link.target) for link in FORKED.links], seen.lines, strict=True))
    assert [("ask", "yes")] == [way for way, line in ways.items() if line.gone]
    assert states["yes"] == next(box.state for box in seen.boxes if box.step == "yes")


def test_forty_steps_stand_apart():
    """No two boxes of a wide and deep workflow touch, and all are within the picture."""
    steps = [f"s{number}" for number in range(40)]
    edges = [(steps[max(0, (number - 1) // 3)], steps[number]) for number in range(1, 40)]
    seen = picture(shape(*steps, edges=edges), {})

    places = [(box.x, box.y) for box in seen.boxes]
    assert 40 == len(set(places))
    for x, y in places:
        assert -0.1 <= x <= seen.width - WIDTH + 0.6
        assert not [one for one in places if one[1] == y and 0 < one[0] - x < WIDTH]
