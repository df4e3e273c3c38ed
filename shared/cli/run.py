"""`run`: a workflow's runs, begun, looked at, told things and controlled."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process

NAME = "run"
HELP = "begin, look at, tell and control runs of workflows"
EXAMPLE = "frontdesk run start front~intake --input '{\"order\": 12}'"

ON_ONE = ("show", "signal", "approve", "reject", "cancel", "stop", "pause", "resume", "retry", "fork")


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="DOES")
    start = does.add_parser("start", help="begin a run and wait for it")
    start.add_argument("workflow", metavar="DESK~NAME", help="the workflow, as `workflow list` shows it")
    start.add_argument("--input", default="{}", metavar="JSON", help="what it is given")
    start.add_argument(
        "--conversation", default="", metavar="ID", help="its conversation's id, or how that begins"
    )
    start.add_argument("--customer", default="", metavar="ID", help="its customer's id, or how that begins")
    start.add_argument("--wait", type=float, default=30.0, metavar="S", help="seconds to wait (default: 30)")
    listed = does.add_parser("list", help="the newest runs of a business")
    listed.add_argument("--tenant", required=True, metavar="T", help="id of the business")
    for name in ("status", "desk", "workflow", "conversation", "customer"):
        listed.add_argument(f"--{name}", metavar=name.upper(), help=f"of that {name} alone")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (default: 20)")
    tell = does.add_parser("tell", help="a signal to every run under way for a customer")
    tell.add_argument("name", metavar="NAME", help="the signal's name")
    tell.add_argument("--tenant", required=True, metavar="T", help="id of the business")
    tell.add_argument("--customer", required=True, metavar="ID", help="the customer's id, or how it begins")
    tell.add_argument("--value", default="null", metavar="JSON", help="what it carries")
    for name in ON_ONE:
        one = does.add_parser(name, help=f"{name} a run")
        one.add_argument("run", metavar="RUN", help="the run's id, or how it begins")
        if name == "signal":
            one.add_argument("name", metavar="NAME", help="the signal's name")
            one.add_argument("--value", default="null", metavar="JSON", help="what it carries")
        if name in ("approve", "reject", "fork"):
            one.add_argument("step", metavar="STEP", help="the step's id")
        if name in ("approve", "reject"):
            one.add_argument("--note", default="", metavar="WORDS", help="why, for colleagues and the run")
        if name == "retry":
            one.add_argument("--step", default="", metavar="STEP", help="from there; else where it failed")


async def run(process: Process, chosen: Namespace) -> int:
    """Do it, and print the run as it is then."""
    from shared.cli.run_asked import run_asked

    return await run_asked(process, chosen)
