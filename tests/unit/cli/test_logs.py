"""What a process logs holds no telephone number, whoever wrote the line."""

import io
import logging

import pytest

from shared.telemetry import logs


@pytest.fixture
def root():
    """The root logger, as it was before afterwards."""
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], _ = before
    logger.setLevel(before[1])


@pytest.mark.parametrize("people", [True, False])
def test_a_number_in_a_rooms_name_is_not_written_whole(root, people):
    """LiveKit's rule names rooms by callers; its libraries write these names, and so may an error."""
    out = io.StringIO()
    logs.configure(people=people, stream=out)
    number, why = "+4915112345678", ValueError("no trunk for +493090182011")
    logging.getLogger("livekit").error("job in call-_%s_x", number, exc_info=why, extra={"room": number})

    told = out.getvalue()
    assert 2 == told.count("+…78")
    assert "+…11" in told
    assert "2345" not in told
    assert "room" in told
