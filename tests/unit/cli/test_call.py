"""`call` and `connect phone` at a terminal, as far as no LiveKit is needed."""

from pathlib import Path


def test_without_livekit_the_settings_are_named(terminal):
    """Both commands stop at the first thing that is missing."""
    file = terminal.new()
    text = file.read_text("utf-8") + "voice: {enabled: true, mode: realtime, outbound: {enabled: true}}\n"
    file.write_text(text.replace("channels:\n", 'channels:\n  phone: {numbers: ["+912200000104"]}\n', 1))
    published = terminal.run("publish", str(file))
    called = terminal.run("call", "corner-bakery", "+919812345678", "--purpose", "the cake is ready")
    connected = terminal.run("connect", "phone", "--desk", "corner-bakery")

    assert (0, 1, 1) == (published.code, called.code, connected.code), published
    assert "set LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET" in called.words
    assert "set LIVEKIT_URL" in connected.words


def test_a_desk_without_a_number_says_what_to_write(terminal):
    """What `connect phone` needs first is in the desk's file."""
    assert 0 == terminal.run("publish", str(terminal.new())).code
    said = terminal.run("connect", "phone", "--desk", "corner-bakery")

    assert 1 == said.code
    assert "corner-bakery has no number that is published" in said.words


def test_a_desk_that_is_unknown_is_told(terminal):
    """Nothing is planned for a desk there is not."""
    said = terminal.run("call", "nobody", "+919812345678", "--purpose", "news")

    assert 0 != said.code
    assert "nobody" in said.complaint + said.words
    assert Path.cwd() == terminal.folder


def test_doctor_shows_what_calls_need(terminal):
    """The settings are listed, secrets by their length alone, and the webhook to enter stands among them."""
    terminal.variables.setenv("LIVEKIT_URL", "wss://acme.livekit.example")
    terminal.variables.setenv("LIVEKIT_API_SECRET", "not-for-anybodys-eyes-and-long-enough")
    said = terminal.run("doctor", "--all")

    assert "wss://acme.livekit.example" in said.words
    assert "not-for-anybodys-eyes" not in said.out
    assert "/webhooks/livekit" in said.words
