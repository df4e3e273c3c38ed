"""The pages, the board and the turns: what they show and to whom."""

import re

import msgspec
import pytest

from shared.config.problems import Problem
from shared.config.publish import FileResult
from shared.console import widget
from shared.console.pages import HERE
from shared.domain.receipts import Receipt, Step

BROKEN = FileResult(
    file="sunrise/reception.yaml",
    outcome="invalid",
    problems=(
        Problem("sunrise/reception.yaml", 7, 3, "desk.name", "<b>42</b> is no text", "write it in quotes"),
    ),
)


def receipt(conversation, seq, started):
    return Receipt(
        turn=f"{conversation}:{seq}",
        conversation=conversation,
        covers=(seq, seq),
        config_version=1,
        outcome="answered",
        started_at=started,
        ended_at=started,
        ms=12.5,
        steps=(Step(kind="tool", name="find_slots", ms=3.5, detail={"arguments": {"day": "today"}}),),
    )


async def test_turns_are_listed_newest_first_with_a_cursor(house):
    """Receipts come as the turn wrote them, a page at a time."""
    conversation = house.conversation()
    for seq in (1, 2, 3):
        told = receipt(conversation.id, seq, f"2026-11-20T10:00:0{seq}.000000Z")
        await conversation.store.create(
            f"conversations/{conversation.id}/turns/{seq}", msgspec.to_builtins(told)
        )
    path = f"/api/v1/conversations/{conversation.id}/turns"
    async with house.browser() as browser:
        first = (await browser.get(path, params={"desk": "front", "limit": 2})).json()
        rest = await browser.get(path, params={"desk": "front", "limit": 2, "cursor": first["cursor"]})

    assert [turn["covers"] for turn in first["items"]] == [[3, 3], [2, 2]]
    assert first["items"][0]["steps"][0]["detail"] == {"arguments": {"day": "today"}}
    assert [turn["covers"] for turn in rest.json()["items"]] == [[1, 1]]
    assert rest.json()["cursor"] is None


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"desk": "nobody"}, 404),
        ({}, 404),  # no desk named
        ({"desk": "front", "limit": "0"}, 422),
        ({"desk": "front", "limit": "many"}, 422),
    ],
)
async def test_a_bad_question_about_turns_is_a_problem(house, parameters, status):
    """An unknown desk or a senseless limit is told in words."""
    async with house.browser() as browser:
        answer = await browser.get("/api/v1/conversations/abc/turns", params=parameters)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["/api/v1/conversations/abc/turns?desk=front", "/api/v1/desks", "/"])
@pytest.mark.parametrize(
    ("caller", "host", "local_only_open", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True, 200),
        ("::1", "localhost:8080", True, 200),
        ("127.0.0.1", "127.0.0.1:8080", False, 401),  # not the embedded backend on a loopback address
        ("192.168.1.7", "127.0.0.1:8080", True, 401),  # another machine
        ("127.0.0.1", "desk.example", True, 401),  # a tunnel, or a name made to point here
        ("127.0.0.1", "127.0.0.1.desk.example", True, 401),
    ],
)
async def test_without_sign_in_only_this_machine_sees_inside(
    house, path, caller, host, local_only_open, status
):
    """Turns, board and home page are open to a browser on this machine that names this machine."""
    async with house.browser(caller=caller, host=host, local_only_open=local_only_open) as browser:
        assert (await browser.get(path)).status_code == status


@pytest.mark.parametrize("path", ["/api/v1/conversations/abc/turns?desk=front", "/api/v1/desks", "/"])
@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "Via", "X-Real-IP", "CF-Connecting-IP"]
)
async def test_what_a_proxy_passed_on_is_from_elsewhere(house, path, header):
    """A proxy on this machine may name it as well as call from it; what it adds gives it away."""
    async with house.browser() as browser:
        assert (await browser.get(path, headers={header: "203.0.113.9"})).status_code == 401


