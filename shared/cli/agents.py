"""`agents`: which agents a desk's runs may use, and how they fare."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, get_args

from shared.bootstrap import Process
from shared.cli.history import known
from shared.cli.layout import columns, say
from shared.cli.shape import OK, WrongUse
from shared.config.agents import AgentType, CostTier
from shared.domain.errors import NotThere

if TYPE_CHECKING:
    from shared.desk.agent_list import AgentShown, AgentWhole, MemberShown

NAME = "agents"
HELP = "list a desk's agents with their health, or show one with what it did"
EXAMPLE = "frontdesk agents corner-bakery --type reasoning"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("desk", metavar="DESK", help="the desk's id")
    parser.add_argument("agent", metavar="AGENT", nargs="?", help="one agent, with its last executions")
    parser.add_argument("--capability", metavar="NAME", help="only those that can this")
    parser.add_argument("--type", choices=get_args(AgentType), help="only those of this type")
    parser.add_argument("--cost-tier", choices=get_args(CostTier), help="only those as dear as this")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many executions")


async def run(process: Process, chosen: Namespace) -> int:
    """Print the table. Customers' words are not in it: what was asked stands in the API alone."""
    from shared.desk.agent_list import agent, agents, members

    services = await process.services()
    await known(services.versions, chosen.desk)
    running = await services.versions.published(chosen.desk)
    if running is None:
        raise WrongUse(f"the desk {chosen.desk!r} runs no version; `frontdesk publish FILE` publishes one")
    if chosen.agent:
        try:
            whole = await agent(services, running, chosen.agent, limit=max(1, chosen.limit))
        except NotThere as error:
            raise WrongUse(str(error)) from error
        _one(whole)
        return OK
    items = await agents(
        services, running, capability=chosen.capability, type=chosen.type, cost_tier=chosen.cost_tier
    )
    columns(
        [
            ("AGENT", "TYPE", "COST", "HEALTH", "MODEL"),
            *((one.name, one.type, one.cost_tier, _state(one), one.default_model or "none") for one in items),
        ]
    )
    if not items:
        print("\nNo agent has all of that.")
    if team := await members(services, running):
        print("\nIts team:")
        columns([("MEMBER", "HEALTH", "BACKUP"), *((one.name, _state(one), one.backup) for one in team)])
    return OK


def _state(one: "AgentShown | MemberShown") -> str:
    share = f"{one.error_rate:.0%} of {one.executions} failed" if one.executions else "idle"
    return share if one.is_healthy else f"unwell: {share}"


def _one(whole: "AgentWhole") -> None:
    shown = whole.agent
    say(f"{shown.name}: {shown.description}", rest="  ")
    for key, found in (
        ("capabilities", ", ".join(shown.capabilities)),
        ("tools", ", ".join(shown.tools)),
        ("models", ", ".join(shown.supported_models)),
        ("backup", shown.fallback),
    ):
        if found:
            say(f"  {key}: {found}", rest="    ")
    print()
    rows = [("AT (UTC)", "RESULT", "SECONDS", "USD", "ROUNDS", "WHY IT FAILED")]
    rows += [
        (
            one.at[:19].replace("T", " "),
            "done" if one.success else "failed",
            f"{one.ms / 1000:.2f}",
            f"{one.money:.4f}",
            str(one.iterations),
            " ".join(one.error.split())[:120],
        )
        for one in whole.history
    ]
    columns(rows)
