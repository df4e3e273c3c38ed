"""The recorded webhooks, told as if the sample lab were their business and each had a customer of its own."""

from pathlib import Path

from tests.journeys.house import LAB, LAB_INSTAGRAM

PAYLOADS = Path(__file__).parents[1] / "payloads"
_ACCOUNTS = {"whatsapp": ("106540352242922", LAB), "instagram": ("17841400008460056", LAB_INSTAGRAM)}
_CUSTOMERS = {"whatsapp": "16505551234", "instagram": "1254477777772919"}


def recorded(channel: str) -> list[bytes]:
    """A channel's recorded bodies."""
    theirs, ours = _ACCOUNTS.get(channel, ("", ""))
    customer = _CUSTOMERS.get(channel, "")
    bodies = [_read(path) for path in sorted((PAYLOADS / channel).iterdir())]
    if not theirs:
        return bodies
    return [
        body.replace(theirs.encode(), ours.encode()).replace(
            customer.encode(), f"{customer[:-3]}{number:03d}".encode()
        )
        for number, body in enumerate(bodies)
    ]


def _read(path: Path) -> bytes:
    """A sample's bytes; a form is written a line per field."""
    return path.read_bytes().replace(b"\n", b"") if path.suffix == ".form" else path.read_bytes()
