"""A campaign before it is kept: what its check counts, and everything that is to be mended first."""

from typing import Any

import pytest

from shared.desk.campaigns.control import campaigns
from shared.desk.campaigns.draft import draft, preview
from tests.unit.campaigns.test_campaigns import BY, file, wanted
from tests.unit.outreach.conftest import CHANNELS, Speaking


async def test_a_dry_run_tells_all_before_anything_is_kept(front: Speaking) -> None:
    """How many, which are twice in it, who wants nothing, what it costs and how long it takes."""
    await front.wrote("STOP", who="919800000002")
    content = b"phone,day\n+919800000001,Monday\n+919800000002,Monday\n+91 98000 00001,Tuesday\n"
    seen = await preview(front.services, "acme", wanted(), content)

    assert (3, 1, 1, 1) == (seen.total, seen.reached, seen.duplicates, seen.opted_out)
    assert ("You are with us on Monday.", 0.0118) == (seen.example, seen.cost)
    assert ["", "they asked not to be contacted", "the same as line 2"] == [
        one.reason for one in seen.targets
    ]
    assert () == (await campaigns(front.store)).items


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name,day\nA,Monday\n", "line 1: no column phone and none customer"),
        (b"phone,phone\n+919800000001,1\n", "line 1, column phone: a name that stands twice"),
        (b"phone,day\n12,Monday\n", "line 2, column phone: '12' is no telephone number"),
        (b"phone,day\n+919800000001,Monday\n+919800000002,\n", "line 3, column day: nothing"),
        (b"phone,day\n+919800000001,Monday,9\n", "line 2: 3 cells for 2 columns"),
        (b"phone,day,language\n+919800000001,Monday,English!\n", "line 2, column language"),
        (b"customer,day\nnobody,Monday\n", "line 2, column customer: 'nobody' is unknown"),
        (b"phone,day\n\xff\xfe,Monday\n", "line 2: letters that are not UTF-8"),
        (b"phone,day\n", "line 2: no rows"),
        (b"", "line 1: no column phone"),
        (b"phone,day\r+919800000001,Monday\r12,Monday\r", "line 3, column phone: '12' is no telephone"),
        (b"a" * 200_000, "line 1: field larger than field limit"),
    ],
)
async def test_mistakes_of_a_file_name_their_place_and_nothing_of_it_is_used(
    front: Speaking, content: bytes, told: str
) -> None:
    """Line, column, what was found and what to write; the campaign is not drafted."""
    made, seen = await draft(front.services, "acme", wanted(), content, by=BY)

    assert made is None
    assert str(seen.mistakes[0]).startswith(told), seen.mistakes
    assert seen.mistakes[0].fix
    assert () == (await campaigns(front.store)).items


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"agreed": ""}, "how these people agreed"),
        ({"template": "", "text": ""}, "choose a template"),
        ({"template": "unknown"}, "names no template unknown"),
        ({"per_minute": 0}, "the rate is"),
        ({"hours": "whenever"}, "the hours: "),
        ({"text": "Hello {{ row.name }}"}, "the text: "),
        ({"text": "See you on {{ day }}"}, "the text: nobody fills 'day'; write event.day"),
        ({"text": "See you on {{ event.dya }}"}, "the text: no column dya; there is day"),
        ({"means": "calls", "text": "Hello"}, "has no voice"),
        ({"name": " "}, "a name"),
    ],
)
async def test_a_campaign_that_could_never_run_is_refused(
    front: Speaking, changes: dict[str, Any], says: str
) -> None:
    """What is missing is said when it is drawn up, and nothing is kept."""
    made, seen = await draft(front.services, "acme", wanted(**changes), file(2), by=BY)

    assert made is None
    assert [one for one in seen.mistakes if says in str(one)], seen.mistakes
    assert () == (await campaigns(front.store)).items


async def test_mistakes_of_campaign_template_words_and_file_are_told_together(front: Speaking) -> None:
    """Whoever mends them need not ask again to hear of the next."""
    wrong = wanted(agreed="", template="unknown", text="{{ event.dya }}", per_minute=0)
    seen = await preview(front.services, "acme", wrong, b"phone,day\n12,Monday\n+919800000001,\n")

    assert [0, 0, 0, 0, 2, 3] == [one.line for one in seen.mistakes], seen.mistakes


async def test_who_cannot_be_reached_is_not_promised(front: Speaking) -> None:
    """Free words alone reach nobody by WhatsApp who has not written; who wrote today is counted."""
    await front.publish(channels={"whatsapp": CHANNELS["whatsapp"]})
    await front.wrote(who="919800000000")
    words = wanted(template="", text="See you on {{ event.day }}!")
    seen = await preview(front.services, "acme", words, file(3))

    assert (3, 1, 2, "See you on Monday!") == (seen.total, seen.reached, seen.unreached, seen.example)
    (told,) = seen.notices
    assert told.startswith(
        "2 cannot be reached; no way: whatsapp: the customer has not written yet; the desk"
    )
    assert "sms: the desk's file has no channels.sms" in told


async def test_a_way_without_its_credentials_is_none(front: Speaking) -> None:
    """What is missing is named, as it must be set."""
    await front.publish(channels={"sms": {"phone_number": "+15550001111"}})
    seen = await preview(front.services, "acme", wanted(template="", text="Hello"), file(2))

    assert (0, 2) == (seen.reached, seen.unreached)
    (told,) = seen.notices
    assert "sms: not connected; set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN" in told
    assert "whatsapp: the desk's file has no channels.whatsapp" in told


async def test_a_number_without_its_country_is_said_as_what_it_is_read(front: Speaking) -> None:
    """The desk's own country is a guess, which people see before anybody is written to."""
    content = b"phone,day\n+919800000001,Monday\n09800000002,Monday\n9800000003,Monday\n"
    seen = await preview(front.services, "acme", wanted(), content)

    (told,) = seen.notices
    assert told.startswith(
        "line 3: 09800000002 is read as +919800000002, and 1 more like it; write the country"
    )


async def test_a_template_needs_as_many_columns_as_it_has_places(front: Speaking) -> None:
    """A file without the columns that fill a template is refused, saying how many it needs."""
    seen = await preview(front.services, "acme", wanted(), b"phone\n+919800000001\n")

    assert "has 1 places to fill in and the file 0" in str(seen.mistakes[0])
