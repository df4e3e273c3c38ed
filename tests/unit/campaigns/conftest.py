"""The desk that speaks first, and Meta's API as a stand-in."""

from tests.unit.outreach.conftest import front, graph

__all__ = ["front", "graph"]
