"""Who may tell a desk what: signatures, and what they vouch for."""

import json
from pathlib import Path

import pytest
from house import LAB, House, opened, until

from shared.desk import take_turn
from tests.standins.graph_api import GraphApi, sign
from tests.standins.serving import serving

OWN = """
version: "1.0"
tenant: {id: bell, name: Bell Salon}
desk: {id: bell, name: Bell Salon, facts: {Parking: "Free behind the house."}}
channels:
  whatsapp: {phone_number_id: "777", app_secret: "${APP_SECRET}"}
"""
OTHER = """
version: "1.0"
tenant: {id: lab, name: Lab}
desk: {id: lab, name: Lab}
channels:
  whatsapp: {phone_number_id: "%s"}
"""


async def test_an_accounts_own_secret_vouches_for_no_other_account(tmp_path: Path) -> None:
    """A tenant with an app of its own can tell its own desk things, and no other tenant's."""
    for tenant, text in (("bell", OWN), ("lab", OTHER % LAB)):
        (tmp_path / "configs" / tenant).mkdir(parents=True)
        (tmp_path / "configs" / tenant / f"{tenant}.yaml").write_text(text)
    graph = GraphApi(token="t-graph")
    environment = {"FRONTDESK_CONFIGS": str(tmp_path / "configs"), "bell__APP_SECRET": "bells-own"}
    async with serving(graph.app) as url, opened(tmp_path / "d", graph, url, **environment) as house:
        own, others = house.whatsapp("Where can I park?"), house.whatsapp("Where can I park?")
        own["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "777"
        own["entry"] += others["entry"]
        body = json.dumps(own).encode()

        headers = sign(body, "bells-own")
        answer = await house.http.post(f"{house.url}/webhooks/whatsapp", content=body, headers=headers)

        assert 200 == answer.status_code
        await until(lambda: len(graph.accepted) == 1)
        assert 1 == len(await house.documents("conversations", "bell"))
        assert [] == await house.documents("conversations", "lab")


async def test_a_turn_that_breaks_every_time_ends_with_a_person(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error nobody foresaw is tried again a few times, then the customer is told and a person asked."""
    tries = []

    async def breaks(*_: object) -> None:
        tries.append(1)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(take_turn, "think", breaks)
    monkeypatch.setattr(take_turn, "PAUSES", (0.1, 0.1, 0.1))

    reply = await house.ask("What does a CBC test cost?")

    assert reply.startswith("Sorry, I cannot answer right now")
    assert 4 == len(tries)
    (handover,) = await house.documents("handovers")
    assert "desk_failure" == handover["type"]
