"""A desk with a voice and a caller, as the tests of calls have them."""

from tests.unit.calls.conftest import clock, environment, front, line, model  # noqa: F401  fixtures
