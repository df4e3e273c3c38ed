"""Where the sound of calls goes: what a page's policy must let a browser reach beside ourselves."""

from urllib.parse import urlsplit

_PLAIN = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
_CLOUD = ".livekit.cloud"


def call_origins(livekit: str) -> str:
    """The origins of LiveKit's address, for `connect-src`; empty where none is connected.

    A socket carries the call and plain requests say why it could not; LiveKit's cloud sends browsers on
    to a region of its own.
    """
    parts = urlsplit(livekit)
    if parts.scheme not in _PLAIN or not parts.hostname:
        return ""
    plain = _PLAIN[parts.scheme]
    socket = plain.replace("http", "ws")
    hosts = [parts.netloc.rpartition("@")[2]]
    if parts.hostname.endswith(_CLOUD):
        hosts.append(f"*{_CLOUD}")
    return " ".join(f"{scheme}://{host}" for host in hosts for scheme in (socket, plain))
