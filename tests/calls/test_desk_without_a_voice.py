"""A desk that cannot speak: the caller is told, where there is any voice, and let go with a ticket."""

import asyncio
from uuid import uuid4

from livekit import api

from shared.desk.spending import budget_of
from shared.ports import Query
from tests.calls.answering import answering
from tests.calls.caller import calling, telephoning
from tests.calls.talking import over
from tests.standins.gemini_live import GeminiLive
from voice_service.last_words import SORRY


async def test_a_call_whose_job_cannot_speak_ends_at_once_with_a_ticket(livekit):
    """Without the model's key one job takes the call, ends it as failed, and people are to call back."""
    async with answering(livekit, {}) as there:
        await there.start_worker()
        call = await there.call()
        async with calling(livekit, call.room) as caller:
            await asyncio.wait_for(caller.ended.wait(), 15)
        ended = await over(there, call)
        (ticket,) = [one.data for one in (await there.store.query("tickets", Query())).documents]

    assert ("failed", 1) == (ended.outcome, ended.generation)
    assert ended.reason.startswith("the desk could not begin to speak: GEMINI_API_KEY is not set")
    assert (call.conversation, "urgent") == (ticket["conversation"], ticket["priority"])


async def test_a_telephone_hears_why_before_it_is_hung_up(livekit):
    """By whatever voice is connected; the words and the reason stand in the call, and people call back."""
    room = f"call-front-{uuid4().hex}"
    with GeminiLive() as model:
        async with answering(livekit, model.settings) as there:
            published = await there.publish(budgets={"hour": 0.01, "conversation": 0.01})
            await budget_of(there.services, there.store, published.config).spend("before", 1.0)
            await there.start_worker()
            async with telephoning(livekit, room, "+4917011122", "+4930901820") as caller:
                metadata = '{"tenant":"acme","desk":"front"}'
                request = api.CreateAgentDispatchRequest(agent_name=there.agent, room=room, metadata=metadata)
                await there.api.agent_dispatch.create_dispatch(request)
                await caller.hears_words(SORRY["en"], seconds=40)
                await asyncio.wait_for(caller.ended.wait(), 15)
            (call,) = [one.data for one in (await there.store.query("calls", Query())).documents]
            (ticket,) = [one.data for one in (await there.store.query("tickets", Query())).documents]
            found = await there.store.query(f"conversations/{call['conversation']}/messages", Query())
            words = [one.data["content"]["text"] for one in found.documents]

    assert ("ended", "failed", "inbound") == (call["state"], call["outcome"], call["direction"])
    assert "raise budgets." in call["reason"]
    assert [SORRY["en"]] == words
    assert "+4917011122" in ticket["description"]
