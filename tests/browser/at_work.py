"""What people do at the console, in their words; the tests say it and these find the controls."""

from dataclasses import dataclass

from house import House
from playwright.async_api import Page, expect

from shared.security.invitations import Invitations
from tests.browser.pages import Visitor

PASSWORD = "a phrase to keep"


@dataclass
class AtWork:
    """Somebody at the console of one business."""

    page: Page
    house: House
    tenant: str = "saffron-table"

    @classmethod
    async def come(cls, visitor: Visitor, house: House, **more: str) -> "AtWork":
        """Sits down before the console, not signed in yet."""
        return cls(visitor.page, house, **more)

    async def own(self, name: str = "Mira Sen", email: str = "mira@agency.example") -> "AtWork":
        """Becomes an owner of the agency by a link, and goes to the business."""
        services = await self.house.process.services()
        token = await Invitations(services.platform, services.ports.clock).for_owner(first=False)
        return await self.follow(f"{self.house.address}/console/join/{token}", name, email)

    async def join(
        self,
        name: str,
        email: str,
        *,
        role: str = "human_agent",
        skills: tuple[str, ...] = (),
        capacity: int = 5,
    ) -> "AtWork":
        """Becomes a colleague of the business by an invitation."""
        services = await self.house.process.services()
        token = await Invitations(services.platform, services.ports.clock).for_colleague(
            self.tenant, email, role=role, skills=skills, capacity=capacity, by="Mira Sen"
        )
        return await self.follow(f"{self.house.address}/console/join/{token}", name)

    async def follow(self, link: str, name: str, email: str = "") -> "AtWork":
        """Opens a link, names themselves, and goes to the business."""
        await self.page.goto(link)
        await self.page.get_by_label("Your name").fill(name)
        if email:
            await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button").click()
        await expect(self.page.get_by_label("Your name")).to_be_hidden()
        return await self.open("/profile")

    async def open(self, path: str) -> "AtWork":
        """Goes to a page of the business."""
        await self.page.goto(f"{self.house.address}/console/{self.tenant}{path}")
        return self

    async def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Signs in where the page asks for it."""
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()

    async def told(self, words: str) -> None:
        """Waits for a toast."""
        await expect(self.page.locator("#toasts")).to_contain_text(words)
