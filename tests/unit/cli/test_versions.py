"""`plan`, `publish`, `rollback` and `history`: what runs, from a terminal."""

from pathlib import Path

from shared.config.publish import publish_file, validate_file
from tests.unit.cli.terminal import edit, edit_whatsapp


def published_twice(terminal):
    """The file of a desk with two versions."""
    path = terminal.new()
    assert 0 == terminal.run("publish").code
    edit(path, "name: Sam", "name: Kim")
    assert 0 == terminal.run("publish").code
    return path


def made_in_the_console(terminal, path):
    """Publish another agent's name as the console does."""

    async def work(process):
        edit(path, "name: Sam", "name: Ada")
        text, validated = validate_file(path, process.catalogue(), folder=Path("configs"))
        edit(path, "name: Ada", "name: Sam")
        versions = (await process.services()).versions
        return await versions.publish_text(validated, text=text, origin="console", by="ana")

    assert "published" == terminal.within(work).outcome


def test_a_plan_tells_what_is_new_what_changes_and_what_does_not(terminal):
    """`plan` shows each desk's outlook with the lines that differ, and changes nothing itself."""
    path = terminal.new()
    for _ in range(2):
        assert "corner-bakery: new, would be version 1" in terminal.run("plan").out
    terminal.run("publish")
    assert "unchanged, version 1 runs" in terminal.run("plan").out

    edit(path, "name: Sam", "name: Kim")
    said = terminal.run("plan", str(path))

    assert 0 == said.code
    assert "version 1 would become 2" in said.out
    assert "-  name: Sam\n+  name: Kim\n" in said.out


def test_a_plan_names_the_knowledge_that_changed(terminal):
    """What a desk knows is part of what it does."""
    path = terminal.new()
    edit(path, "files: []", "files: [prices.csv]")
    prices = path.parent / "prices.csv"
    prices.write_text("cake,3\n", "utf-8")
    terminal.run("publish")
    prices.write_text("cake,4\n", "utf-8")

    assert "knowledge changed: prices.csv" in terminal.run("plan").out


def test_a_plan_foresees_what_publishing_would_refuse(terminal):
    """A broken file, and a number another desk has, are found before they are published."""
    first, second, third = terminal.new("one"), terminal.new("two"), terminal.new("three")
    edit_whatsapp(first)
    terminal.run("publish", str(first))
    edit_whatsapp(second)
    edit(third, "timezone: UTC", "timezone: Moon")

    said = terminal.run("plan")

    assert 1 == said.code
    assert f"{second}: cannot be published: channels.whatsapp: the account '100' belongs to" in said.words
    assert f"{third}: cannot be published:\n{third}:14:13: desk.timezone" in said.out


def test_publishing_runs_what_is_valid_and_keeps_the_rest(terminal):
    """One broken file keeps no other back; the command exits with 1."""
    edit(terminal.new("broken"), "timezone: UTC", "timezone: Moon")
    terminal.new("whole")

    said = terminal.run("publish")

    assert 1 == said.code
    assert "configs/broken/broken.yaml:14:13: desk.timezone" in said.out
    assert "whole: version 1 runs now" in said.out
    assert "whole: unchanged, version 1 runs" in terminal.run("publish").out


def test_only_a_file_among_the_desks_files_is_published(terminal):
    """A file elsewhere is refused with where it belongs."""
    path = terminal.new().rename("elsewhere.yaml")

    said = terminal.run("publish", str(path))

    assert 2 == said.code
    assert "is not in configs; move it there" in said.complaint


def test_a_version_made_elsewhere_is_overwritten_only_when_asked(terminal):
    """What the console made stays while the file does not change, and after that until --overwrite."""
    path = terminal.new()
    terminal.run("publish")
    made_in_the_console(terminal, path)
    assert 0 == terminal.run("publish").code
    assert "version 2, made elsewhere, stays" in terminal.run("plan").words

    edit(path, "name: Sam", "name: Kim")

    assert 1 == terminal.run("publish").code
    assert "--overwrite" in terminal.run("plan").out
    assert "version 3 runs now" in terminal.run("publish", "--overwrite").out


