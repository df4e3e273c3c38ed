"""Processes that advance runs on one data folder until they are killed: bus, timers, store and runner.

Run by `runs_killed.py` with a folder. Each line it reads says how many runs to begin, and is answered by the
id of a process that works on them once it does, and by `gone` when that has died. The libraries are loaded
once: a thousand deaths cost no thousand starts.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from shared import bootstrap
from shared.backends.embedded.jobs import Pace
from shared.config.settings import read_settings
from shared.config.validate import validate
from shared.desk.commit import as_data, head_path
from shared.desk.runs import lease, left_behind
from shared.desk.runs.advance import advance_run
from shared.desk.runs.left_behind import take_up
from shared.desk.runs.start import Wanted, start_run
from shared.desk.services import Services
from shared.domain.conversation import Head
from shared.domain.deliveries import Delivery, Firing
from shared.domain.events import RunDue
from shared.ports import Create

DESK = """
version: "1.0"
tenant: {id: drill, name: Drill}
desk: {id: drill, name: Drill, languages: [en], timezone: UTC, use_case: support}
channels: {webchat: {enabled: true}}
tools: {create_ticket: {}}
workflows:
  errand:
    nodes:
      - id: first
        tool: create_ticket
        arguments: {subject: "first of {{ input.n }}", description: d}
      - id: counted
        set: {n: input.n}
      - id: hello
        send: Hello {{ counted.n }}
      - id: nap
        wait: {for: 1s}
      - id: small
        run: small
        arguments: {n: {from: input.n}}
      - id: second
        tool: create_ticket
        arguments: {subject: "second of {{ input.n }}", description: d}
      - id: done
        send: Done {{ small.status }}
  small:
    nodes:
      - id: third
        tool: create_ticket
        arguments: {subject: "third of {{ input.n }}", description: d}
"""
"""What every run does: three tickets, one of them in a sub-run, two messages, and a sleep."""


async def _begin(services: Services, count: int) -> None:
    text = DESK.encode()
    validated = validate(text)
    assert validated.config is not None, validated.problems
    await services.versions.publish_text(validated, text=DESK, origin="file", by="drill")
    store = services.tenant("drill")
    for number in range(count):
        name = f"talk{number}"
        head = Head(desk="drill", channel="webchat", account="drill", contact=name, customer="")
        await store.commit([Create(head_path(name), as_data(head))])
        wanted = Wanted(workflow="errand", input={"n": number}, conversation=name, once=name)
        await start_run(services, "drill", "drill", wanted)


async def _work(folder: str, count: int) -> None:
    told = {"FRONTDESK_DATA": folder}
    lease.LEASE, left_behind.LEFT_FOR = 2.0, timedelta()  # so that the next worker need not wait for long
    process = bootstrap.Process(read_settings(told), told)
    services = await process.services()
    if count:
        await _begin(services, count)
    opened = process.opened
    for queue in (opened.bus, opened.timers):
        queue._jobs.pace = Pace(lease=1.0)

    async def hear(delivery: Delivery) -> None:
        if delivery.handler == "advance_run":
            await advance_run(services, RunDue.decode(delivery.body))

    async def ring(firing: Firing) -> None:
        if firing.handler == "advance_run":
            payload: Mapping[str, object] = firing.payload
            await advance_run(services, RunDue.decode(msgspec.json.encode(payload)))

    async def sweep() -> None:
        while True:
            await asyncio.sleep(1)
            await take_up(services)

    print(os.getpid(), flush=True)  # noqa: T201  its killer reads it
    await asyncio.gather(opened.bus.run(hear), opened.timers.run(ring), sweep())


def _serve(folder: str) -> None:
    for count in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_work(folder, int(count)))
        os.waitpid(child, 0)
        print("gone", flush=True)  # noqa: T201  its killer waits for it


if __name__ == "__main__":
    _serve(sys.argv[1])
