"""`python -m functions`: every handler in one process, wired from the manifest, as one machine runs it."""

import asyncio
import logging
import sys
from importlib import import_module

from uvicorn.loops.auto import auto_loop_factory

from shared import bootstrap
from shared.config.settings import read_settings
from shared.domain.errors import Permanent
from shared.local_server import serve
from shared.telemetry import logs


def main() -> int:
    """Serve until stopped; 0 after Ctrl-C, 1 with a sentence where it cannot start, 2 where told anything."""
    if sys.argv[1:]:
        told = "the server takes no arguments; commands are `python -m shared.cli`, settings in the README"
        print(f"frontdesk: {told}", file=sys.stderr)  # noqa: T201  to the person who started it
        return 2
    logs.configure(people=sys.stderr.isatty())
    try:
        environment = bootstrap.environment()
        process = bootstrap.Process(read_settings(environment), environment)
        bootstrap.enter(process)
        handles = {
            handler.name: import_module(f"functions.{handler.name}").handle for handler in process.handlers
        }
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(serve(process, handles))
    except Permanent as error:
        print(f"frontdesk: {error}", file=sys.stderr)  # noqa: T201  to the person who started it
        return 1
    except KeyboardInterrupt:
        pass
    logging.getLogger(__name__).info("frontdesk.stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
