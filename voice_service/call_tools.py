"""What a model may do with the call itself: end it, note something in it, press keys, tell a machine."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from livekit import rtc
from livekit.agents.llm import RawFunctionTool, function_tool

from shared.desk.beside import OwnTool
from shared.desk.calls.situation import END_CALL, VOICEMAIL
from shared.models.chat_model import ToolSpec
from voice_service.call_state import CallState

MOST_NOTES, LONGEST_NOTE = 40, 500
KEYS = "0123456789*#ABCD"  # in the order of their numbers on the wire, RFC 4733
BETWEEN_KEYS = 0.3

Schema = dict[str, Any]


def _schema(called: str, description: str, /, *required: str, **properties: str) -> Schema:
    texts = {key: {"type": "string", "description": told} for key, told in properties.items()}
    parameters = {"type": "object", "properties": texts, "required": list(required)}
    return {"name": called, "description": description, "parameters": parameters}


END = _schema(
    END_CALL,
    "End the call, once everything is settled or the caller wants to go.",
    "reason",
    reason="In a few words, for the business.",
)
SET = _schema(
    "set_context",
    "Note something for later in this call, as a name and a value.",
    "name",
    "value",
    name="What it is, e.g. pickup_address.",
    value="What it is worth knowing.",
)
GET = _schema("get_context", "Read what was noted during this call.", name="One note; all where left out.")
PRESS = _schema("send_dtmf", "Press keys, e.g. in another company's menu.", "keys", keys="e.g. 1 or 42#")
MACHINE = _schema(VOICEMAIL, "Note that an answering machine or a mailbox took the call, not a person.")


def call_tools(
    state: CallState,
    room: rtc.Room,
    *,
    hang_up: Callable[[str], None],
    machine: Callable[[str], None],
) -> list[RawFunctionTool[..., Any]]:
    """The tools. `hang_up` ends the call after what is being said, `machine` as no person took it.

    Only telephones have keys to press, and only on a call of ours a machine may be met.
    """

    async def end_call(raw_arguments: dict[str, Any]) -> str:
        hang_up(str(raw_arguments.get("reason", "")))
        return json.dumps({"ok": "Say goodbye in one short sentence; the line closes after it."})

    async def voicemail(raw_arguments: dict[str, Any]) -> str:  # noqa: ARG001  it takes none
        machine("the model heard it")
        return json.dumps({"ok": "Say nothing more."})

    async def set_context(raw_arguments: dict[str, Any]) -> str:
        name, value = (str(raw_arguments[key])[:LONGEST_NOTE] for key in ("name", "value"))
        if name not in state.call.context and len(state.call.context) >= MOST_NOTES:
            return json.dumps({"error": f"{MOST_NOTES} things are noted already; replace one of them"})
        noted = {**state.call.context, name: value}
        state.change(context=noted)
        return json.dumps({"noted": name})

    async def get_context(raw_arguments: dict[str, Any]) -> str:
        name, noted = raw_arguments.get("name"), state.call.context
        return json.dumps({name: noted.get(name, "not noted")} if name else noted, ensure_ascii=False)

    async def send_dtmf(raw_arguments: dict[str, Any]) -> str:
        keys = [key for key in str(raw_arguments["keys"]).upper() if key in KEYS]
        for key in keys:
            await room.local_participant.publish_dtmf(code=KEYS.index(key), digit=key)
            await asyncio.sleep(BETWEEN_KEYS)
        return json.dumps({"pressed": "".join(keys)})

    tools = [
        function_tool(end_call, raw_schema=END),
        function_tool(set_context, raw_schema=SET),
        function_tool(get_context, raw_schema=GET),
    ]
    if state.call.direction != "browser":
        tools.append(function_tool(send_dtmf, raw_schema=PRESS))
    if state.call.direction == "outbound":
        tools.append(function_tool(voicemail, raw_schema=MACHINE))
    return tools


def own_tools(tools: Iterable[RawFunctionTool[..., Any]]) -> dict[str, OwnTool]:
    """The same for the desk's own turns, by name."""
    return {tool.info.name: _own(tool) for tool in tools}


def _own(tool: RawFunctionTool[..., Any]) -> OwnTool:
    schema = tool.info.raw_schema

    async def run(arguments: dict[str, object]) -> dict[str, object]:
        told: dict[str, object] = json.loads(await tool(raw_arguments=arguments))
        return told

    spec = ToolSpec(
        name=schema["name"],
        description=schema["description"],
        parameters=schema["parameters"],
        examples=("",),  # no sentence calls for it: the offline model knows nothing of calls
    )
    return OwnTool(spec=spec, run=run)
