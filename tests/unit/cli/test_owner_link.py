"""`owner-link`: somebody who runs the machine becomes an owner, or one again."""

import re

import pytest

from shared.domain.errors import Permanent
from shared.security.invitations import Invitations
from shared.security.people import AGENCY


def test_the_link_makes_an_owner_and_works_once(terminal):
    """It is printed whole on a line of its own, and says how long it lasts."""
    done = terminal.run("owner-link")
    token = re.search(r"^http\S+/console/join/([\w-]+)$", done.out, re.MULTILINE)[1]

    async def use(process):
        services = await process.services()
        invitations = Invitations(services.platform, services.ports.clock)
        owner = await invitations.accept(
            token, name="Mira", email="mira@agency.example", password="a phrase to keep"
        )
        with pytest.raises(Permanent, match="used already"):
            await invitations.read(token)
        return owner.rights

    assert 0 == done.code
    assert "within a day" in done.out
    assert {AGENCY: "owner"} == terminal.within(use)
