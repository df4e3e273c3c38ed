"""Two hundred ways to write a desk's file wrong: each told completely by the validator, none a traceback."""

import time

from tests.drills.malformed_configs import CASES, Case
from tests.drills.tally import Tally
from tests.drills.test_malformed_configs import judge


async def drill(*, full: bool) -> Tally:
    """All of them, in full and otherwise."""
    del full
    tally, slowest = Tally("configs"), 0.0
    for case in CASES:
        began = time.perf_counter()
        tally.check(not (wrong := _wrong(case)), f"{case.name}: {wrong}")
        slowest = max(slowest, time.perf_counter() - began)
    tally.notes.append(f"the slowest took {slowest * 1000:.0f} ms")
    return tally


def _wrong(case: Case) -> str:
    """What is missing in what the author is told."""
    try:
        judged = judge(case.content)
    except Exception as error:  # noqa: BLE001 - a traceback of any kind is what must not be
        return f"raised {type(error).__name__}"
    if not any(one.line == case.line and case.path in (None, one.path) for one in judged.problems):
        return f"nothing is said of line {case.line}, {case.path}"
    parts = [
        (one.file, one.line, one.column, one.path, one.found.strip(), one.fix.strip())
        for one in judged.problems
    ]
    return "" if all(all(part) for part in parts) else "a problem without place, finding or fix"
