"""What a vendor hears of its webhook when it is not taken: nothing is lost, so nothing is answered 200."""

from collections.abc import Sequence

import pytest
from starlette.requests import Request

from shared.api.receive import MOST, Reception, receive
from shared.channels import whatsapp
from shared.domain.errors import Permanent, Transient
from tests.standins.graph_api import as_meta_writes, message_body, sign

BODY = as_meta_writes(
    message_body("777", "919800000001", {"id": "wamid.1", "type": "text", "text": {"body": "Hi"}})
)


class Bus:
    """Takes what it is told, or fails as it is made to."""

    def __init__(self, error=None):
        self.error = error
        self.told = []

    async def publish(self, topic, body, *, attributes=None):
        if self.error:
            raise self.error
        self.told.append((topic, body))


async def answer_to(messages: Sequence[dict], bus: Bus):
    """The response to a request whose body comes in these messages."""
    waiting = iter(messages)

    async def hear():
        return next(waiting)

    headers = [(name.lower().encode(), value.encode()) for name, value in sign(BODY, "s3cret").items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/whatsapp",
        "query_string": b"",
        "headers": headers,
    }
    reception = Reception(
        bus=bus, public_url="https://desk.example", platform_secrets=["s3cret"], own_secrets=lambda _: ()
    )
    return await receive(Request(scope, hear), whatsapp, reception)


def part(body, *, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_parts_is_verified_as_a_whole():
    """However the network cut it, and with empty parts between."""
    bus = Bus()
    answer = await answer_to([part(BODY[:50], more=True), part(b"", more=True), part(BODY[50:])], bus)

    assert answer.status_code == 200
    assert [topic for topic, _ in bus.told] == ["message-received"]


async def test_a_sender_that_hangs_up_in_the_body_is_no_error_of_ours():
    """What came is not a webhook; nothing is told, nothing raised."""
    bus = Bus()
    answer = await answer_to([part(BODY[:50], more=True), {"type": "http.disconnect"}], bus)

    assert (answer.status_code, bus.told) == (400, [])


async def test_a_body_larger_than_any_webhook_is_refused_before_its_end():
    """No more is read than is allowed."""
    chunk = part(b"x" * 1_000_000, more=True)
    answer = await answer_to([chunk] * (MOST // 1_000_000 + 1), Bus())

    assert answer.status_code == 400


@pytest.mark.parametrize("error", [Transient("the disk is full"), Permanent("the database is no database")])
async def test_whatever_is_wrong_with_the_bus_the_vendor_is_to_tell_it_again(error):
    """503 and when to come, not a 500: the fault is ours and may be mended."""
    answer = await answer_to([part(BODY)], Bus(error))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_bus_that_is_broken_for_good_is_in_the_logs(caplog):
    """A person has to act, so it is an error with its reason; one that may pass is not."""
    await answer_to([part(BODY)], Bus(Transient("the disk is full")))
    assert not caplog.records
    await answer_to([part(BODY)], Bus(Permanent("restore it from a backup")))

    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "webhook.not_published")
    assert "restore it" in str(record.exc_info)
