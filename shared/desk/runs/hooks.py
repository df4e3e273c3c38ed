"""The addresses by which others tell a run something, made of what the run alone knows: none is guessed."""

from shared.config.workflows import Workflow
from shared.domain.identity import digest
from shared.domain.runs import Run

PATH = "/api/v1/hooks"


def hook_token(run: Run, name: str) -> str:
    """The last part of an address."""
    return digest("hook", run.token, name)


def hooks_of(public_url: str, tenant: str, run: Run, workflow: Workflow) -> dict[str, str]:
    """Every hook a run may come to wait for, by its name: the address that its steps give away."""
    names = {node.wait.webhook for node in workflow.nodes if node.wait and node.wait.webhook}
    return {name: f"{public_url}{PATH}/{tenant}.{run.id}.{name}.{hook_token(run, name)}" for name in names}
