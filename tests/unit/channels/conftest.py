"""What every channel's tests share: a client that uses no proxy of the machine."""

from collections.abc import AsyncIterator

import httpx
import pytest


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client with short time-outs, so that a silent vendor costs a test little."""
    async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
        yield client
