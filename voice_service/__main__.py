"""`python -m voice_service`: a voice worker, and with `--with-server` a LiveKit server of its own."""

import argparse
import asyncio
import contextlib
import logging
import sys
from pathlib import Path

from dotenv import dotenv_values

from shared import bootstrap
from shared.config.settings import Settings, read_settings
from shared.domain.errors import Permanent
from shared.telemetry import logs
from voice_service.libraries import FOR_LIBRARIES
from voice_service.livekit_server import running

log = logging.getLogger(__name__)

PORT, MEDIA_PORT, KEY = 7880, 7882, "frontdesk"


def main() -> int:
    """Answer calls until stopped; 0 after Ctrl-C, 1 with a sentence where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m voice_service", description="Answer calls.")
    parser.add_argument("--with-server", action="store_true", help="with a LiveKit server on this machine")
    asked = parser.parse_args()
    logs.configure(people=sys.stderr.isatty())
    try:
        with contextlib.ExitStack() as stack:
            found = bootstrap.environment()
            if asked.with_server:
                found |= _serve(read_settings(found), found, stack)
            bootstrap.hand_down({**found, **FOR_LIBRARIES})
            from voice_service import worker  # noqa: PLC0415  its libraries read what was just handed down

            asyncio.run(worker.run(bootstrap.Process(read_settings(found), found)))
    except Permanent as error:
        print(f"frontdesk: {error}", file=sys.stderr)  # noqa: T201  to the person who started it
        return 1
    except KeyboardInterrupt:
        pass
    log.info("voice.stopped")
    return 0


def _serve(settings: Settings, found: dict[str, str], stack: contextlib.ExitStack) -> dict[str, str]:
    """Start LiveKit's server; the settings that lead to it, which `make run` finds in the data folder."""
    cache = Path(found["XDG_CACHE_HOME"]) if found.get("XDG_CACHE_HOME") else None
    kept = settings.data_folder / bootstrap.VOICE_ENV
    server = stack.enter_context(
        running(
            cache=cache,
            port=PORT,
            media_port=MEDIA_PORT,
            key=KEY,
            secret=str(dotenv_values(kept).get("LIVEKIT_API_SECRET") or ""),
            webhooks=[f"{settings.address}/webhooks/livekit"],
        )
    )
    said = "".join(f"{name}={value}\n" for name, value in server.settings.items())
    if not kept.exists() or kept.read_text("utf-8") != said:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(said, "utf-8")
        log.info("voice.first_time", extra={"do": "start make run again, so that it knows this server"})
    log.info("voice.open", extra={"try": f"{settings.address}/", "livekit": server.url})
    return server.settings


if __name__ == "__main__":
    sys.exit(main())
