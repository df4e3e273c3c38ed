"""The local server with nobody behind the bus: what it takes in stays there. Run as `python -m functions`."""

import asyncio
import os
from importlib import import_module

import uvicorn

from shared import bootstrap
from shared.config.settings import read_settings
from shared.local_server import app_of, bind, spare_the_collector


def main() -> None:
    """Serve until killed."""
    environment = dict(os.environ)
    process = bootstrap.Process(read_settings(environment), environment)
    bootstrap.enter(process)
    handles = {one.name: import_module(f"functions.{one.name}").handle for one in process.handlers}
    spare_the_collector()
    config = uvicorn.Config(app_of(process, handles), lifespan="off", log_config=None, access_log=False)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        listening = bind(process.settings.host, int(process.settings.port))
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
