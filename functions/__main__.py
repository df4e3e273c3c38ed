"""`python -m functions`: every handler in one process, wired from the manifest, as one machine runs it."""

import asyncio
import logging
import sys

from shared import bootstrap
from shared.config.settings import read_settings
from shared.domain.errors import Permanent
from shared.server import environment_with_file, serve
from shared.telemetry import logs


def main() -> int:
    """Serve until stopped; 0 after Ctrl-C, 1 with a sentence where it cannot start."""
    logs.configure(people=sys.stderr.isatty())
    try:
        environment = environment_with_file()
        process = bootstrap.Process(read_settings(environment), environment)
        bootstrap.enter(process)
        asyncio.run(serve(process))
    except Permanent as error:
        print(f"frontdesk: {error}", file=sys.stderr)  # noqa: T201  to the person who started it
        return 1
    except KeyboardInterrupt:
        logging.getLogger(__name__).info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