def test_a_rollback_runs_the_version_before_and_writes_its_text_back(terminal):
    """Without a number the version before runs again; the file holds it, and a publish changes nothing."""
    path = published_twice(terminal)

    said = terminal.run("rollback", "corner-bakery")

    assert 0 == said.code
    assert "version 1 runs again, as version 3" in said.out
    assert "name: Sam" in path.read_text("utf-8")
    assert "unchanged, version 3 runs" in terminal.run("publish").out


def test_a_rollback_never_loses_words_that_were_not_published(terminal):
    """A file edited since is left as it is, and it is said that it differs."""
    path = published_twice(terminal)
    edit(path, "name: Kim", "name: Half done")

    said = terminal.run("rollback", "corner-bakery", "1")

    assert 0 == said.code
    assert "it differs from what runs now" in said.words
    assert "name: Half done" in path.read_text("utf-8")


def test_a_rollback_without_the_file_is_a_rollback(terminal):
    """Where the file is gone nothing is written, and that is said."""
    path = published_twice(terminal)
    path.unlink()

    assert "is not there, so the text was not written back" in terminal.run("rollback", "corner-bakery").words
    assert not path.exists()


def test_a_rollback_brings_back_what_the_desk_knew(terminal):
    """The knowledge beside the file is the old version's again, where it held words that were published."""
    path = terminal.new()
    edit(path, "files: []", "files: [prices.csv]")
    prices = path.parent / "prices.csv"
    for price in ("cake,3\n", "cake,4\n"):
        prices.write_text(price, "utf-8")
        terminal.run("publish")

    terminal.run("rollback", "corner-bakery")

    assert prices.read_text("utf-8") == "cake,3\n"
    assert "unchanged, version 3 runs" in terminal.run("publish").out


def test_a_rollback_says_when_what_the_file_inherits_changed_too(terminal):
    """The old text over today's base is not the old version, and that is said."""
    path = terminal.new()
    path.write_text("extends: ../bases/calm.yaml\n" + path.read_text("utf-8"), "utf-8")
    (path.parents[1] / "bases").mkdir()
    for voice in ("Kore", "Puck"):
        base = f"voice: {{voice_id: {voice}}}\n"
        (path.parents[1] / "bases" / "calm.yaml").write_text(base, "utf-8")
        terminal.run("publish")

    assert "what it inherits changed since" in terminal.run("rollback", "corner-bakery").words


def test_versions_and_desks_that_never_ran_are_wrong_use(terminal):
    """A wrong number or name is answered with those there are; a first version has none before it."""
    terminal.new()
    assert "published desks: none" in terminal.run("history", "nobody").complaint
    terminal.run("publish")

    assert 1 == terminal.run("rollback", "corner-bakery").code
    assert "nothing changed" in terminal.run("rollback", "corner-bakery", "1").out
    said = terminal.run("rollback", "corner-bakery", "7")
    assert 2 == said.code
    assert "versions that ran: 1" in said.complaint
    assert "published desks: corner-bakery" in terminal.run("rollback", "nobody").complaint


def test_a_history_says_who_made_what_and_which_one_runs(terminal):
    """Versions stand newest first, the running one marked."""
    published_twice(terminal)
    terminal.run("rollback", "corner-bakery")

    lines = terminal.run("history", "corner-bakery").out.splitlines()

    rows = [line.split() for line in lines[1:4]]
    assert ["3", "2", "1"] == [row[0] for row in rows]
    assert [True, False, False] == ["*" in row for row in rows]
    assert ["rollback", "file", "file"] == [row[-4] for row in rows]


def test_the_local_server_finds_what_the_terminal_published(terminal):
    """Both publish the same files to the same store: the second finds nothing to do."""
    path = terminal.new()
    terminal.run("publish")

    async def work(process):
        versions = (await process.services()).versions
        return await publish_file(path, versions, process.catalogue(), folder=Path("configs"), by="files")

    assert "unchanged" == terminal.within(work).outcome
