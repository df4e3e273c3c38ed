"""What hears and what speaks is made as the desk's file describes it, or refused by the name of a setting."""

import aiohttp
import pytest
from livekit.agents import inference

from shared.config.settings import read_settings
from shared.config.voice import Voice
from shared.domain.errors import NotConnected
from voice_service import speech_vendors
from voice_service.speech_keys import speech_keys
from voice_service.speech_vendors import Ears, Mouths, ear, mouth

KEYS = {
    "DEEPGRAM_API_KEY": "d", "DEEPGRAM_API_URL": "http://127.0.0.1:1",
    "OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://127.0.0.1:2/v1",
    "ELEVENLABS_API_KEY": "e", "ELEVENLABS_API_URL": "http://127.0.0.1:3",
    "GEMINI_API_KEY": "g", "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:4",
}  # fmt: skip


class Vault:
    """Secrets of tenants."""

    async def get(self, name: str) -> str | None:
        return {"acme__OWN_KEY": "own"}.get(name)


@pytest.fixture
async def keys():
    """A function that makes the keys of a voice."""
    async with aiohttp.ClientSession() as session:

        async def made(voice: Voice, told=KEYS):
            return await speech_keys(read_settings(told), Vault(), "acme", voice, session=session)

        yield made


def voice(**blocks: object) -> Voice:
    return Voice.model_validate({"enabled": True, **blocks})


async def test_an_ear_asks_the_vendor_at_the_operators_address_in_the_desks_language(keys):
    """One language is asked for; several are left for the vendor to tell apart."""
    one = voice(stt={"provider": "deepgram", "model": "nova-3"})
    made = ear(one, await keys(one), languages=["en"])
    several = ear(one, await keys(one), languages=["en", "hi"])

    assert ("d", "http://127.0.0.1:1/v1/listen") == (made._api_key, made._opts.endpoint_url)
    assert ("en", "multi") == (str(made._opts.language), str(several._opts.language))


async def test_a_tenants_own_key_is_asked_with_first(keys):
    """And where it leads nowhere nobody else's is taken in its place."""
    own = voice(stt={"provider": "deepgram", "api_key": "${OWN_KEY}"})
    assert "own" == ear(own, await keys(own), languages=["en"])._api_key

    lost = voice(stt={"provider": "deepgram", "api_key": "secret://gone"})
    with pytest.raises(NotConnected, match="secret://gone is not set"):
        ear(lost, await keys(lost), languages=["en"])


async def test_a_vendor_that_is_not_connected_is_refused_by_its_settings_name(keys):
    """Unless another of the chain is connected, which then stands alone."""
    none = voice(stt={"provider": "deepgram", "fallbacks": [{"provider": "elevenlabs"}]})
    with pytest.raises(NotConnected, match=r"DEEPGRAM_API_KEY.*ELEVENLABS_API_KEY"):
        ear(none, await keys(none, {}), languages=["en"])

    made = ear(none, await keys(none, {"ELEVENLABS_API_KEY": "e"}), languages=["en"])
    assert "livekit.plugins.elevenlabs.stt.STT" == made.label


async def test_a_vendor_whose_extra_is_not_installed_is_refused_by_the_extras_name(keys, monkeypatch):
    """Who installs it reads what to install."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(speech_vendors.importlib, "import_module", missing)
    one = voice(stt={"provider": "deepgram"})

    with pytest.raises(NotConnected, match="install the extra voice-deepgram"):
        ear(one, await keys(one), languages=["en"])


async def test_what_stands_behind_an_ear_or_a_mouth_is_asked_in_turn(keys):
    """A vendor that takes no stream hears what is cut out for it."""
    one = voice(
        stt={"provider": "deepgram", "fallbacks": [{"provider": "openai"}]},
        tts={"provider": "deepgram", "fallbacks": [{"provider": "openai"}, {"provider": "gemini"}]},
    )
    hears = ear(one, await keys(one), languages=["en"], listens=inference.VAD(model="silero"))
    speaks = mouth(one.tts, one, await keys(one), language="en")

    assert isinstance(hears, Ears)
    assert isinstance(speaks, Mouths)
    assert 3 == len(speaks._tts_instances)
    await hears.aclose()
    await speaks.aclose()


async def test_a_mouth_speaks_as_the_file_says(keys):
    """Voice, model, speed and manner reach each vendor in its own words."""
    one = voice(voice_id="Kore")
    found = await keys(one)

    def made(**block: object):
        block_of = voice(tts=block).tts
        return mouth(block_of, one, found, language="en-IN")

    eleven = made(provider="elevenlabs", voice_id="v1", stability=0.3, similarity_boost=0.9, speed=1.1)
    assert ("v1", 0.3, 0.9, 1.1) == (
        eleven._opts.voice_id,
        eleven._opts.voice_settings.stability,
        eleven._opts.voice_settings.similarity_boost,
        eleven._opts.voice_settings.speed,
    )
    assert ("en", "http://127.0.0.1:3/v1") == (str(eleven._opts.language), eleven._opts.base_url)
    deep = made(provider="deepgram", voice_id="aura-2-helena-en", speed=3.0)
    assert ("aura-2-helena-en", 1.5) == (deep._opts.model, deep._opts.speed)
    spoken = made(provider="openai", voice_id="alloy", speed=0.9)
    assert ("alloy", 0.9, "pcm") == (
        spoken._opts.voice,
        spoken._opts.speed,
        spoken._opts.response_format,
    )
    gemini = made(provider="gemini", speed=0.8, pitch=1.2)
    assert "Kore" == gemini._opts.voice_name
    assert "speak slowly; speak in a high voice" in gemini._opts.instructions
    assert "http://127.0.0.1:4" == gemini._client._api_client._http_options.base_url
    for one_of in (eleven, deep, spoken, gemini):
        await one_of.aclose()
