"""Who can hear and speak for a desk on calls: what each vendor needs here, and what a file says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.config.catalogue import Catalogue
from shared.config.nodes import Node, Step, nearest, notice
from shared.config.problems import Notice
from shared.config.schema import DeskConfig
from shared.config.settings import Settings
from shared.config.voice import Ear, Mouth, SpeechToText, TextToSpeech


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechVendor:
    """A vendor of speech: the setting without which it is not connected, and what installs it."""

    field: str  # of Settings
    setting: str  # the variable's name
    extra: str  # of this package


VENDORS = {
    "gemini": SpeechVendor(field="gemini_api_key", setting="GEMINI_API_KEY", extra="voice"),
    "google": SpeechVendor(field="project", setting="GOOGLE_CLOUD_PROJECT", extra="voice"),
    "deepgram": SpeechVendor(field="deepgram_api_key", setting="DEEPGRAM_API_KEY", extra="voice-deepgram"),
    "openai": SpeechVendor(field="openai_api_key", setting="OPENAI_API_KEY", extra="voice-openai"),
    "elevenlabs": SpeechVendor(
        field="elevenlabs_api_key", setting="ELEVENLABS_API_KEY", extra="voice-elevenlabs"
    ),
}
"""By the name that a desk's file uses. Google's own speaks with the process's own account."""


def speech_lacks(settings: Settings) -> dict[str, str]:
    """Each vendor with the setting it lacks; empty where it is connected."""
    return {
        name: "" if getattr(settings, vendor.field) else vendor.setting for name, vendor in VENDORS.items()
    }


def speech_findings(root: Node, config: DeskConfig, catalogue: Catalogue) -> list[Notice]:
    """A notice for what a desk with a voice names and nobody hears: vendors, and levels of the voice."""
    return [
        *_unheard_levels(root, config),
        *(
            notice(
                nearest(root, path)[0],
                path,
                f"{provider}, which is not connected here",
                f"set {lacks}, or write api_key beside it; what stands in its place speaks until then",
            )
            for path, provider, lacks in speech_missing(config, catalogue.speech or {})
        ),
    ]


def _unheard_levels(root: Node, config: DeskConfig) -> Iterator[Notice]:
    """Levels are of a voice that is given its words; a realtime model has its own."""
    voice, path = config.voice, ("voice", "tiers", "levels")
    if voice.enabled and voice.tiers.levels and voice.mode != "orchestrated":
        yield notice(
            nearest(root, path)[0],
            path,
            "levels of the voice in mode realtime, heard only on calls that fall back",
            "write mode: orchestrated, or leave them out",
        )


def speech_missing(
    config: DeskConfig, lacks: Mapping[str, str]
) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    """Where a desk with a voice names a vendor that is not connected: the place, the vendor, its setting."""
    for path, one in _named(config) if config.voice.enabled else ():
        if one.provider and not one.api_key and (setting := lacks.get(one.provider)):
            yield path, one.provider, setting


def _named(config: DeskConfig) -> Iterator[tuple[tuple[Step, ...], Ear | Mouth]]:
    voice = config.voice
    blocks: list[tuple[tuple[Step, ...], SpeechToText | TextToSpeech | None]] = [
        (("voice", "stt"), voice.stt),
        (("voice", "tts"), voice.tts),
    ]
    blocks += [
        (("voice", "tiers", "levels", level, "tts"), tier.tts)
        for level, tier in enumerate(voice.tiers.levels)
    ]
    for path, block in blocks:
        if block:
            yield (*path, "provider"), block
            others: tuple[Ear | Mouth, ...] = block.fallbacks
            for index, other in enumerate(others):
                yield (*path, "fallbacks", index, "provider"), other
