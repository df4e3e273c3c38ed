"""What every job would load or build for itself, done once where jobs are forked from: they share its memory.

Without it each job had 8 MB more of its own, and built models for a quarter of a second before it spoke.
"""

import jsonschema
import numpy.fft  # noqa: F401  LiveKit's measure of how a voice goes
from google.genai import Client, types
from livekit.agents.llm import ChatMessage
from livekit.agents.tokenize.basic import hyphenate_word

import shared.channels.registry
import shared.models.connected
import shared.models.gemini
import shared.tools.registry  # noqa: F401
import voice_service.job  # noqa: F401

hyphenate_word("greeting")  # by which LiveKit's captions keep in step with speech
jsonschema.Draft202012Validator({})
Client(api_key="none")
for message in (
    ChatMessage,
    types.Candidate,
    types.FunctionDeclaration,
    types.GenerateContentConfig,
    types.GenerateContentResponse,
    types.GenerateContentResponseUsageMetadata,
    types.GenerationConfig,
    types.HttpResponse,
    types.LiveClientMessage,
    types.LiveClientRealtimeInput,
    types.LiveConnectConfig,
    types.LiveConnectParameters,
    types.LiveSendRealtimeInputParameters,
    types.LiveServerContent,
    types.LiveServerMessage,
    types.LiveServerSessionResumptionUpdate,
    types.Part,
    types.Tool,
    types.UsageMetadata,
    types.UserContent,
):
    message.model_rebuild()  # else pydantic does it at the first of each
