"""What hears and what speaks on a call, by the provider a desk's file names, with what stands in for it."""

import importlib
import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

from livekit.agents import stt, tts, vad
from livekit.agents.types import NOT_GIVEN

from shared.config.speech_vendors import VENDORS
from shared.config.voice import Ear, Mouth, SpeechToText, TextToSpeech, Voice
from shared.domain.errors import NotConnected
from voice_service.speech_keys import SpeechKeys

log = logging.getLogger(__name__)

HEARING_PATIENCE = 4.0
"""Seconds a vendor that hears has before the next one is asked."""


class Ears(stt.FallbackAdapter):
    """Several that hear, one behind the other, which end together."""

    def __init__(self, each: Sequence[stt.STT[Any]], listens: vad.VAD | None) -> None:
        self._each = list(each)
        super().__init__(self._each, vad=listens, attempt_timeout=HEARING_PATIENCE, max_retry_per_stt=0)

    async def aclose(self) -> None:
        """End all of them."""
        await super().aclose()
        for one in self._each:
            await one.aclose()


class Mouths(tts.FallbackAdapter):
    """Several that speak, one behind the other, which end together."""

    def __init__(self, each: Sequence[tts.TTS[Any]]) -> None:
        self._each = list(each)
        super().__init__(self._each, max_retry_per_tts=0)

    async def aclose(self) -> None:
        """End all of them."""
        await super().aclose()
        for one in self._each:
            await one.aclose()


def ear(
    voice: Voice, keys: SpeechKeys, *, languages: Sequence[str], listens: vad.VAD | None = None
) -> stt.STT[Any]:
    """What hears on a call, with its fallbacks behind it. `languages` are the desk's, the likeliest first.

    A vendor that takes no stream hears what `listens` cuts out for it. Raises NotConnected, naming the
    setting, where none of them is.
    """
    block = voice.stt or SpeechToText()
    found = _connected((block, *block.fallbacks), lambda one: _ear(one, voice, keys, languages))
    if len(found) == 1:
        only: stt.STT[Any] = found[0]
        return only
    return Ears(found, listens)


def mouth(block: TextToSpeech, voice: Voice, keys: SpeechKeys, *, language: str) -> tts.TTS[Any]:
    """What speaks on a call, with its fallbacks behind it. Raises NotConnected where none of them is."""
    found = _connected((block, *block.fallbacks), lambda one: _mouth(one, voice, keys, language))
    return found[0] if len(found) == 1 else Mouths(found)


def _connected(blocks: Sequence[Any], make: Callable[[Any], Any]) -> list[Any]:
    """Those of the vendors that are connected, made."""
    made, lacking = [], []
    for block in blocks:
        try:
            made.append(make(block))
        except NotConnected as error:
            lacking.append(str(error))
    if not made:
        raise NotConnected("; ".join(lacking))
    for reason in lacking:
        log.warning("voice.vendor_left_out", extra={"why": reason})
    return made


def _plugin(provider: str) -> Any:
    """A vendor's plugin. Raises NotConnected where its extra is not installed."""
    try:
        return importlib.import_module(f"livekit.plugins.{'google' if provider == 'gemini' else provider}")
    except ImportError:
        extra = VENDORS[provider].extra
        raise NotConnected(
            f"{provider} is not installed; install the extra {extra} of this package"
        ) from None


def _ear(one: Ear, voice: Voice, keys: SpeechKeys, languages: Sequence[str]) -> Any:
    key, settings = keys.key(one), keys.settings
    plugin = _plugin(one.provider or "")
    language = one.language or voice.language or languages[0]
    several = one.language is None and voice.greeting.language_detection and len(languages) > 1
    given = {"model": one.model} if one.model else {}
    match one.provider:
        case "deepgram":
            return plugin.STT(
                api_key=key,
                base_url=f"{settings.deepgram_url}/v1/listen",
                http_session=keys.session,
                language="multi" if several else language,
                # Words are final well before the pause that ends a turn, and not at every breath.
                endpointing_ms=min(300, voice.turn_detection.silence_duration_ms // 2),
                **given,
            )
        case "openai":
            return plugin.STT(
                api_key=key, base_url=settings.openai_url, language=language, detect_language=several, **given
            )
        case "elevenlabs":
            return plugin.STT(
                api_key=key,
                base_url=f"{settings.elevenlabs_url}/v1",
                http_session=keys.session,
                language_code=NOT_GIVEN if several else language,
                **given,
            )
        case _:
            tongues = list(languages) if several else [language]
            return plugin.STT(languages=tongues, detect_language=several, project=key, **given)


def _mouth(one: Mouth, voice: Voice, keys: SpeechKeys, language: str) -> Any:
    key, settings = keys.key(one), keys.settings
    plugin = _plugin(one.provider or "")
    given: dict[str, Any] = {"model": one.model} if one.model else {}
    name = one.voice_id or voice.voice_id
    match one.provider:
        case "deepgram":  # its model is its voice
            spoken = {"model": name} if name and not one.model else given
            speed = min(max(one.speed, 0.7), 1.5) if one.speed != 1 else None
            return plugin.TTS(
                api_key=key,
                base_url=f"{settings.deepgram_url}/v1/speak",
                http_session=keys.session,
                speed=speed,
                **spoken,
            )
        case "openai":
            given |= {"voice": name} if name else {}
            return plugin.TTS(
                api_key=key,
                base_url=settings.openai_url,
                speed=one.speed,
                response_format="pcm",
                **given,
            )
        case "elevenlabs":
            given |= {"voice_id": name} if name else {}
            return plugin.TTS(
                api_key=key,
                base_url=f"{settings.elevenlabs_url}/v1",
                http_session=keys.session,
                language=language.partition("-")[0],
                voice_settings=_manner(plugin, one),
                encoding="pcm_24000",
                **given,
            )
        case "gemini":
            given |= {"voice_name": name} if name else {}
            return _gemini(plugin, key, settings.gemini_url, instructions=_pace(one), **given)
        case _:
            given = {"model_name": one.model} if one.model else {}
            given |= {"voice_name": name} if name else {}
            semitones = max(-20.0, min(20.0, 12 * math.log2(one.pitch)))
            return plugin.TTS(language=language, speaking_rate=one.speed, pitch=semitones, **given)


def _manner(plugin: Any, one: Mouth) -> Any:
    """ElevenLabs' settings of a voice; its own where the file says nothing."""
    if one.stability is None and one.similarity_boost is None and one.speed == 1:
        return NOT_GIVEN
    return plugin.VoiceSettings(
        stability=0.5 if one.stability is None else one.stability,
        similarity_boost=0.75 if one.similarity_boost is None else one.similarity_boost,
        speed=min(max(one.speed, 0.8), 1.2),
    )


def _pace(one: Mouth) -> str:
    """How Gemini is told to speak, in words: it takes no numbers."""
    words = "Say the text with a proper tone, don't omit or add any words"
    for value, slow, quick in ((one.speed, "slowly", "quickly"), (one.pitch, "in a low", "in a high")):
        if value != 1:
            manner = slow if value < 1 else quick
            words += f"; speak {manner}{' voice' if manner.startswith('in') else ''}"
    return words


def _gemini(plugin: Any, key: str, address: str, **given: Any) -> Any:
    """Gemini's voice, at the operator's address."""
    made = plugin.beta.GeminiTTS(api_key=key, vertexai=False, **given)
    if address:
        from google.genai import Client, types  # noqa: PLC0415  only where another address is set

        made._client = Client(  # noqa: SLF001  the plugin takes no address
            api_key=key, vertexai=False, http_options=types.HttpOptions(base_url=address)
        )
    return made
