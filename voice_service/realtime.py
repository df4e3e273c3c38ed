"""A desk's realtime model, as its file describes it."""

from google.genai import types
from livekit.agents import NOT_GIVEN, APIConnectOptions

from shared.config.schema import DeskConfig
from shared.config.settings import Settings
from shared.config.voice import TurnDetection
from shared.domain.errors import NotConnected, Permanent
from shared.models.catalogue import Catalogue
from shared.ports import Clock
from voice_service.connection import ConnectedModel

USUAL_MODEL, USUAL_VOICE = "gemini-3.8-live", "Kore"
KEEP_TOKENS = 32_000
"""What compression leaves of a context that has grown to twice as much."""

A_SOUND_MS = 40
"""How long speech must last to be a beginning, which the vendor calls prefix_padding_ms. What our key of that
name says, how much is kept from before it, LastingSession does where sound is heard again."""

COMPRESSION = types.ContextWindowCompressionConfig(
    trigger_tokens=2 * KEEP_TOKENS, sliding_window=types.SlidingWindow(target_tokens=KEEP_TOKENS)
)


def realtime_model(
    settings: Settings, catalogue: Catalogue, clock: Clock, config: DeskConfig, language: str
) -> ConnectedModel:
    """The model. Raises NotConnected without a key, Permanent for a model that does not speak."""
    if not settings.gemini_api_key:
        raise NotConnected("GEMINI_API_KEY is not set, and a desk that speaks in realtime needs it")
    voice = config.voice
    wanted = voice.llm.model if voice.llm and voice.llm.model else USUAL_MODEL
    model = catalogue.current(wanted, clock.now())
    if not model.realtime or model.provider != "gemini":
        raise Permanent(f"voice.llm.model: {wanted!r} does not speak in realtime; write {USUAL_MODEL}")
    transcription = types.AudioTranscriptionConfig() if voice.realtime.transcription else None
    return ConnectedModel(
        model=model.vendor_name,
        api_key=settings.gemini_api_key,
        vertexai=False,
        voice=voice.voice_id or USUAL_VOICE,
        # A fixed language keeps a model from changing to the caller's.
        language=NOT_GIVEN if voice.greeting.language_detection else language,
        modalities=[types.Modality.AUDIO],
        temperature=voice.temperature,
        input_audio_transcription=transcription,
        output_audio_transcription=transcription,
        realtime_input_config=types.RealtimeInputConfig(
            automatic_activity_detection=_detection(voice.turn_detection)
        ),
        context_window_compression=COMPRESSION if voice.realtime.compression else NOT_GIVEN,
        tool_behavior=types.Behavior.BLOCKING,  # an answer that comes while it speaks is lost otherwise
        http_options=types.HttpOptions(base_url=settings.gemini_url or None, timeout=10_000),
        conn_options=APIConnectOptions(max_retry=0),  # LastingSession decides what follows an end
    )


def _detection(turn: TurnDetection) -> types.AutomaticActivityDetection:
    """The vendor knows two sensitivities; a threshold above the middle asks for louder speech."""
    loud = turn.threshold > 0.5
    return types.AutomaticActivityDetection(
        start_of_speech_sensitivity=types.StartSensitivity.START_SENSITIVITY_LOW
        if loud
        else types.StartSensitivity.START_SENSITIVITY_HIGH,
        prefix_padding_ms=A_SOUND_MS,
        silence_duration_ms=turn.silence_duration_ms,
    )
