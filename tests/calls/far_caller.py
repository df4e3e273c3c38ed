"""A caller as a program of its own, for another network: joins, listens for seconds, tells what it heard.

    python -m tests.calls.far_caller URL TOKEN SECONDS [SENTENCE]

prints `joined`, then, after so many seconds, one line of JSON: the seconds in which something was heard, the
longest silence among them, packets lost, the share of sound made up, and whether the sentence was heard.
"""

import argparse
import asyncio
import json
import time
from typing import Any

from livekit import rtc

from tests.calls.caller import Caller


async def listen(url: str, key: str, seconds: float, sentence: str) -> dict[str, Any]:
    """What is heard in so many seconds."""
    caller = Caller()
    await caller.join(url, key)
    print("joined", flush=True)  # noqa: T201 - to whoever started it
    begun = await caller.hears(time.monotonic(), 20)
    await asyncio.sleep(seconds)
    ended = time.monotonic()
    inbound = await _inbound(caller.room)
    recording = caller.recording
    told = {
        "heard": ended - begun,
        "longest_silence": recording.longest_silence(begun, ended),
        "sentence": bool(sentence) and recording.has_words(sentence),
        **inbound,
    }
    await caller.hang_up()
    return told


async def _inbound(room: rtc.Room) -> dict[str, float]:
    """What WebRTC counted of the sound that came."""
    stats = await room.get_rtc_stats()
    # One connection carries both directions, and its counts are all told as the publisher's.
    for one in (*stats.subscriber_stats, *stats.publisher_stats):
        if one.WhichOneof("stats") == "inbound_rtp" and one.inbound_rtp.stream.kind == "audio":
            received, sound = one.inbound_rtp.received, one.inbound_rtp.inbound
            return {
                "received": received.packets_received,
                "lost": received.packets_lost,
                "concealed": sound.concealed_samples / max(1, sound.total_samples_received),
            }
    raise LookupError("WebRTC counted no sound that came; was anybody heard?")


def main() -> None:
    """Listen, and print what was heard."""
    parser = argparse.ArgumentParser(description="A caller on another network.")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("seconds", type=float)
    parser.add_argument("sentence", nargs="?", default="")
    asked = parser.parse_args()
    told = asyncio.run(listen(asked.url, asked.token, asked.seconds, asked.sentence))
    print(json.dumps(told), flush=True)  # noqa: T201 - to whoever started it


if __name__ == "__main__":
    main()