async def test_the_try_page_is_open_and_shows_turns_on_this_machine_alone(house):
    """Anybody may write to the desk; what it did is for this machine."""
    async with house.browser() as here, house.browser(caller="10.0.0.9", host="desk.example") as away:
        inside, outside = await here.get("/chat/front"), await away.get("/chat/front")

    assert inside.status_code == outside.status_code == 200
    assert 'id="turns"' in inside.text
    assert 'id="turns"' not in outside.text


async def test_a_broken_file_is_shown_with_its_place_and_its_version_runs_on(house):
    """The board joins what the file came to with what is published; what a file holds is shown as text."""
    await house.board.saw([BROKEN])
    async with house.browser() as browser:
        page = (await browser.get("/")).text
        (desk, _) = (await browser.get("/api/v1/desks")).json()["items"]

    assert desk["version"] == 1
    assert desk["problems"][0]["line"] == 7
    assert "configs/sunrise/reception.yaml:7:3" in page
    assert "&lt;b&gt;42&lt;/b&gt; is no text" in page
    assert "version 1 still answers" in page.replace("\n", " ").replace("  ", "")


async def test_a_file_that_never_ran_is_on_the_board_too(house):
    """A new file with an error is a desk by its file's name, without a version."""
    await house.board.saw([_moved(BROKEN)])
    async with house.browser() as browser:
        desks = (await browser.get("/api/v1/desks")).json()["items"]
        page = (await browser.get("/")).text

    new = next(desk for desk in desks if desk["desk"] == "bakery")
    assert (new["tenant"], new["version"], new["file"]) == ("crumb", None, "configs/crumb/bakery.yaml")
    assert "this desk does not answer yet" in page


def _moved(result):
    return FileResult(file="crumb/bakery.yaml", outcome="invalid", problems=result.problems)


@pytest.mark.parametrize("path", ["/", "/chat/front", "/chat/nobody"])
async def test_pages_run_no_script_but_their_own(house, path):
    """The content policy allows our own files alone, and the page has nothing inline that it would stop."""
    async with house.browser() as browser:
        answer = await browser.get(path)

    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", answer.text)


async def test_the_widget_is_one_script_for_any_site(house):
    """GET /widget.js is a whole script without modules, cacheable, and unchanged is 304."""
    async with house.browser(session=None) as browser:
        answer = await browser.get("/widget.js")
        again = await browser.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]})

    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert not re.search(r"^\s*(import|export)\b", answer.text, re.MULTILINE)
    assert again.status_code == 304


def test_the_widgets_modules_share_no_name():
    """Joined they are one scope, so a top-level name is declared once."""
    names = re.findall(r"^(?:async )?(?:function\*?|class|const|let) (\w+)", widget.bundle(), re.MULTILINE)
    assert len(names) == len(set(names))
    assert {"Session", "Line", "Thread", "Composer", "Frame", "Widget", "start"} <= set(names)


def test_the_widget_says_every_word_in_each_language():
    """English and Hindi have the same entries, with the same values to fill in."""
    text = (HERE / "static" / "widget" / "words.js").read_text("utf-8")
    english, hindi = text.split("\n  hi: {")
    entries = [dict(re.findall(r'^    (\w+): "(.*)",$', part, re.MULTILINE)) for part in (english, hindi)]
    placeholders = [
        {key: set(re.findall(r"\{\w+\}", value)) for key, value in part.items()} for part in entries
    ]
    assert len(entries[0]) > 25
    assert placeholders[0] == placeholders[1]


@pytest.mark.parametrize("path", ["/static/page.css", "/static/try.js", "/static/mark.svg"])
async def test_static_files_are_served(house, path):
    """The pages' own files, by name."""
    async with house.browser() as browser:
        assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/static/widget", "/static/..%2Fpages.py", "/static/none.css"])
async def test_nothing_else_is_served_as_static(house, path):
    """Folders, paths upward and unknown names are not found."""
    async with house.browser() as browser:
        assert (await browser.get(path)).status_code == 404
