"""`campaign` at a terminal: checked, drawn up, begun, shown, exported, ended."""


def test_a_campaign_is_drawn_up_and_steered(terminal):
    """What a file comes to is told first; then it is a draft, runs, and is ended."""
    file = terminal.new()
    text = file.read_text("utf-8")
    file.write_text(text.replace("channels:\n", 'channels:\n  sms: {phone_number: "+15550001111"}\n', 1))
    assert 0 == terminal.run("publish", str(file)).code
    people = terminal.folder / "people.csv"
    people.write_text("phone,name\n+919812345678,Asha\n+919812345678,Asha\n+919812345679,Ravi\n")
    unreached = terminal.run("campaign", "check", *_told(people))
    terminal.variables.setenv("TWILIO_ACCOUNT_SID", "AC1")
    terminal.variables.setenv("TWILIO_AUTH_TOKEN", "t")
    told = _told(people)
    checked = terminal.run("campaign", "check", *told)
    none = terminal.run("campaign", "list", "corner-bakery")
    drafted = terminal.run("campaign", "draft", *told)
    campaign = drafted.words.partition("drafted ")[2].partition(";")[0]
    started = terminal.run("campaign", "start", "corner-bakery", campaign)
    ended = terminal.run("campaign", "cancel", "corner-bakery", campaign)
    again = terminal.run("campaign", "pause", "corner-bakery", campaign)
    exported = terminal.run("campaign", "export", "corner-bakery", campaign[:10])

    assert (0, 0, 0, 0, 0, 1, 0) == tuple(
        one.code for one in (checked, none, drafted, started, ended, again, exported)
    ), (drafted, started, ended, again)
    assert 1 == unreached.code
    assert "3 rows: 0 to reach, 1 twice in it, 0 want none, 2 cannot be" in unreached.words
    assert "sms: not connected; set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN" in unreached.words
    assert "3 rows: 2 to reach, 1 twice in it" in checked.words
    assert "the first reads: Cakes for Asha!" in checked.words
    assert "cancelled" in ended.words
    assert "      Cakes" == ended.out.splitlines()[3]
    assert f"{campaign} is cancelled: ended by the command line" in ended.words
    assert "no campaign was ever drawn up" in none.words
    assert ["running", "0", "0", "0", "2"] == started.out.splitlines()[2].split()[1:6]
    assert "cancelled" in ended.words
    assert "only one that runs can be paused" in again.words
    assert 4 == len(exported.out.splitlines())


def _told(people):
    """What a campaign of cakes is asked for with."""
    words = ("--name", "Cakes", "--text", "Cakes for {{ event.name }}!", "--agreed", "our form")
    return ("corner-bakery", str(people), *words)


def test_mistakes_of_a_file_are_told_with_their_places(terminal):
    """Line, column and what to write; nothing is kept."""
    assert 0 == terminal.run("publish", str(terminal.new())).code
    people = terminal.folder / "people.csv"
    people.write_text("phone\n12\n")
    said = terminal.run(
        "campaign", "draft", "corner-bakery", str(people), "--name", "A", "--text", "B", "--agreed", "C"
    )
    gone = terminal.run(
        "campaign", "check", "corner-bakery", "none.csv", "--name", "A", "--text", "B", "--agreed", "C"
    )

    assert (1, 2) == (said.code, gone.code)
    assert "line 2, column phone: '12' is no telephone number" in said.words
    assert "none.csv cannot be read" in gone.complaint + gone.words
