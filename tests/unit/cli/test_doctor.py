"""`doctor`: what is connected, what is missing, and never a secret."""

import pytest

from tests.standins.gemini import GeminiServer
from tests.standins.serving import serving
from tests.unit.cli.terminal import edit, edit_whatsapp

SECRET = "s3cr3t-that-nobody-may-read-here"


def test_every_setting_is_told_with_its_use_and_no_secrets_value(terminal):
    """Secrets are told by their length, addresses without the password in them."""
    for name in ("META_ACCESS_TOKEN", "META_APP_SECRET", "META_VERIFY_TOKEN", "TWILIO_AUTH_TOKEN"):
        terminal.variables.setenv(name, SECRET)
    terminal.variables.setenv("META_GRAPH_URL", f"http://us:{SECRET}@127.0.0.1:1")

    said = terminal.run("doctor", "--all")

    assert 0 == said.code
    assert SECRET not in said.out + said.err
    assert "META_ACCESS_TOKEN set, 32 characters · sends on WhatsApp and Instagram" in said.words
    assert "META_GRAPH_URL http://…@127.0.0.1:1 ·" in said.words
    assert "TWILIO_ACCOUNT_SID not connected · Twilio account" in said.words


def test_the_env_file_is_read_and_a_misspelt_name_is_noticed(terminal):
    """`.env` sets what the environment does not; a name like ours that nothing reads is pointed out."""
    (terminal.folder / ".env").write_text("PORT=8123\nHOST=127.0.0.2\nFRONTDESK_DATE=x\n", "utf-8")
    terminal.variables.setenv("HOST", "127.0.0.1")

    said = terminal.run("doctor", "--all")

    assert "http://127.0.0.1:8123/webhooks/whatsapp" in said.out
    assert "FRONTDESK_DATE is set, and nothing reads it" in said.words


def test_what_a_published_desk_needs_is_missing_only_where_it_is(terminal):
    """A web chat alone lacks nothing; a WhatsApp number wants credentials, a verify token and https."""
    path = terminal.new()
    terminal.run("publish")
    said = terminal.run("doctor", "--strict")
    assert (0, True) == (said.code, said.out.startswith("Nothing needs action."))

    edit_whatsapp(path)
    terminal.run("publish")
    said = terminal.run("doctor")

    assert 0 == said.code
    assert 1 == terminal.run("doctor", "--strict").code
    assert "corner-bakery: whatsapp: set META_ACCESS_TOKEN, META_APP_SECRET" in said.words
    assert "META_VERIFY_TOKEN: any word" in said.words
    assert "vendors call https alone" in said.words


def test_what_needs_action_comes_first_and_the_rest_is_a_line_each(terminal):
    """Settings, addresses and desks that are in order are told one by one only where all is asked for."""
    edit_whatsapp(terminal.new())
    terminal.run("publish")

    short, whole = terminal.run("doctor"), terminal.run("doctor", "--all")

    assert short.out.startswith("Needs action: 3\n  - corner-bakery: whatsapp: set META_ACCESS_TOKEN")
    assert "desks 1 of 1 published" in short.words
    assert ("TWILIO_AUTH_TOKEN" in short.out, "TWILIO_AUTH_TOKEN" in whole.out) == (False, True)
    assert "frontdesk doctor --all" in short.words
    assert whole.out.startswith("Needs action: 3\n")


def test_what_several_desks_lack_is_told_once(terminal):
    """The desks stand before it, so that one setting is one thing to do."""
    edit_whatsapp(terminal.new())
    edit_whatsapp(terminal.new("tea-house"), number="200")
    terminal.run("publish")

    said = terminal.run("doctor")

    assert "corner-bakery, tea-house: whatsapp: set META_ACCESS_TOKEN" in said.words
    assert said.out.startswith("Needs action: 3\n")


def test_a_desk_that_is_whole_passes_strictly(terminal):
    """With credentials, a verify token and an https address nothing is missing."""
    edit_whatsapp(terminal.new())
    for name in ("META_ACCESS_TOKEN", "META_APP_SECRET", "META_VERIFY_TOKEN"):
        terminal.variables.setenv(name, SECRET)
    terminal.variables.setenv("FRONTDESK_PUBLIC_URL", "https://127.0.0.1:1")
    terminal.run("publish")

    said = terminal.run("doctor", "--strict")

    assert (0, True) == (said.code, said.out.startswith("Nothing needs action."))
    assert "https://127.0.0.1:1 does not answer" in said.words


def test_a_broken_file_and_an_unwritten_tool_are_told_beside_their_desk(terminal):
    """The desk runs on as it was; where to look is said."""
    path = terminal.new()
    edit(path, "  hand_over: {}", "  hand_over: {}\n  fly_drones: {}")
    terminal.run("publish")
    edit(path, "timezone: UTC", "timezone: Moon")

    said = terminal.run("doctor", "--all")

    assert "corner-bakery (Corner Bakery), version 1" in said.out
    assert "tool fly_drones: not there yet" in said.words
    assert f"{path} has problems: `frontdesk validate`" in said.words


@pytest.mark.parametrize(("key", "answer"), [("right", "its key is accepted"), ("wrong", "key not valid")])
async def test_the_models_key_is_checked_with_its_vendor(terminal, key, answer):
    """A key that is refused is told in Google's own words."""
    async with serving(GeminiServer(key="right").app) as url:
        terminal.variables.setenv("GEMINI_API_KEY", key)
        terminal.variables.setenv("GOOGLE_GEMINI_BASE_URL", url)

        said = await terminal.run_beside("doctor")

    assert answer in said.words
    assert ("wrong" == key) == said.out.startswith("Needs action: 1")
