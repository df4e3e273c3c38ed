"""Who hears and speaks for a desk is told at validation where it is not connected here."""

from shared.config.catalogue import Catalogue
from shared.config.settings import read_settings
from shared.config.speech_vendors import speech_lacks
from shared.config.validate import validate

FILE = """\
tenant: {id: clinic, name: Clinic}
desk: {id: clinic, name: Clinic}
channels: {webchat: {}}
voice:
  enabled: true
  mode: orchestrated
  stt: {provider: deepgram, fallbacks: [{provider: openai}]}
  tiers:
    levels:
      - {id: standard, tts: {provider: elevenlabs, api_key: "${OWN}"}}
      - {id: premium, tts: {provider: elevenlabs, fallbacks: [{provider: gemini}]}}
"""


def test_a_vendor_without_its_setting_is_a_notice_at_its_line_that_names_it():
    """Also among fallbacks and levels; one with a key of its own in the file lacks nothing."""
    lacks = speech_lacks(read_settings({"OPENAI_API_KEY": "k"}))
    assert ("DEEPGRAM_API_KEY", "") == (lacks["deepgram"], lacks["openai"])

    validated = validate(FILE, Catalogue(speech=lacks))

    assert validated.config is not None
    told = [str(one) for one in validated.notices]
    assert 3 == len(told)
    for vendor, setting, line in (
        ("deepgram", "DEEPGRAM_API_KEY", 7),
        ("elevenlabs", "ELEVENLABS_API_KEY", 11),
        ("gemini", "GEMINI_API_KEY", 11),
    ):
        assert any(vendor in one and setting in one and f":{line}:" in one for one in told), told


def test_a_desk_that_does_not_speak_is_told_nothing():
    """Nothing of its voice is used."""
    lacks = speech_lacks(read_settings({}))

    assert () == validate(FILE.replace("enabled: true", "enabled: false"), Catalogue(speech=lacks)).notices


def test_levels_of_a_voice_that_a_realtime_model_speaks_with_are_told():
    """They are heard only where a call falls back; in orchestrated mode nothing is to be said of them."""
    spoken = FILE.replace("mode: orchestrated", "mode: realtime")

    (told,) = validate(spoken, Catalogue()).notices
    assert "voice.tiers.levels: levels of the voice in mode realtime" in str(told)
    assert () == validate(FILE, Catalogue()).notices
