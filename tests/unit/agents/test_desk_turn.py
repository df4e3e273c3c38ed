"""A desk's turn: what its tools did, did not, and may have done."""

import asyncio

from shared.agents.desk_turn import Thinking, begin, build
from shared.models.chat_model import Answer, Request, ToolCall
from shared.tools.call import OUT_OF_REACH
from shared.tools.shape import ToolResult

PAY = ToolCall(id="1", name="make_payment", arguments={"amount": 5})


async def test_a_call_that_may_have_acted_is_the_same_call_when_it_is_made_again():
    """Only a call that came to something makes the next one like it another call."""
    answers = [Answer(text="", calls=(PAY,)), Answer(text="", calls=(PAY, PAY)), Answer(text="Done.")]
    results = [ToolResult(data={OUT_OF_REACH: True}, error="late"), ToolResult(data={}), ToolResult(data={})]
    made = []

    async def stream(_request):
        yield answers.pop(0)

    async def act(_call, nth):
        made.append(nth)
        return results.pop(0), 1.0

    cleared = asyncio.Event()
    cleared.set()
    request = Request(model="any", system="", turns=())
    thinking = Thinking(
        request=request, stream=stream, cost=lambda: 0.0, act=act, max_rounds=5, cleared=cleared
    )
    await build(None).ainvoke(begin((1, 1), 1), context=thinking)

    assert [0, 0, 1] == made
