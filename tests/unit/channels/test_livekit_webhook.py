"""LiveKit's signature vouches for the very body and for a while; every other is refused, and quietly."""

import base64
import hashlib
import json
import time
from dataclasses import replace

import jwt
import pytest
from livekit import api

from shared.channels import phone, room
from shared.channels.shape import Account, Dispatch, Sent, Webhook
from shared.config.channels import PhoneSettings
from shared.config.settings import read_settings
from shared.domain.content import Outgoing
from shared.domain.errors import Forged, Malformed
from tests.unit.channels import samples

KEY, SECRET = "frontdesk", "a-secret-of-tests-that-is-long-enough-for-every-algorithm-there-is"
PAIRS = ["newer:another-secret-of-tests-that-is-long-enough-for-every-algorithm", f"{KEY}:{SECRET}"]
BODY = samples.body("room", "caller_joined")


def hash_of(body):
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed(body=BODY, *, secret=SECRET, algorithm="HS256", headers=None, drop=(), **claims):
    """A webhook as LiveKit signs it, with these claims changed or dropped."""
    now = int(time.time())
    whole = {"iss": KEY, "exp": now + 86_400, "nbf": now, "iat": now, "sha256": hash_of(body)} | claims
    for name in drop:
        del whole[name]
    token = jwt.encode(whole, secret, algorithm=algorithm, headers=headers)
    return webhook(body, token)


def webhook(body, token):
    return samples.webhook(body, "https://desk.example/webhooks/livekit", (("authorization", token), CONTENT))


CONTENT = ("content-type", "application/webhook+json")
TRUE = signed()
TOKEN = TRUE.header("authorization")
HEAD, CLAIMS, SIGNATURE = TOKEN.split(".")
OTHERS = signed(iss="x").header("authorization").split(".")[1]
GRANTS = api.VideoGrants(room_join=True, room="r")
JOINING = api.AccessToken(KEY, SECRET).with_identity("x").with_grants(GRANTS)


def unsigned(algorithm):
    head = (
        base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()).decode().rstrip("=")
    )
    return webhook(BODY, f"{head}.{CLAIMS}.")


