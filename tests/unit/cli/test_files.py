"""`new`, `validate` and `migrate`: desks' files from a terminal."""

from pathlib import Path

from tests.unit.cli.terminal import edit

FIXTURES = Path(__file__).parents[2] / "fixtures" / "configs"


def test_a_new_desk_is_a_valid_file_and_the_way_to_try_it_is_said(terminal):
    """`new` writes a file that validates, says where it is and where the desk will answer."""
    said = terminal.run("new", "corner-bakery")

    assert 0 == said.code
    assert "configs/corner-bakery/corner-bakery.yaml" in said.out
    assert "http://127.0.0.1:8080/chat/corner-bakery" in said.out
    assert 0 == terminal.run("validate").code


def test_a_second_desk_of_a_business_stands_in_the_business_folder(terminal):
    """--tenant names the business; the file says so and validates."""
    path = terminal.new("night-desk", "--tenant", "corner-bakery", "--title", "Night Desk")

    assert Path("configs/corner-bakery/night-desk.yaml") == path
    assert 'id: "corner-bakery"\n  name: "Corner Bakery"' in path.read_text("utf-8")
    assert 0 == terminal.run("validate", str(path)).code


def test_a_desk_that_is_there_is_never_written_over(terminal):
    """`new` refuses a name that is taken, in whatever folder, and leaves the file as it was."""
    path = terminal.new()
    path.write_text("mine", "utf-8")

    assert 1 == terminal.run("new", "corner-bakery").code
    assert 1 == terminal.run("new", "corner-bakery", "--tenant", "other").code
    assert "mine" == path.read_text("utf-8")


def test_a_name_that_is_no_id_is_refused_with_one_that_would_do(terminal):
    """Ids stand in addresses, so their letters are few."""
    for argv in (("new", "Corner Bakery"), ("new", "night", "--tenant", "../up")):
        said = terminal.run(*argv)

        assert 2 == said.code
        assert "corner-bakery" in said.err
    assert not Path("configs").exists()


def test_every_problem_is_told_with_its_place_and_fix_at_once(terminal):
    """`validate` names file, line and column as editors read them, key, finding and fix; it exits with 1."""
    path = terminal.new()
    edit(path, "timezone: UTC", "timezone: Moon")
    edit(path, "sunday: closed", "sunday: never")

    said = terminal.run("validate")

    lines = said.out.splitlines()
    assert 1 == said.code
    assert lines[0].startswith(f"{path}:14:13: desk.timezone: 'Moon' ")
    assert lines[1].startswith(f"{path}:21:13: desk.hours.sunday: 'never' ")
    assert "1 file, 2 problems, 0 notices" == lines[-1]


def test_what_is_not_there_yet_is_told_apart_from_problems(terminal):
    """A tool nobody wrote is no problem: it is listed, and the command exits with 0."""
    path = terminal.new()
    edit(path, "  hand_over: {}", "  hand_over: {}\n  fly_drones: {}")

    said = terminal.run("validate")

    assert 0 == said.code
    assert f"{path}: tool fly_drones" in said.out
    assert said.out.endswith("1 file, 0 problems, 1 notice\n")


def test_a_file_outside_the_folder_of_desks_is_validated_where_it_stands(terminal):
    """A file somebody sent can be judged before it is moved anywhere."""
    path = terminal.new().rename("sent.yaml")

    said = terminal.run("validate", str(path))

    assert (0, "\n1 file, 0 problems, 0 notices\n") == (said.code, said.out)


def test_files_that_are_not_there_are_wrong_use(terminal):
    """A wrong name, an empty folder and no folder are each said with what to do, and exit with 2."""
    assert "FRONTDESK_CONFIGS" in terminal.run("validate").err
    Path("configs").mkdir()
    assert "frontdesk new NAME" in terminal.run("validate").complaint

    said = terminal.run("validate", "nowhere.yaml")

    assert 2 == said.code
    assert "nowhere.yaml: there is no such file" in said.complaint


def test_an_old_file_is_printed_in_the_form_of_today(terminal):
    """`migrate` prints canonical YAML, which stays as it is when migrated again."""
    said = terminal.run("migrate", str(FIXTURES / "sample_clinic.yaml"))
    Path("again.yaml").write_text(said.out, "utf-8")

    assert 0 == said.code
    assert said.out.startswith("version: '1.0'\ntenant:\n")
    assert said.out == terminal.run("migrate", "again.yaml").out


def test_a_file_that_cannot_be_migrated_leaves_stdout_empty(terminal):
    """Complaints go to stderr, so that a redirected file never holds one."""
    Path("broken.yaml").write_text("tenant: [\n", "utf-8")

    said = terminal.run("migrate", "broken.yaml")

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith("broken.yaml:2:1: ")
