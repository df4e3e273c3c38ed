"""What is Secret Manager's own in Secrets: values are kept for five minutes."""

import pytest

from shared.backends.google import secrets as module
from shared.backends.google.secrets import GoogleSecrets
from shared.domain.errors import Transient
from tests.standins.secret_manager import secret_manager


@pytest.fixture
async def manager():
    async with secret_manager() as service:
        yield service


@pytest.fixture
async def secrets(manager):
    secrets = GoogleSecrets("p", address=manager.address)
    yield secrets
    await secrets.close()


async def test_a_value_is_read_once_and_kept_for_five_minutes(secrets, manager, monkeypatch):
    """Ten thousand reads cost one; a rotated value is seen when the time is over."""
    manager.values["projects/p/secrets/token"] = [b"old"]
    assert [await secrets.get("token") for _ in range(3)] == ["old"] * 3
    manager.values["projects/p/secrets/token"].append(b"new")
    assert await secrets.get("token") == "old"
    assert manager.asked == 1

    monkeypatch.setattr(module.time, "monotonic", lambda at=module.time.monotonic: at() + module.KEPT)

    assert await secrets.get("token") == "new"


@pytest.mark.parametrize("name", ["", "a/b", "a/../b", "x" * 256, "ключ", "a\n"])
async def test_a_name_no_secret_can_have_is_none(secrets, manager, name):
    """It is not even asked for, so a name can never be part of another path."""
    assert await secrets.get(name) is None
    assert manager.asked == 0


async def test_secrets_out_of_reach_are_transient(monkeypatch):
    """Nobody listens there, for as long as we are ready to wait."""
    monkeypatch.setattr(module, "RETRY", module.RETRY.with_timeout(0.1))
    secrets = GoogleSecrets("p", address="127.0.0.1:1")

    with pytest.raises(Transient):
        await secrets.get("token")
    await secrets.close()
