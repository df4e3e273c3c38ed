"""Conditions are JMESPath booleans over named facts, and older spellings become them."""

import pytest

from shared.config.conditions import check_condition, from_python, holds
from shared.config.short_forms import condition_of, condition_of_pair, languages_of, template_of


@pytest.mark.parametrize(
    ("condition", "facts", "true"),
    [
        ("sentiment < `0.3`", {"sentiment": 0.2}, True),
        ("sentiment < `0.3`", {"sentiment": 0.5}, False),
        ("sentiment < `0.3`", {}, False),  # an absent signal is absent
        ("sentiment < `0.3`", {"sentiment": None}, False),
        ("wants_human", {"wants_human": True}, True),
        ("wants_human", {}, False),
        ("!booked && silent_hours >= `24`", {"silent_hours": 30}, True),
        ("contains(topics, 'family')", {"topics": ["family"]}, True),
        ("customer.type == 'premium'", {"customer": {"type": "premium"}}, True),
        ("event == 'booking_abandoned' || messages > `5`", {"messages": 6}, True),
    ],
)
def test_conditions_hold_of_facts(condition, facts, true):
    """A condition is true only where its facts are there and say so."""
    assert true is holds(check_condition(condition), facts)


def test_a_literal_that_is_no_json_is_refused():
    """A bare word between backticks is refused with the form to write, not let through with a warning."""
    with pytest.raises(ValueError, match="is no condition; write a JMESPath comparison"):
        check_condition("sentiment < `abc`")


def test_a_negation_that_is_for_too_little_is_refused():
    """In JMESPath `!a.b` is `(!a).b`, which is never there: what to write is said, and holds."""
    with pytest.raises(ValueError, match=r"write !\(…\)"):
        check_condition("!customer.insured && wants_human")
    meant = check_condition("!(customer.insured) && wants_human")

    assert holds(meant, {"wants_human": True, "customer": {}})
    assert not holds(meant, {"wants_human": True, "customer": {"insured": True}})


def test_facts_that_are_missing_raise_nothing():
    """A function over a fact that is not there is simply not true."""
    assert not holds("contains(topics, 'family')", {})


@pytest.mark.parametrize(
    ("python", "jmespath"),
    [
        ("sentiment < 0.3 and wants_human", "sentiment < `0.3` && wants_human"),
        ("not (booked or wants_human)", "!(booked || wants_human)"),
        ("'family' in topics", "contains(topics, 'family')"),
        ("customer.type == 'standard'", "customer.type == 'standard'"),
        ("booked == True", "booked == `true`"),
        ("not customer.insured", "!(customer.insured)"),
        ("__import__('os').system('x')", None),
        ("sentimet < 0.3", None),
        ("lambda: 1", None),
    ],
)
def test_python_is_answered_with_the_jmespath_to_write(python, jmespath):
    """The refusal of a Python expression carries what to write, where there is an equivalent."""
    assert jmespath == from_python(python)


@pytest.mark.parametrize(
    ("short", "condition"),
    [
        ("sentiment_score:<0.3", "sentiment < `0.3`"),
        ("complexity_score:>0.8", "complexity > `0.8`"),
        ("request_escalation:true", "wants_human"),
        ("request_escalation:false", "!wants_human"),
        ("customer_type:standard", "customer.type == 'standard'"),
        ("interaction_count:>5", "messages > `5`"),
        ("feature_usage:<50%", "customer.feature_usage < `0.5`"),
        ("sentiment_score < 0.3", "sentiment < `0.3`"),
        ("negative_sentiment_3_consecutive", "negative_in_a_row >= `3`"),
        ("no_response_24h", "silent_hours >= `24`"),
        ("explicit_request", "wants_human"),
        ("sentiment < `0.3`", "sentiment < `0.3`"),  # canonical stays
        ("anything else", "anything else"),  # for the schema to refuse
    ],
)
def test_short_forms_become_conditions(short, condition):
    """Every older form has one JMESPath."""
    assert condition == condition_of(short)


@pytest.mark.parametrize(
    ("key", "value", "condition"),
    [
        ("sentiment_score_below", 0.3, "sentiment < `0.3`"),
        ("complexity_above", 0.8, "complexity > `0.8`"),
        ("customer_request", True, "wants_human"),
        ("customer_request", False, None),
        ("moon_below", 3, None),
    ],
)
def test_typed_maps_become_conditions(key, value, condition):
    """`sentiment_score_below: 0.3` is a comparison; what names no fact is left alone."""
    assert condition == condition_of_pair(key, value)


def test_single_braces_become_jinja():
    """Known single-brace names are translated, others left to be refused."""
    assert (
        template_of("{agent_name} of {client_name} {moon}") == "{{ agent.name }} of {{ tenant.name }} {moon}"
    )


@pytest.mark.parametrize(
    ("words", "tags"),
    [("Hindi and English", ["hi", "en"]), ("en, hi", ["en", "hi"]), ("English", ["en"]), ("Klingon", None)],
)
def test_languages_in_words_are_read_or_refused(words, tags):
    """Languages named in words become tags; an unknown one is never guessed."""
    assert tags == languages_of(words)
