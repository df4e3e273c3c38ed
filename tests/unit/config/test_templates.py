"""Templates are filled in a sandbox with a short list of names."""

import pytest

from shared.config.templates import check_template, render
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
