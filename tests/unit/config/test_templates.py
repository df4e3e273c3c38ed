"""Templates are filled in a sandbox with a short list of names."""

import re

import pytest

from shared.config.templates import check_template, fields_in, render
from shared.domain.errors import Permanent


def test_a_template_is_filled():
    """Names are filled, loops and conditions work, what is not known of a customer is left blank."""
    text = (
        "{{ agent.name }}{% if customer.name %} for {{ customer.name }}{% endif %}{{ customer.moon.phase }}!"
    )

    assert "Maya!" == render(check_template(text), {"agent": {"name": "Maya"}, "customer": {}})


@pytest.mark.parametrize(
    "text",
    [
        "{{ agent.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{% for n in range(1000000000) %}x{% endfor %}",
        "{{ desk.update({'a': 1}) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_holds_no_program(text):
    """Reaching for the machine, for endless loops or to change what is there is refused, never done."""
    desk = {"name": "Front"}
    try:
        shown = render(text, {"agent": {"name": "Maya"}, "desk": desk})
    except Permanent as error:
        shown = str(error)

    assert "<class" not in shown
    assert {"name": "Front"} == desk
    assert len(shown) < 500


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "{% for a in range(3000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
            "more than 10,000 times",
        ),
        ("{% for a in range(9000) %}{{ desk.long }}{% endfor %}", "more than 400,000 characters"),
        ("{{ 'a'|center(50000000) }}", "No filter named 'center'"),
        ("{{ '%50000000d'|format(1) }}", "No filter named 'format'"),
        ("{{ '%50000000d' % 1 }}", "% is for two numbers"),
        ("{{ '{:>50000000}'.format(1) }}", "'format' of 'str' object is unsafe"),
        ("{{ 'a'.ljust(50000000) }}", "'ljust' of 'str' object is unsafe"),
        ("{% set a = desk.long %}" + "{% set a = a ~ a %}" * 30 + "{{ a }}", "a text of more than 400,000"),
        ("{% set a = desk.long %}" + "{% set a = a + a %}" * 30 + "{{ a }}", "a text of more than 400,000"),
        ("{{ desk.long|replace('x', desk.long) }}", "a text of more than 400,000"),
        ("{{ range(9000)|join(desk.long) }}", "a text of more than 400,000"),
        ("{% macro m() %}{% endmacro %}{{ m() }}", "macro has no place here"),
        ("{% for a in [1] recursive %}{{ loop([1, 1]) }}{% endfor %}", "a loop within itself"),
    ],
)
def test_a_template_takes_neither_the_processor_nor_the_memory(text, told):
    """However short, it ends soon and stays short, and is told what it does too much of."""
    with pytest.raises(Permanent, match=re.escape(told)):
        render(text, {"desk": {"long": "x" * 1000}})


def test_loops_filters_and_sums_within_bounds_are_as_ever():
    """What files are written with goes on working."""
    text = (
        "{% for one in event.days %}{{ loop.index }} of {{ loop.length }}: "
        "{{ one|replace('on', 'ON') }}; {% endfor %}"
        "{{ event.days|join(', ') }} {{ 'a' ~ 1 }} {{ 'a' + 'b' }} {{ 7 % 4 + 2 * 3 }}"
    )

    assert "1 of 2: MONday; 2 of 2: TuesdAy; Monday, TuesdAy a1 ab 9" == render(
        text, {"event": {"days": ["Monday", "TuesdAy"]}}
    )


def test_what_a_template_says_of_a_row_is_told():
    """Fields by dot and by key; what every mapping can do is none."""
    text = "{{ event.day }}{% if event['time'] %} at {{ event.time }}{% endif %}{{ event.get('x') }}{{ now }}"

    assert {"day", "time"} == fields_in(text, "event")
