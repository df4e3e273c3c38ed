"""An answer of a given form: by its JSON Schema, checked, and asked for once more where it departs."""

import json
import re

import msgspec

from shared.agents.asking import Asking
from shared.domain.errors import Permanent
from shared.models.chat_model import Request, Turn
from shared.models.failures import Unusable
from shared.models.structured import departs


class Misformed(Permanent):
    """The answer did not have its form, also when it was asked for again."""


async def formed(
    asking: Asking, request: Request, schema: dict[str, object], *, kept: bool = False
) -> dict[str, object]:
    """The answer as an object of the schema. Raises Misformed, and what asking raises."""
    form = {**schema, "title": re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title") or "Answer"))[:64]}
    asked = msgspec.structs.replace(request, schema=form, tools=())
    said, why = "", ""
    for _ in range(2):
        try:
            answer = await asking.ask(asked, kept=kept)
        except Unusable as error:
            said, why = "", str(error)
        else:
            place = "$" if answer.data is None else departs(answer.data, form)
            if answer.data is not None and not place:
                return answer.data
            said, why = answer.text or json.dumps(answer.data), f"it breaks the schema at {place}"
        asked = msgspec.structs.replace(
            asked,
            turns=(
                *request.turns,
                *((Turn(role="desk", text=said),) if said else ()),
                Turn(
                    role="customer",
                    text=f"That was not of the form asked for ({why}). Give the whole answer again.",
                ),
            ),
        )
    raise Misformed(
        f"the answer never had the form asked for: {why}; simplify output_schema or take a stronger model"
    )