FORGERIES: dict[str, Webhook] = {
    "no header": replace(TRUE, headers=(CONTENT,)),
    "an empty one": webhook(BODY, ""),
    "a space": webhook(BODY, " "),
    "twice": replace(TRUE, headers=(("authorization", TOKEN), ("authorization", TOKEN))),
    "under another name": replace(TRUE, headers=(("x-authorization", TOKEN),)),
    "no token": webhook(BODY, "Bearer"),
    "one part": webhook(BODY, HEAD),
    "two parts": webhook(BODY, f"{HEAD}.{CLAIMS}"),
    "four parts": webhook(BODY, f"{TOKEN}.{SIGNATURE}"),
    "signature missing": webhook(BODY, f"{HEAD}.{CLAIMS}."),
    "signature cut": webhook(BODY, TOKEN[:-4]),
    "signature longer": webhook(BODY, TOKEN + "AA"),
    "signature changed": webhook(BODY, TOKEN[:-6] + "AAAAAA"),
    "swapped case": webhook(BODY, TOKEN.swapcase()),
    "claims of another": webhook(BODY, f"{HEAD}.{OTHERS}.{SIGNATURE}"),
    "not ASCII": webhook(BODY, TOKEN + "é"),
    "a lone surrogate": webhook(BODY, "\ud800"),
    "NUL inside": webhook(BODY, TOKEN[:20] + "\0" + TOKEN[20:]),
    "200 kB": webhook(BODY, "a" * 200_000),
    "200 kB of parts": webhook(BODY, "a.b." + "c" * 200_000),
    "a list": webhook(BODY, f"{TOKEN},{TOKEN}"),
    "basic": webhook(BODY, f"Basic {TOKEN}"),
    "algorithm none": unsigned("none"),
    "algorithm None": unsigned("None"),
    "algorithm empty": unsigned(""),
    "algorithm HS512": signed(algorithm="HS512"),
    "algorithm HS384": signed(algorithm="HS384"),
    "another secret": signed(secret="somebody-elses-secret-that-is-long-enough"),
    "a prefix of the secret": signed(secret=SECRET[:-1] + "x" * 3),
    "the secret in upper case": signed(secret=SECRET.upper()),
    "another key's name": signed(iss="newer"),
    "no issuer": signed(drop=("iss",)),
    "an unknown issuer": signed(iss="stranger"),
    "three words": webhook(BODY, "x.y.z"),
    "no end": signed(drop=("exp",)),
    "ended": signed(exp=int(time.time()) - 120),
    "ended long ago": signed(exp=0),
    "hash and issuer alone": webhook(BODY, jwt.encode({"iss": KEY, "sha256": hash_of(BODY)}, SECRET)),
    "not yet begun": signed(nbf=int(time.time()) + 3600),
    "no hash": signed(drop=("sha256",)),
    "an empty hash": signed(sha256=""),
    "the hash of another body": signed(sha256=hash_of(b"{}")),
    "the hash in hexadecimal": signed(sha256=hashlib.sha256(BODY).hexdigest()),
    "a hash that is a number": signed(sha256=5),
    "one byte more": replace(TRUE, body=BODY + b" "),
    "one byte less": replace(TRUE, body=BODY[:-1]),
    "no body": replace(TRUE, body=b""),
    "another room": replace(TRUE, body=BODY.replace(b"krishna", b"saffron")),
    "written anew": replace(TRUE, body=json.dumps(json.loads(BODY)).encode()),
    "a participant's token": webhook(BODY, JOINING.to_jwt()),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused(name):
    """Whatever is wrong, it is Forged, in one and the same words."""
    for channel in (phone, room):
        with pytest.raises(Forged, match="not signed by LiveKit"):
            channel.verify(FORGERIES[name], PAIRS)


def test_the_genuine_pass_by_the_newest_key_or_a_former_one():
    """Keys are changed without losing a webhook; without a key nothing passes."""
    for channel in (phone, room):
        channel.verify(TRUE, PAIRS)
        channel.verify(replace(TRUE, headers=(("authorization", f"Bearer {TOKEN}"),)), PAIRS)
        channel.verify(signed(exp=int(time.time()) - 20), PAIRS)  # two clocks differ a little
        for wrong in ([], [""], [":"], [f"{KEY}:"], [f":{SECRET}"], [KEY], [SECRET]):
            with pytest.raises(Forged):
                channel.verify(TRUE, wrong)


def test_keys_and_secrets_are_paired_as_they_are_written():
    """One key goes with every secret; several go with theirs, newest first."""
    one = read_settings({"LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "new, old"})
    two = read_settings({"LIVEKIT_API_KEY": "k2,k1", "LIVEKIT_API_SECRET": "s2,s1"})

    assert ("k:new", "k:old") == one.secrets_of("livekit_signers")
    assert (("k2", "s2"), ("k1", "s1")) == two.livekit_pairs
    assert () == read_settings({"LIVEKIT_API_KEY": "k"}).livekit_pairs


@pytest.mark.parametrize(
    "body",
    [
        {"event": "room_started", "id": "EV_1"},
        {"event": "room_started", "room": {"name": "r"}},
        {"event": "participant_joined", "room": {"name": "r"}, "id": "EV_1"},
        {"event": "participant_left", "room": {"name": "r"}, "participant": {}, "id": "EV_1"},
    ],
)
def test_a_telling_that_leaves_out_of_whom_is_malformed(body):
    """What cannot be about a call is not made one."""
    with pytest.raises(Malformed):
        room.parse(samples.webhook(json.dumps(body).encode()))


def test_no_secret_of_a_room_goes_on():
    """A room's password for its relay is in LiveKit's webhook, and in no fact of ours."""
    assert b"turnPassword" in BODY
    (event,) = room.parse(samples.webhook(BODY))

    assert json.loads(BODY)["room"]["turnPassword"].encode() not in event.encode()


async def test_what_the_desk_says_is_sent_by_being_stored(http):
    """Nothing is handed over; the message's own key is its id."""
    account = Account(id="+912200000103", settings=PhoneSettings(), credentials={}, api_url="")
    dispatch = Dispatch(key="acme.5f0c.12", to="+919812345678", message=Outgoing(text="Hello"))

    assert Sent("acme.5f0c.12") == await phone.send(http, account, dispatch)
