"""How the desk sounds on calls and in browser rooms."""

from typing import Literal

from pydantic import Field

from shared.config.behavior import EscalationTrigger
from shared.config.block import Block, Currency, Free, Id, Language, Line, Score, Secret, Template
from shared.config.calls import Outbound, Recording, Silence, Transfer, Uninterruptible, Watchdog

SttProvider = Literal["google", "deepgram", "openai", "elevenlabs"]
TtsProvider = Literal["gemini", "google", "deepgram", "openai", "elevenlabs"]


class Ear(Block):
    """One thing that hears."""

    provider: SttProvider | None = Field(None, description="google, deepgram, openai or elevenlabs.")
    model: Line | None = Field(None, description="The provider's model.")
    language: Language | None = Field(None, description="Language to expect.")
    api_key: Secret | None = Field(None, description="Reference to your own key; ours if left out.")


class SpeechToText(Ear):
    """What hears, and what hears in its place where it fails."""

    fallbacks: tuple[Ear, ...] = Field((), description="Asked in turn where the first fails.")


class Mouth(Block):
    """One thing that speaks."""

    provider: TtsProvider | None = Field(None, description="gemini, google, deepgram, openai or elevenlabs.")
    model: Line | None = Field(None, description="The provider's model.")
    voice_id: Line | None = Field(None, description="The provider's voice.")
    api_key: Secret | None = Field(None, description="Reference to your own key; ours if left out.")
    speed: float = Field(1.0, gt=0, le=3, description="1.0 = as recorded.")
    pitch: float = Field(1.0, gt=0, le=3, description="1.0 = as recorded.")
    stability: Score | None = Field(None, description="ElevenLabs: steadier is less lively.")
    similarity_boost: Score | None = Field(None, description="ElevenLabs: nearness to the recorded voice.")


class TextToSpeech(Mouth):
    """What speaks, and what speaks in its place where it fails."""

    fallbacks: tuple[Mouth, ...] = Field((), description="Asked in turn where the first fails.")


class SpokenModel(Block):
    """What thinks while speaking; a realtime model means realtime mode."""

    provider: Line | None = Field(None, description="e.g. google, openai.")
    model: Line | None = Field(None, description="A model of the catalogue.")


class VoiceGreeting(Block):
    """The first words of a call."""

    message: Template | None = Field(None, description="What to say, or how to say it.")
    language_detection: bool = Field(True, description="Answer in the language the caller speaks.")
    supported_languages: tuple[Language, ...] = Field((), description="Languages a call may change to.")
    interruptible: bool = Field(True, description="Whether a caller may speak into it.")


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


class Realtime(Block):
    """How a realtime model is kept talking."""

    transcription: bool = Field(True, description="Write down what both sides say; captions need it.")
    compression: bool = Field(True, description="Forget the oldest words rather than end the session.")
    rollover_minutes: float = Field(
        8.5, gt=0, le=9.5, description="A new connection after so long; the vendor ends one after ten."
    )


class Tier(Block):
    """One level of quality of the voice, and what it costs."""

    id: Id = Field(description="Its name, e.g. standard, premium.")
    tts: TextToSpeech = Field(default_factory=TextToSpeech, description="What speaks on it.")
    cost_per_minute: float = Field(0, ge=0, description="USD a spoken minute costs on it.")


class Tiers(Block):
    """Levels of quality: a call begins on the first and rises once the caller is worth it."""

    levels: tuple[Tier, ...] = Field((), description="From the cheapest up; none = the voice as it is.")
    escalate: bool = Field(True, description="Whether a call may rise.")
    qualification_threshold: Score = Field(0.7, description="From this qualification on a call rises.")
    budget_check: bool = Field(True, description="Rise only where the budget carries the rest of the call.")


class Integration(Block):
    """How calls are tied to the desk's own thinking, and what happens where that fails."""

    enabled: bool = Field(True, description="Off: a direct model answers, without tools; for a bad day.")
    fallback_to_direct: bool = Field(
        True, description="A direct model answers where the desk is too slow, fails or rests."
    )
    max_concurrent_calls: int = Field(50, ge=1, le=10_000, description="Calls of this desk at once.")
    cache_size: int = Field(1000, ge=0, le=100_000, description="Answers kept to be said again; 0 = none.")
    cache_seconds: int = Field(300, ge=1, le=86_400, description="How long each is kept.")
    breaker_failures: int = Field(5, ge=1, le=100, description="Failures running until the desk rests.")
    breaker_rest_seconds: int = Field(60, ge=1, le=3600, description="How long it rests.")
    detailed_metrics: bool = Field(True, description="Keep the latency of every turn by stage.")
    trace: bool = Field(True, description="Trace every turn.")
    metrics_seconds: int = Field(30, ge=5, le=3600, description="How often a call's figures are written.")


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
    realtime: Realtime = Field(default_factory=Realtime, description="Keeping a realtime model talking.")
    tiers: Tiers = Field(default_factory=Tiers, description="Levels of quality of the voice.")
    integration: Integration = Field(default_factory=Integration, description="The tie to the desk.")
    watchdog: Watchdog = Field(default_factory=Watchdog, description="What is done about silence of ours.")
    silence: Silence = Field(default_factory=Silence, description="What is done about a silent caller.")
    uninterruptible: Uninterruptible = Field(
        default_factory=Uninterruptible, description="What callers hear to its end."
    )
    recording: Recording = Field(default_factory=Recording, description="Keeping the sound of calls.")
    outbound: Outbound = Field(default_factory=Outbound, description="Calls the desk makes.")
    transfer: Transfer = Field(default_factory=Transfer, description="Bringing a person into a call.")
    pricing: PricingRules = Field(default_factory=PricingRules, description="How prices are told.")
    escalation: tuple[EscalationTrigger, ...] = Field(
        (), description="Triggers for calls, before the desk's."
    )
    data_collection: DataCollection = Field(default_factory=DataCollection, description="What is gathered.")
    extra: Free = Field({}, description="Settings of a provider not listed here.")
