"""The yardstick of calls: the smallest agent of LiveKit's that speaks through the same realtime model.

`python -m benchmarks.plain_voice_agent` serves the agent "plain"; no desk, no store, no tools, no transcript.
"""

import asyncio
import logging
import os

from google.genai import types
from livekit.agents import Agent, AgentServer, AgentSession, AutoSubscribe, JobContext
from livekit.plugins.google.realtime import RealtimeModel

NAME = "plain"
TOLD = "You are the front desk of Acme Clinic. You help callers with appointments, kindly and in few words."


async def answer(context: JobContext) -> None:
    """Greet whoever is in the room and talk."""
    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    transcription = types.AudioTranscriptionConfig()
    model = RealtimeModel(
        model="gemini-3.8-live",
        voice="Kore",
        language="en",
        modalities=[types.Modality.AUDIO],
        input_audio_transcription=transcription,
        output_audio_transcription=transcription,
    )
    # No detector of its own: the model decides turns, on both sides.
    session: AgentSession[None] = AgentSession(llm=model, vad=None)
    await session.start(Agent(instructions=TOLD), room=context.room, record=False)
    session.generate_reply(instructions="Greet the caller now: Hello, this is Acme Clinic.")


def main() -> None:
    """Serve until stopped; LIVEKIT_URL and its keys say where, PORT where health is told."""
    logging.basicConfig(level=logging.INFO)  # it says so when it takes calls
    server = AgentServer(
        host="127.0.0.1", port=int(os.environ["PORT"]), num_idle_processes=1, load_fnc=lambda: 0.0
    )
    server.rtc_session(answer, agent_name=NAME)
    asyncio.run(server.run())


if __name__ == "__main__":
    main()
