"""What a model is told of the call it speaks on, whichever way it speaks."""

from collections.abc import Iterator, Mapping

from shared.config.versions import Published
from shared.config.voice import Voice
from shared.desk.beside import Beside, OwnTool
from shared.domain.calls import Call
from shared.domain.conversation import Head

END_CALL = "end_call"
CONSENT = "recording_consent"
VOICEMAIL = "voicemail"


def beside_of(
    call: Call, published: Published, head: Head, tools: Mapping[str, OwnTool] | None = None
) -> Beside:
    """What a turn on this call has beside its desk's file; `tools` are those of the call itself."""
    tools = tools or {}
    return Beside(lines=lines_of(call, published, head.language, tools), tools=tools)


def lines_of(call: Call, published: Published, language: str, tools: Mapping[str, object]) -> tuple[str, ...]:
    """The call in sentences for a model; `tools` are those of the call that it may use, by name."""
    return tuple(_lines(call, published, language, tools))


def _lines(call: Call, published: Published, language: str, tools: Mapping[str, object]) -> Iterator[str]:
    voice, desk = published.config.voice, published.config.desk
    language = language or voice.language or desk.languages[0]
    yield "This is a call: you hear the caller and speak with them."
    spoken = voice.greeting.supported_languages or desk.languages
    if voice.greeting.language_detection and len(spoken) > 1:
        yield f"Begin in {language}; answer in the caller's language if it is one of {', '.join(spoken)}."
    if call.direction == "outbound":
        yield f"We called them. Why: {call.purpose or 'as was arranged'}. Ask whether it suits them now."
    if voice.data_collection.auto_detect_phone and call.direction != "browser":
        yield f"They call from {call.contact}. It may not be their own: confirm it before you note it."
    yield from _of_prices(voice)
    if call.context:
        noted = "; ".join(f"{name}: {value}" for name, value in call.context.items())
        yield f"Noted during this call: {noted}"
    if call.recording == "asked" and CONSENT in tools:
        yield f"They were asked if the call may be recorded: note their answer with {CONSENT}, then go on."
    if VOICEMAIL in tools:
        yield f"Where an answering machine took the call, call {VOICEMAIL} and say nothing to it."
    if END_CALL in tools:
        yield f"End the call with {END_CALL}, after a goodbye."


def _of_prices(voice: Voice) -> Iterator[str]:
    if voice.pricing.always_mention_specific_prices:
        yield "Say the price itself, not a range."
    if voice.pricing.compare_individual_vs_panel:
        yield "Where a package may suit better than single items, compare their prices."
    if voice.pricing.include_preparation_requirements:
        yield "Beside a price say what has to be prepared."
