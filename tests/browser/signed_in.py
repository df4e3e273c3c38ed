"""An installation with sample desks, and people who are signed in to its console."""

import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from house import LAB_FILE, ROOT, SECRET, House, opened
from playwright.async_api import Page

from shared.domain.colleagues import Role
from shared.security.access import COOKIE
from shared.security.people import Person, begins
from shared.security.sessions import Sessions
from tests.standins.graph_api import GraphApi
from tests.standins.serving import serving

TENANT, DESK = "krishna-diagnostics", "krishna"


@dataclass
class Console:
    """The console of one business, as the people of a test see it."""

    house: House
    folder: Path
    visit: object

    async def enter(self, name: str, role: Role = "supervisor", **profile) -> Page:
        """A browser in which somebody of that name is signed in."""
        services = await self.house.process.services()
        person = Person(
            id=name.lower(), name=name, email=f"{name.lower()}@krishna.example", rights={TENANT: role}
        )
        if await services.platform.get(f"people/{person.id}") is None:
            await services.platform.commit(begins(person))
        token = await Sessions(services.platform, services.ports.clock).begin(person.id, "Chromium")
        page = (await self.visit(at=self.house, **profile)).page
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": self.house.url}])
        return page

    def at(self, path: str) -> str:
        """An address below the business's console."""
        return f"{self.house.url}/console/{TENANT}{path}"

    async def turns(self, conversation):
        """How many turns of the desk left a receipt."""
        store = (await self.house.process.services()).tenant(TENANT)
        return await store.count(f"conversations/{conversation}/turns")


@asynccontextmanager
async def console_on(folder: Path, visit, change=lambda text: text):
    """A console whose desks' files may change, on the embedded backend; `change` is made before they run."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    file = folder / "configs" / LAB_FILE
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    graph = GraphApi(token="t-graph", app_secret=SECRET)
    async with (
        serving(graph.app) as graph_url,
        opened(folder / "data", graph, graph_url, FRONTDESK_CONFIGS=str(folder / "configs")) as house,
    ):
        yield Console(house, folder / "configs", visit)
