"""Scripted trouble for a stand-in: each fault strikes the next calls it fits, in the order they were set."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.standins.serving import cut


@dataclass
class Fault:
    """One kind of trouble.

    `status`: answer that HTTP status without a vendor's reason. `error`: refuse with the vendor's `code`.
    `refuse`: cut the line before taking the message. `drop`: take it, then cut the line. `hang`: take it,
    answer nothing for `seconds`. `delay`: everything as usual, `seconds` late.
    """

    kind: str
    status: int = 500
    code: int = 0
    seconds: float = 0.0
    retry_after: int | None = None
    path: str = ""  # strikes calls whose path contains it
    times: int = 1


@dataclass
class Faults:
    """The faults still to strike."""

    waiting: list[Fault] = field(default_factory=list)

    def set(self, *faults: Fault | dict[str, Any]) -> None:
        """Line up faults behind those already waiting."""
        self.waiting += [one if isinstance(one, Fault) else Fault(**one) for one in faults]

    def next(self, path: str) -> Fault | None:
        """The first fault for this path, used up once."""
        for fault in self.waiting:
            if fault.path in path and fault.times > 0:
                fault.times -= 1
                self.waiting = [one for one in self.waiting if one.times > 0]
                return fault
        return None


async def before(fault: Fault | None, request: Request) -> Response | None:
    """The trouble that strikes before a call is taken; None where it goes on."""
    if fault is None:
        return None
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "refuse":
        cut(request)
        return Response()
    if fault.kind == "status":
        headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else None
        return PlainTextResponse("", status_code=fault.status, headers=headers)
    return None


async def after(fault: Fault | None, request: Request, answer: Response) -> Response:
    """The trouble that strikes once a call was taken."""
    if fault and fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    if fault and fault.kind == "drop":
        cut(request)
    return answer


async def control(request: Request, faults: Faults) -> Response:
    """POST a fault or a list of them; DELETE forgets all."""
    if request.method == "DELETE":
        faults.waiting.clear()
    else:
        asked = await request.json()
        faults.set(*(asked if isinstance(asked, list) else [asked]))
    return JSONResponse({"waiting": len(faults.waiting)})
