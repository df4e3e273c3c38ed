"""`agents`: what a desk's runs may think with, from a terminal."""


def test_a_desks_agents_are_listed_and_shown(terminal):
    """The shipped ones are there without a word of the file; one is shown with its tools and backup."""
    terminal.new()
    terminal.run("publish")
    listed = terminal.run("agents", "corner-bakery")
    shown = terminal.run("agents", "corner-bakery", "reasoning_agent")

    assert (0, 0) == (listed.code, shown.code)
    assert "simple_intent_classifier simple low idle" in listed.words
    assert "tools: search_knowledge, check_slots" in shown.words
    assert "backup: simple_agent" in shown.words


def test_they_are_found_by_what_they_can(terminal):
    """Filters narrow the list, and an empty one says so."""
    terminal.new()
    terminal.run("publish")

    assert "autonomous_agent" in terminal.run("agents", "corner-bakery", "--type", "code").out
    assert "No agent has all of that." in terminal.run("agents", "corner-bakery", "--capability", "x").out


def test_an_unknown_desk_or_agent_is_wrong_use(terminal):
    """With the names there are."""
    terminal.new()
    terminal.run("publish")

    assert "published desks: corner-bakery" in terminal.run("agents", "bakery").complaint
    assert "did you mean simple_agent?" in terminal.run("agents", "corner-bakery", "simple_agnt").complaint
