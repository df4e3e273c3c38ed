"""A workflow answers in the desk's place, on each backend: a wait, a timer and a colleague's leave."""

import secrets
from pathlib import Path

import pytest
from house import House, until

from shared.desk.runs.signal import decide_approval
from shared.domain.colleagues import Actor
from shared.domain.runs import read_run

TENANT = "sample-shop"
DESK = """
version: "1.0"
tenant: {id: sample-shop, name: Sample Shop}
desk: {id: shop, name: Sample Shop, timezone: Europe/Berlin, use_case: support}
channels:
  webchat: {enabled: true}
  whatsapp: {phone_number_id: "100000000000101", phone_number: "+4930000909"}
behavior: {debounce_seconds: 0}
agent: {workflow: returns}
workflows:
  returns:
    nodes:
      - id: ask
        send: Which order do you want to return?
      - id: order
        wait: {reply: true, timeout: 24h}
      - id: look
        send: I am asking a colleague about {{ order.text }}.
      - id: pause
        wait: {for: 1s}
      - id: may
        approval: {question: "May {{ order.text }} be returned?", role: supervisor}
      - id: end
        finish: {reply: "{{ 'Please send it back.' if may.approved else 'Sorry, no.' }}"}
"""
PRIYA = Actor(id="priya", name="Priya", role="supervisor")
STEPS = ["ask", "order", "look", "pause", "may", "end"]
SAID = [
    "Which order do you want to return?",
    "I am asking a colleague about order 12.",
    "Please send it back.",
]


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """A folder with the shop's desk alone."""
    (tmp_path / "configs" / TENANT).mkdir(parents=True)
    (tmp_path / "configs" / TENANT / "shop.yaml").write_text(DESK, "utf-8")
    return tmp_path / "configs"


async def decided(house: House) -> None:
    """A colleague allows what the one run asks, once it asks."""

    async def asks() -> bool:
        return any(run["asking"] for run in await house.documents("runs", TENANT))

    await until(asks, seconds=60)
    (run,) = await house.documents("runs", TENANT)
    services = await house.process.services()
    await decide_approval(services, TENANT, str(run["id"]), "may", approved=True, by=PRIYA)


async def ended(house: House) -> list[str]:
    """The steps of the one run, once it is over."""

    async def over() -> bool:
        return all(run["status"] == "completed" for run in await house.documents("runs", TENANT))

    await until(over, seconds=60)
    (run,) = await house.documents("runs", TENANT)
    return [entry.node for entry in read_run(run).trace]


async def test_a_customer_on_whatsapp_is_led_through_a_workflow(house: House) -> None:
    """Each of its words goes out once, in order; the reply, the timer and the leave each wake it once."""
    assert SAID[0] == await house.ask("I want to send something back")
    assert SAID[1] == await house.ask("order 12")
    await decided(house)
    await until(lambda: len(house.graph.accepted) >= len(SAID), seconds=60)

    assert STEPS == await ended(house)
    assert SAID == house.replies()


async def test_a_visitor_of_the_web_chat_is_led_through_it_as_well(house: House) -> None:
    """The page shows the same words, from the same run."""
    session = {"X-Frontdesk-Session": secrets.token_urlsafe(24)}

    async def shown() -> list[str]:
        (conversation,) = await house.heads(TENANT)
        messages = await house.documents(f"conversations/{conversation}/messages", TENANT)
        messages.sort(key=lambda one: one["seq"])
        return [one["content"]["text"] for one in messages if one["author"] == "desk"]

    for count, text in enumerate(("I want to send something back", "order 12"), 1):
        said = {"text": text, "client_message_id": secrets.token_hex(8)}
        answer = await house.http.post(f"{house.url}/chat/shop/messages", json=said, headers=session)
        assert 202 == answer.status_code, answer.text

        async def answered(count: int = count) -> bool:
            return bool(await house.heads(TENANT)) and len(await shown()) == count

        await until(answered, seconds=60)
    await decided(house)

    assert STEPS == await ended(house)

    async def all_shown() -> bool:
        return await shown() == SAID

    await until(all_shown, seconds=60)
