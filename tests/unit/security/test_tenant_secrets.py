"""A desk's file reaches its own tenant's secrets and the shared ones, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends.embedded.secrets import EmbeddedSecrets
from shared.security.tenant_secrets import SHARED, kept_as, not_set, secret_of

ENVIRONMENT = EmbeddedSecrets(
    {
        "META_APP_SECRET": "the platform's",
        "sunrise__META_APP_SECRET": "sunrise's own",
        "olive__HOOK": "olive's",
        "SHARED__MAPS_KEY": "everybody's",
        "SHARED__HOOK": "for who has none",
    }
)


@pytest.mark.parametrize(
    ("tenant", "reference", "value"),
    [
        ("sunrise", "${META_APP_SECRET}", "sunrise's own"),
        ("olive", "${META_APP_SECRET}", None),
        ("olive", "secret://META_APP_SECRET", None),
        ("olive", "HOOK", "olive's"),
        ("sunrise", "${HOOK}", "for who has none"),
        ("sunrise", "secret://olive__HOOK", None),
        ("sunrise", "${MAPS_KEY}", "everybody's"),
        ("sunrise", "${SHARED__MAPS_KEY}", None),
    ],
)
async def test_a_reference_leads_to_the_tenants_own_or_a_shared_secret(tenant, reference, value):
    """The tenant's own wins over the shared one; the platform's and other tenants' are never found."""
    assert value == await secret_of(ENVIRONMENT, tenant, reference)


IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,4}", fullmatch=True)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True)


@given(tenant=IDS, name=NAMES, other=IDS, another=NAMES)
def test_no_two_tenants_secrets_are_kept_under_one_name(tenant, name, other, another):
    """Whatever ids and names are made of, underscores too: the own place of one is never that of another."""
    own, theirs = kept_as(tenant, name)[:1], kept_as(other, another)[:1]

    assert not own or own != theirs or (tenant, name) == (other, another)
    assert not own or not own[0].startswith(SHARED)


def test_what_is_not_set_is_said_with_the_name_to_set():
    """The message names the one variable or secret that mends it."""
    assert "${HOOK} is not set; set olive__HOOK" == not_set("olive", "${HOOK}")
