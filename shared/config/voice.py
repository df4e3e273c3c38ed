"""How the desk sounds on calls and in browser rooms."""

from typing import Literal

from pydantic import Field

from shared.config.behavior import EscalationTrigger
from shared.config.block import Block, Currency, Free, Language, Line, Score, Template


class SpeechToText(Block):
    """What hears."""

    provider: Line | None = Field(None, description="e.g. google, deepgram.")
    model: Line | None = Field(None, description="The provider's model.")
    language: Language | None = Field(None, description="Language to expect.")


class TextToSpeech(Block):
    """What speaks."""

    provider: Line | None = Field(None, description="e.g. google, elevenlabs.")
    model: Line | None = Field(None, description="The provider's model.")
    voice_id: Line | None = Field(None, description="The provider's voice.")
    speed: float = Field(1.0, gt=0, le=3, description="1.0 = as recorded.")
    pitch: float = Field(1.0, gt=0, le=3, description="1.0 = as recorded.")
    stability: Score | None = Field(None, description="ElevenLabs: steadier is less lively.")
    similarity_boost: Score | None = Field(None, description="ElevenLabs: nearness to the recorded voice.")


class SpokenModel(Block):
    """What thinks while speaking; a realtime model means realtime mode."""

    provider: Line | None = Field(None, description="e.g. google, openai.")
    model: Line | None = Field(None, description="A model of the catalogue.")


class VoiceGreeting(Block):
    """The first words of a call."""

    message: Template | None = Field(None, description="What to say, or how to say it.")
    language_detection: bool = Field(True, description="Answer in the language the caller speaks.")
    supported_languages: tuple[Language, ...] = Field((), description="Languages a call may change to.")


class TurnDetection(Block):
    """When a caller has finished speaking."""

    type: Literal["server_vad", "semantic", "vad", "stt"] = Field("server_vad", description="Who decides.")
    prefix_padding_ms: int = Field(300, ge=0, le=5000, description="Sound kept from before speech began.")
    silence_duration_ms: int = Field(800, ge=100, le=10_000, description="Silence that ends a turn.")
    threshold: Score = Field(0.5, description="How loud speech must be.")


class PricingRules(Block):
    """How prices are told on a call."""

    always_mention_specific_prices: bool = Field(False, description="Say the price, not a range.")
    compare_individual_vs_panel: bool = Field(False, description="Compare single items with a package.")
    include_preparation_requirements: bool = Field(False, description="Say what to prepare beside the price.")
    currency: Currency | None = Field(None, description="Currency told; the desk's if left out.")


class DataCollection(Block):
    """What a call may gather."""

    auto_detect_phone: bool = Field(False, description="Take the caller's number as a claim to confirm.")
    prescription_analysis: bool = Field(False, description="Ask for a photo of the prescription by message.")
    appointment_booking: bool = Field(False, description="Book during the call.")


class Voice(Block):
    """The voice of a desk; channels.phone and channels.room say where it is heard."""

    enabled: bool = Field(False, description="Whether the desk speaks.")
    mode: Literal["realtime", "orchestrated"] | None = Field(
        None, description="Speech to speech, or hear-think-speak; left out = by the model."
    )
    voice_id: Line | None = Field(None, description="The voice, e.g. Kore.")
    language: Language | None = Field(None, description="Language a call begins in; the desk's if left out.")
    temperature: float = Field(0.4, ge=0, le=2, description="As agent.model.temperature, on calls.")
    greeting: VoiceGreeting = Field(default_factory=VoiceGreeting, description="The first words.")
    vad: Line | None = Field(None, description="Voice activity detector, e.g. silero.")
    turn_detection: TurnDetection = Field(default_factory=TurnDetection, description="When it is our turn.")
    stt: SpeechToText | None = Field(None, description="What hears in orchestrated mode or as fallback.")
    llm: SpokenModel | None = Field(None, description="What thinks.")
    tts: TextToSpeech | None = Field(None, description="What speaks in orchestrated mode or as fallback.")
    deadline_ms: int = Field(1500, ge=300, le=10_000, description="Until when a spoken answer must begin.")
    max_minutes: int = Field(30, ge=1, le=240, description="Longest call.")
    pricing: PricingRules = Field(default_factory=PricingRules, description="How prices are told.")
    escalation: tuple[EscalationTrigger, ...] = Field(
        (), description="Triggers for calls, before the desk's."
    )
    data_collection: DataCollection = Field(default_factory=DataCollection, description="What is gathered.")
    extra: Free = Field({}, description="Settings of a provider not listed here.")
