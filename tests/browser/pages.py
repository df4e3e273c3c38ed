"""What a person does on the pages, in their words; the tests say it and these find the controls."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect


@dataclass
class Visitor:
    """Somebody with a browser."""

    page: Page
    address: str

    async def try_desk(self, desk: str) -> "Visitor":
        """Opens a desk's try page and waits for its widget."""
        await self.page.goto(f"{self.address}/chat/{desk}")
        await expect(self.box).to_be_visible()
        return self

    async def home(self) -> "Visitor":
        """Opens the first page."""
        await self.page.goto(self.address)
        return self

    @property
    def box(self) -> Locator:
        """Where a message is written."""
        return self.page.locator("frontdesk-chat textarea")

    @property
    def thread(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log")

    @property
    def whole(self) -> Locator:
        """The desk's messages that are no longer partial."""
        return self.page.locator(".message.desk:not([data-partial])")

    @property
    def answers(self) -> Locator:
        """The desk's whole messages, its opening line among them; partial ones are none."""
        return self.whole.locator(".bubble")

    @property
    def own(self) -> Locator:
        """The visitor's messages."""
        return self.thread.locator(".message.customer")

    @property
    def chips(self) -> Locator:
        """What may be tapped: starters, or the desk's quick replies."""
        return self.page.get_by_role("group", name=re.compile("Suggestions|सुझाव")).get_by_role("button")

    @property
    def turns(self) -> Locator:
        """The turns beside the chat, newest first."""
        return self.page.locator("#turns .turn")

    async def say(self, text: str) -> None:
        """Writes and sends with Enter."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def tap(self, title: str) -> None:
        """Taps a starter or quick reply."""
        await self.chips.filter(has_text=title).click()

    async def reply(self, containing: str | None = None, *, seconds: float = 15) -> str:
        """Waits until the newest message is the desk's, and says the given words; returns its text."""
        words = self.thread.locator(".message:last-child").and_(self.whole).locator(".bubble")
        await expect(words).to_contain_text(containing or "", timeout=seconds * 1000)
        return (await words.text_content() or "").partition(": ")[2]

    async def ask(self, text: str, containing: str | None = None) -> str:
        """Says it and waits for the answer."""
        before = await self.answers.count()
        await self.say(text)
        await expect(self.answers).to_have_count(before + 1, timeout=15_000)
        return await self.reply(containing)
