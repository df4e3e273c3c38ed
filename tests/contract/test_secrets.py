"""Secrets: values by name, the newest of each."""


async def test_a_secret_is_read_by_its_name(harness):
    """The value comes back as it was put."""
    await harness.put_secret("whatsapp-token", "s3cr€t value")

    assert await harness.ports.secrets.get("whatsapp-token") == "s3cr€t value"


async def test_an_unknown_secret_is_none(ports):
    """Where there is no secret of that name, the answer is None and no error."""
    assert await ports.secrets.get("nobody-made-this") is None


async def test_the_newest_value_wins(harness):
    """After a rotation the newer value is read."""
    await harness.put_secret("rotated", "old")
    await harness.put_secret("rotated", "new")

    assert await harness.ports.secrets.get("rotated") == "new"
