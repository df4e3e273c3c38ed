"""What a campaign's page says of its targets: what happens with each, in words."""

from typing import get_args

import pytest

from shared.console.campaigns import outcomes
from shared.domain.campaigns import Campaign, TargetState


@pytest.mark.parametrize(
    ("state", "means", "waiting", "trying"),
    [
        ("draft", "messages", "Waiting for the start", "Sending"),
        ("running", "messages", "Waiting for its time slot", "Sending"),
        ("running", "calls", "Waiting for its time slot", "Calling"),
        ("paused", "messages", "Held while it is paused", "Sending"),
    ],
)
def test_a_target_is_told_by_what_happens_with_it(state, means, waiting, trying):
    """Every state a target can have has its words; those not over say what they wait for or what is done."""
    campaign = Campaign(id="c", desk="d", name="n", state=state, means=means, created_at="", until="")

    words = outcomes(campaign)

    assert set(get_args(TargetState)) == set(words)
    assert (waiting, trying) == (words["waiting"], words["trying"])
