"""Tools of a shop and its mail, as an installed package would bring them: orders, returns, letters.

They are named as an orchestrator's document names them, `app.action`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from shared.config.block import Block
from shared.tools import registry
from shared.tools.shape import ToolContext, ToolResult

ORDERS: dict[str, dict[str, object]] = {
    "12345": {"order_id": "12345", "item": "one kettle", "delivered": "on Monday", "returnable": True}
}
LABEL = "https://shop.example/labels/RET-456.pdf"


class Order(BaseModel):
    """Which order."""

    order_id: str


class Letter(BaseModel):
    """What is written to whom."""

    to: str
    subject: str
    body: str


@dataclass
class Shop:
    """What the tools did."""

    returns: list[str] = field(default_factory=list)  # orders
    letters: list[Letter] = field(default_factory=list)

    def get_order(self, given: Order) -> dict[str, object]:
        """The order. Raises KeyError for one there is not."""
        return ORDERS[given.order_id]

    def create_return(self, given: Order) -> dict[str, object]:
        """It comes back."""
        self.returns.append(given.order_id)
        return {"return_id": "RET-456", "label_url": LABEL}

    def send_email(self, given: Letter) -> dict[str, object]:
        """It is sent."""
        self.letters.append(given)
        return {"sent": True}


def _tool(name: str, description: str, arguments: type[BaseModel], act: Any, reach: str) -> Any:
    async def run(given: BaseModel, context: ToolContext) -> ToolResult:
        return ToolResult(data=act(given))

    return SimpleNamespace(
        NAME=name,
        DESCRIPTION=description,
        EXAMPLES=(),
        Settings=Block,
        Arguments=arguments,
        TIMEOUT=5.0,
        REACH=reach,
        run=run,
    )


@contextmanager
def installed() -> Iterator[Shop]:
    """The shop whose package is installed while the block runs."""
    shop = Shop()
    tools = (
        _tool("shopify.get_order", "Gets an order.", Order, shop.get_order, "looks"),
        _tool("shopify.create_return", "Takes an order back.", Order, shop.create_return, "acts"),
        _tool("gmail.send_email", "Sends a letter.", Letter, shop.send_email, "acts"),
    )
    entries = [SimpleNamespace(name=one.NAME, value="shop_tools", load=lambda one=one: one) for one in tools]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "entry_points", lambda group: entries if group == registry.OTHERS else [])
        yield shop
