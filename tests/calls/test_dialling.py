"""What LiveKit answers to whoever dials and waits, in its own wire format: no SIP server can be had here."""

import pytest
from livekit import api
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.domain.call_rooms import Dial, NotAnswered, NotDialled
from shared.integrations.livekit import LiveKit
from tests.standins.serving import serving

DIAL = Dial(
    room="r", trunk="ST_1", number="+919812345678", shown="+912200000103", identity="caller",
    ring_seconds=30, most_seconds=600, waits=True,
)  # fmt: skip


async def dialled(answer):
    """What becomes of dialling where LiveKit answers so, and what it was asked."""
    asked = []

    async def create(request: Request) -> Response:
        asked.append(api.CreateSIPParticipantRequest.FromString(await request.body()))
        return answer

    app = Starlette(routes=[Route("/twirp/livekit.SIP/CreateSIPParticipant", create, methods=["POST"])])
    async with serving(app) as url:
        livekit = LiveKit(url=url.replace("http", "ws"), pairs=(("key", "x" * 32),), agent="front-desk")
        try:
            return await livekit.dial(DIAL), asked[0]
        finally:
            await livekit.close()


def refused(code, words, twirp="resource_exhausted", status=429):
    """LiveKit's error for a call that the network turned away."""
    meta = {"sip_status_code": str(code), "sip_status": words}
    body = {"code": twirp, "msg": f"twirp error {twirp}: sip status: {code}: {words}", "meta": meta}
    return JSONResponse(body, status_code=status)


@pytest.mark.parametrize(
    ("code", "words", "twirp", "status"),
    [
        (486, "Busy Here", "resource_exhausted", 429),
        (603, "Decline", "permission_denied", 403),
        (480, "Temporarily Unavailable", "unavailable", 503),
    ],
)
async def test_the_networks_own_word_is_told_whatever_livekit_calls_it(code, words, twirp, status):
    """Its SIP status, in numbers and words; it is not taken for a request that nothing has heard."""
    with pytest.raises(NotAnswered, match=f"{code} {words}") as told:
        await dialled(refused(code, words, twirp, status))

    assert code == told.value.status


async def test_who_waits_returns_with_the_networks_id_once_it_is_answered():
    """LiveKit is asked to wait as long as it rings."""
    answered = api.SIPParticipantInfo(sip_call_id="SCL_1").SerializeToString()
    name, asked = await dialled(Response(answered, media_type="application/protobuf"))

    assert ("SCL_1", True, 30) == (name, asked.wait_until_answered, asked.ringing_timeout.seconds)


async def test_a_request_that_nothing_has_heard_rings_nowhere():
    """Without a SIP server it may be made again at once."""
    body = {"code": "unavailable", "msg": "no response from servers"}
    with pytest.raises(NotDialled):
        await dialled(JSONResponse(body, status_code=503))
