"""Numbers as customers write them become dialable, in the desk's own country."""

import pytest

from shared.config.schema import DeskConfig
from shared.tools.phones import read_phone


def desk(**written):
    return DeskConfig.model_validate(
        {"tenant": {"id": "a", "name": "A"}, "desk": {"id": "f", "name": "F", **written}}
    )


INDIA, BERLIN, NOWHERE = desk(timezone="Asia/Kolkata"), desk(timezone="Europe/Berlin"), desk()
LONDON = desk(timezone="Asia/Kolkata", phone="+44 20 7946 0958")


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        (INDIA, "98765 43210", "+919876543210"),
        (INDIA, "09876543210", "+919876543210"),
        (INDIA, "+91-98765-43210", "+919876543210"),
        (INDIA, "९८७६५४३२१०", "+919876543210"),
        (INDIA, "+1 555 010 0199", "+15550100199"),
        (BERLIN, "030 901820", "+4930901820"),
        (LONDON, "020 7946 0958", "+442079460958"),
        (LONDON, "07700 900123", "+447700900123"),
        (LONDON, "7946 0958", None),
        (NOWHERE, "+919876543210", "+919876543210"),
        (NOWHERE, "98765 43210", None),
        (INDIA, "12345", None),
        (INDIA, "98200 1234", None),
        (INDIA, "+91 12", None),
        (INDIA, "my number", None),
        (INDIA, "98765 43210 ext 5", None),
        (INDIA, "", None),
    ],
)
def test_a_number_is_read_in_the_desks_country(config, text, expected):
    """The desk's phone or time zone says which country a number without a code is of."""
    assert read_phone(text, config) == expected
