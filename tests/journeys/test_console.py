"""The console's door on each backend: the first owner, a colleague, and the end of their access."""

import re

import httpx
from house import House

from shared.security.invitations import Invitations

PASSWORD = "a phrase to keep"
TENANT = "/console/krishna-diagnostics"


async def test_from_the_first_owners_link_to_a_colleague_and_back_out(house: House) -> None:
    """An owner comes in by the printed link and invites; the colleague joins, works, and is removed."""
    services = await house.process.services()
    link = await Invitations(services.platform, services.ports.clock).for_owner(first=True)
    async with (
        httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=20) as owner,
        httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=20) as asha,
    ):
        came = await owner.post(
            f"/console/join/{link}",
            data={"name": "Mira", "email": "mira@agency.example", "password": PASSWORD},
        )
        assert (303, "/console/") == (came.status_code, came.headers["location"])
        page = (await owner.get(f"{TENANT}/people")).text
        token = {"X-CSRF-Token": re.search(r'name="csrf" content="(\w+)"', page)[1], "HX-Request": "true"}
        terms = {"email": "asha@lab.example", "role": "human_agent", "skills": "hi", "capacity": "3"}
        invited = await owner.post(f"{TENANT}/people/invite", data=terms, headers=token)
        path = re.search(r'value="[^"]+(/console/join/[\w-]+)"', invited.text)[1]
        await asha.post(path, data={"name": "Asha Rao", "password": PASSWORD})
        assert 200 == (await asha.get(f"{TENANT}/profile")).status_code
        assert 403 == (await asha.get(f"{TENANT}/people")).status_code
        assert 403 == (await asha.get("/console/saffron-table/profile")).status_code
        listed = (await owner.get(f"{TENANT}/people")).text
        known = await house.documents("colleagues")
        [identity] = [str(one["id"]) for one in known if one["email"] == "asha@lab.example"]
        assert f"colleague-{identity}" in listed
        await owner.post(f"{TENANT}/people/{identity}/remove", headers=token)
        assert "/console/sign-in" in (await asha.get(f"{TENANT}/profile")).headers["location"]
        again = await asha.post("/console/sign-in", data={"email": "asha@lab.example", "password": PASSWORD})
        assert "You were removed" in again.text
