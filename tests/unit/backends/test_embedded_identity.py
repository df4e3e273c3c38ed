"""Who may call a handler on one machine: the process itself."""

import pytest

from shared.backends.embedded.identity import authorization, verify_caller
from shared.domain.errors import Forged


async def test_the_process_lets_itself_in():
    """Its own header opens its own handlers."""
    await verify_caller(authorization(), "http://127.0.0.1:8080/take_turn", "")


@pytest.mark.parametrize("given", [None, "", "Bearer ", "Bearer x", "Bearer ü", "\ud800"])
async def test_nobody_else_is_let_in(given):
    """A missing, wrong or unreadable header is forged."""
    with pytest.raises(Forged):
        await verify_caller(given)
