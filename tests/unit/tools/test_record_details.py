"""What customers say of themselves is checked, bounded by the desk's rules, and kept as their claim."""

import asyncio

import msgspec
import pytest

from shared.domain.customers import Customer, known

PROVED = Customer(id="asha", source="whatsapp", name="Asha R", phone="+919800000001")


async def customer(desk):
    found = await desk.store.get("customers/asha")
    return msgspec.convert(found.data, Customer) if found else None


async def test_details_are_kept_in_their_checked_form(desk):
    """A number becomes dialable in the desk's country, an address loses stray spaces."""
    result = await desk.call(
        "record_details", name="  Asha   Rao ", phone="098765 43210", email="asha@example.com"
    )

    assert result.error is None
    assert result.data == {
        "kept": {"email": "asha@example.com", "name": "Asha Rao", "phone": "+919876543210"}
    }
    assert known(await customer(desk)) == result.data["kept"]


@pytest.mark.parametrize(("said", "kept"), [("Yes", "yes"), ("no", "no"), ("maybe later", None)])
async def test_whether_they_may_be_called_is_a_yes_or_a_no(desk, said, kept):
    """Consent is kept with when and in which talk it was given; anything else is asked again."""
    desk.written = {"behavior": {"pii_collection": {"fields": ["name", "may_call"]}}}
    result = await desk.call("record_details", other=[{"field": "may_call", "value": said}])
    found = await customer(desk)

    assert kept == (found.claimed["may_call"].value if found else None)
    assert (kept is None) == ("write yes or no" in (result.error or ""))


async def test_what_a_channel_proved_stays(desk):
    """A claimed number is kept as a claim beside the one the channel proves, never in its place."""
    proved = {**msgspec.to_builtins(PROVED), "segment": "regular"}
    await desk.store.create("customers/asha", proved)
    await desk.call("record_details", phone="+44 20 7946 0958")
    found = await desk.store.get("customers/asha")

    assert proved["phone"] == found.data["phone"]
    assert found.data["segment"] == "regular"
    assert found.data["claimed"]["phone"]["value"] == "+442079460958"
    assert found.data["claimed"]["phone"]["conversation"] == "talk-asha"


async def test_a_newer_word_replaces_an_older_one(desk):
    """Who corrects themselves is believed the second time."""
    await desk.call("record_details", name="Asha", email="a@example.com")
    await desk.call("record_details", name="Aasha")

    assert known(await customer(desk)) == {"name": "Aasha", "email": "a@example.com"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"phone": "12345"}, "phone: '12345' is no phone number"),
        ({"phone": "call me"}, "phone: 'call me' is no phone number"),
        ({"email": "asha at example"}, "email: 'asha at example' is no e-mail address"),
        ({"email": "a@b.c1"}, "email: 'a@b.c1' is no e-mail address"),
        ({"name": "  "}, "name: it is empty"),
        ({}, "no detail was given"),
    ],
)
async def test_a_wrong_value_is_told_by_its_field(desk, given, told):
    """The error names the field, what was found and what to do; nothing is kept."""
    result = await desk.call("record_details", **given)

    assert result.error.startswith(told)
    assert await customer(desk) is None


async def test_right_values_are_kept_beside_wrong_ones(desk):
    """One wrong value does not lose the others."""
    result = await desk.call("record_details", name="Asha", phone="99")

    assert result.data == {"kept": {"name": "Asha"}}
    assert result.error.startswith("phone:")


async def test_only_what_the_desk_collects_is_kept(desk):
    """A field the desk's file does not name is not kept, and the result says so."""
    result = await desk.call(
        "record_details", name="Asha", company="Acme", other=[{"field": "caste", "value": "x"}]
    )
    alone = await desk.call("record_details", company="Acme")

    assert result.data == {"kept": {"name": "Asha"}, "not_collected": ["caste", "company"]}
    assert result.error is None
    assert alone.error == "this desk does not collect company; it collects email, name, phone"
    assert known(await customer(desk)) == {"name": "Asha"}


async def test_a_desk_may_ask_for_details_of_its_own(desk):
    """A field the file names is kept under that name."""
    desk.written = {"behavior": {"pii_collection": {"fields": ["name", "blood_group"]}}}
    await desk.call("record_details", other=[{"field": "blood_group", "value": "O+"}])

    assert known(await customer(desk)) == {"blood_group": "O+"}


async def test_a_desk_that_may_not_ask_keeps_nothing(desk):
    """With collection off no detail is kept."""
    desk.written = {"behavior": {"pii_collection": {"enabled": False}}}

    assert "it collects nothing" in (await desk.call("record_details", name="Asha")).error
    assert await customer(desk) is None


async def test_details_told_at_the_same_time_are_all_kept(desk):
    """Two turns of one customer, in two conversations, lose nothing of each other."""
    desk.written = {"behavior": {"pii_collection": {"fields": ["name", "phone", "company", "notes"]}}}
    await asyncio.gather(
        desk.call("record_details", name="Asha"),
        desk.call("record_details", phone="+919876543210"),
        desk.call("record_details", company="Acme"),
        desk.call("record_details", notes="left-handed"),
    )

    assert known(await customer(desk)).keys() == {"name", "phone", "company", "notes"}
