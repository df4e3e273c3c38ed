"""The facts a condition may name: the one page a desk's author looks them up on."""

from typing import Literal, NamedTuple

Kind = Literal["score", "number", "flag", "text", "list", "map"]


class Fact(NamedTuple):
    """What a fact holds, and what it says."""

    kind: Kind
    meaning: str


FACTS: dict[str, Fact] = {
    "sentiment": Fact("score", "how the customer sounds; below 0.3 is negative"),
    "complexity": Fact("score", "how hard the request is; above 0.8 is hard"),
    "confidence": Fact("score", "how well the evidence carries the answer"),
    "qualification": Fact("score", "how likely the customer buys, where the desk sells"),
    "intent": Fact("text", "what the customer wants, in a word or two"),
    "topics": Fact("list", "what the conversation touched, in single words"),
    "language": Fact("text", "the language the customer writes, e.g. hi"),
    "channel": Fact("text", "the channel of the conversation, e.g. whatsapp"),
    "state": Fact("text", "the state of the conversation, e.g. resolved"),
    "event": Fact("text", "what just happened, e.g. booking_abandoned or test_results_ready"),
    "wants_human": Fact("flag", "the customer asked for a person"),
    "booked": Fact("flag", "an appointment was made in this episode"),
    "discount": Fact("score", "the share off the price the customer asks for; 0 is some, without a figure"),
    "over_authority": Fact("flag", "the customer asks for more discount than the desk may give"),
    "is_open": Fact("flag", "the desk is within its opening hours"),
    "messages": Fact("number", "messages of the customer in this episode"),
    "negative_in_a_row": Fact("number", "negative customer messages, the last one back to a better one"),
    "tool_errors_in_a_row": Fact(
        "number", "tools out of reach running, since a tool worked or people had the word"
    ),
    "model_errors_in_a_row": Fact("number", "turns the model could not finish since the last answer"),
    "low_confidence_in_a_row": Fact("number", "unsure answers since the last sure one"),
    "silent_hours": Fact("number", "hours since the customer last wrote"),
    "waiting_minutes": Fact("number", "minutes the oldest unanswered message waits"),
    "party_size": Fact("number", "how many people a booking is for"),
    "money": Fact("number", "what the conversation cost so far, in the budget's currency"),
    "customer": Fact("map", "what is known of the customer, e.g. customer.type or customer.age"),
}
