"""How a voice of ours goes into a room, as LiveKit takes it."""

from livekit import rtc

from voice_service.our_sound import BITRATE, published_as


def test_a_voice_is_published_at_its_bitrate():
    """It is a microphone of so many bits a second, and each packet still goes twice."""
    options = published_as()

    assert rtc.TrackSource.SOURCE_MICROPHONE == options.source
    assert BITRATE == options.audio_encoding.max_bitrate
    assert not options.HasField("red")
