"""Refusals in one form, and the pace of visitors."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.api.problems import Refused, answering, told
from shared.domain.errors import Forged, Malformed, NotConnected, Permanent, Transient
from shared.security.local_only import SignInNeeded
from shared.security.pace import Pace, Rate


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Refused(409, "taken"), 409, "taken"),
        (HTTPException(405, "Method Not Allowed"), 405, "Method Not Allowed"),
        (SignInNeeded("sign in"), 401, "sign in"),
        (Malformed("no such field"), 400, "no such field"),
        (Permanent("never"), 400, "never"),
        (NotConnected("set META_ACCESS_TOKEN"), 503, "set META_ACCESS_TOKEN"),
        # what follows has words of its own that are not for the caller
        (Forged("secret 2 of 3 differs"), 401, "The request is not signed by who it claims to come from."),
        (Transient("db at 10.0.0.3"), 503, "Something this needs is busy or out of reach. Try again."),
        (KeyError("password"), 500, "Something went wrong on our side. It is logged."),
    ],
)
def test_every_error_becomes_a_problem_of_its_status(error, status, detail):
    """Foreseen errors are told in their words, others without a word of the inside."""
    answer = told(error)
    body = msgspec.json.decode(answer.body)

    assert answer.media_type == "application/problem+json"
    assert (answer.status_code, body["status"], body["detail"]) == (status, status, detail)
    assert body["title"]
    assert body["type"] == "about:blank"


def test_a_passing_trouble_says_when_to_come_back():
    """Retry-After is whole seconds, at least one."""
    assert told(Transient("busy", retry_after=0.2)).headers["retry-after"] == "1"
    assert told(Transient("busy", retry_after=30)).headers["retry-after"] == "30"


async def test_an_answering_endpoint_needs_no_application_to_tell_its_errors():
    """Behind a Cloud Function the endpoint itself turns errors into problems."""

    @answering
    async def endpoint(request):
        raise Refused(418, "no coffee", pot="tea")

    answer = await endpoint(Request({"type": "http", "method": "GET", "path": "/", "headers": []}))
    assert msgspec.json.decode(answer.body)["pot"] == "tea"


def test_a_pace_lets_a_burst_through_and_then_a_steady_flow():
    """After the burst one more comes with each part of a minute; keys do not share."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    pace = Pace(lambda: now, Rate(burst=3, per_minute=60))

    assert [pace.wait("a") for _ in range(3)] == [0, 0, 0]
    assert pace.wait("a") == pytest.approx(1)
    assert pace.wait("b") == 0
    now += timedelta(seconds=1)
    assert pace.wait("a") == 0
    assert pace.wait("a") > 0


def test_a_pace_remembers_only_so_many(monkeypatch):
    """Invented sessions cannot fill the memory."""
    monkeypatch.setattr("shared.security.pace._MOST", 10)
    pace = Pace(lambda: datetime(2026, 11, 20, tzinfo=UTC), Rate(burst=1, per_minute=1))
    for number in range(100):
        pace.wait(str(number))
    assert len(pace._buckets) == 10
