"""`workflow`: which workflows the published desks have, under the names by which runs are begun."""

from argparse import ArgumentParser, Namespace

from shared.bootstrap import Process
from shared.cli.layout import columns
from shared.cli.shape import OK

NAME = "workflow"
HELP = "list the workflows that runs can be begun of"
EXAMPLE = "frontdesk workflow list"


def arguments(parser: ArgumentParser) -> None:
    """Declare what it takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="DOES")
    listed = does.add_parser("list", help="those of every published desk")
    listed.add_argument("--desk", metavar="DESK", help="of that desk alone")


async def run(process: Process, chosen: Namespace) -> int:
    """Print them, with what begins each by itself."""
    from shared.runs.definitions import definition_id

    versions = (await process.services()).versions
    rows = []
    for tenant in sorted({tenant for tenant, _ in await versions.desks()}):
        for published in await versions.running(tenant):
            if chosen.desk in (None, published.desk):
                for name, workflow in published.config.workflows.items():
                    begins = ", ".join(workflow.on.model_dump(exclude_defaults=True)) or "asked for alone"
                    what = workflow.description or ""
                    rows.append((definition_id(published.desk, name), str(len(workflow.nodes)), begins, what))
    if not rows:
        print("No workflows.")
        return OK
    columns([("WORKFLOW", "STEPS", "BEGINS BY", "WHAT IT DOES"), *rows])
    return OK
