"""A caller's whole talk as a program of its own, for another network.

`python -m tests.drills.far_talk URL TOKEN` prints at its end a line of JSON: what was owed from when to when,
the silences in it, and whether the answer was heard. All processes of a machine share time.monotonic().
"""

import asyncio
import json
import sys
import time
from typing import Any

from tests.calls.caller import Caller
from tests.drills.one_call import (
    ANSWERED_WITHIN,
    GREETED_WITHIN,
    HELLO,
    QUESTION,
    QUIET,
    REST,
    UNDERWAY,
    said_by,
)


async def talk(url: str, key: str) -> dict[str, Any]:
    """Greeted, asked, answered."""
    caller = Caller()
    await caller.join(url, key)
    came = time.monotonic()
    first = await caller.hears(came, GREETED_WITHIN)
    await caller.reads(HELLO, GREETED_WITHIN)
    await asyncio.sleep(QUIET)
    _, stopped = await caller.say(QUESTION)
    caption = await caller.reads(REST, ANSWERED_WITHIN)
    until = time.monotonic()
    await asyncio.sleep(UNDERWAY)
    recording = caller.recording
    told = {
        "owed": [[came, first], [stopped, until]],
        "silences": [first - came, recording.longest_silence(stopped, until)],
        "heard": said_by(recording, caption.who, REST, stopped),
    }
    await caller.hang_up()
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(*sys.argv[1:]))), flush=True)  # noqa: T201 - to whoever started it
