"""The product on the google backend, on one machine: `make emulated`, to see by hand what the journeys see.

Google's emulators and our stand-ins live in memory: what is written there is gone afterwards. Without a key
of your own a stand-in for Gemini answers, with a receptionist's few habits.
"""

import asyncio
import contextlib
import os
import sys

from emulated import google_environment


async def main() -> int:
    """Serve until Ctrl-C; the server's own exit code."""
    async with google_environment() as environment:
        given = {"PORT": os.environ.get("PORT", "8080")}
        if key := os.environ.get("GEMINI_API_KEY"):
            given |= {"GEMINI_API_KEY": key, "GOOGLE_GEMINI_BASE_URL": ""}
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "functions", env={**os.environ, **environment, **given}
        )
        try:
            return await server.wait()
        except asyncio.CancelledError:  # Ctrl-C, which a terminal sends to the server as well
            with contextlib.suppress(ProcessLookupError):
                server.terminate()
            return await server.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
