"""Answers to what customers are asked afterwards."""

from typing import ClassVar

import msgspec


class SurveyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. Its document is `survey_answers/{id}`, and its id that of the outreach which asked."""

    SHAPE: ClassVar[int] = 1
    shape: int = 1
    id: str
    desk: str
    customer: str
    conversation: str
    trigger: str  # after what it was asked, e.g. post_booking
    about: str  # e.g. a booking's reference
    question: str  # its id in the desk's file
    asked: str
    answer: str
    mark: int | None = None  # of a rating
    at: str
    until: str


def answer_path(answer: str) -> str:
    """Where an answer stands within its tenant."""
    return f"survey_answers/{answer}"
