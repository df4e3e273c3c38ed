"""What a drill of calls says of silences: what was measured, and no zero in the place of what was not."""

from tests.drills.one_call import Fault, Trial
from tests.drills.silences import Silences

FAULT = Fault(name="all workers killed")


def test_a_trial_that_measured_nothing_has_failed():
    """A hole is no figure: the trial is wrong, and the table says that nothing was measured."""
    silences = Silences([trial := Trial(FAULT)])

    assert ["no silence was measured"] == trial.wrong
    assert "failed 1; longest silence not measured" in silences.table[0]
    assert "greeted not measured" in silences.table[0]


def test_figures_are_of_the_trials_that_have_them():
    """A call that nobody greeted was silent as long as its caller waited, and not greeted at once."""
    greeted, never = Trial(FAULT, greeted=1.0), Trial(FAULT, late=["nothing was heard in 60 s"])
    greeted.waited(1.0, 0.1)
    never.waited(60.0, 0.1)
    (line,) = Silences([greeted, never]).table

    assert [] == greeted.wrong
    assert "n=2, failed 1; longest silence p50 30.5 s, max 60.0 s; 3 s allowed" in line
    assert "greeted p50 1.0 s, max 1.0 s (1 not measured)" in line
