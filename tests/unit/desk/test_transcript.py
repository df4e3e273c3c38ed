"""The conversation as a model reads it."""

from shared.desk.transcript import in_order
from shared.domain.conversation import Message


def test_a_burst_stands_in_the_vendors_order_and_answers_stay_where_they_are() -> None:
    """Messages recorded out of order are read in the order they were written, never across an answer."""

    def wrote(seq: int, at: str) -> Message:
        return Message(seq=seq, author="customer", status="received", at=at, provider_at=at)

    answer = Message(seq=3, author="desk", status="sent", at="12:05")
    recorded = [wrote(1, "12:02"), wrote(2, "12:01"), answer, wrote(4, "12:00"), wrote(5, "12:00")]

    assert [message.seq for message in in_order(recorded)] == [2, 1, 3, 4, 5]
