"""What runs is the published version: one commit, one owner for each account, nothing overwritten unasked."""

import asyncio

import pytest

from shared.config.difference import changes, diff
from shared.config.validate import validate
from shared.config.versions import Versions
from shared.domain.errors import Permanent

TEXT = """\
tenant: {{id: {tenant}, name: Clinic}}
desk: {{id: {desk}, name: {name}}}
channels:
  webchat: {{}}
  whatsapp: {{phone_number_id: "{number}"}}
"""


def _text(tenant="clinic", desk="front", name="Front", number="1001"):
    return TEXT.format(tenant=tenant, desk=desk, name=name, number=number)


async def _publish(versions, text=None, *, origin="file", overwrite=False, files=None):
    text = text or _text()
    if files:
        text += f"knowledge: {{files: [{', '.join(files)}]}}\n"
    judged = validate(
        text, file="clinic/front.yaml", base_reader={f"clinic/{k}": v for k, v in (files or {}).items()}.get
    )
    return await versions.publish_text(judged, text=text, origin=origin, by="test", overwrite=overwrite)


async def test_a_published_desk_is_found_by_its_accounts(versions):
    """After publishing, the desk runs and each of its accounts leads to it."""
    done = await _publish(versions)

    assert (done.outcome, done.version) == ("published", 1)
    running = await versions.published("front")
    assert (running.tenant, running.version, running.config.desk.name) == ("clinic", 1, "Front")
    assert await versions.route("whatsapp", "1001") == ("clinic", "front")
    assert await versions.route("webchat", "front") == ("clinic", "front")
    assert await versions.route("whatsapp", "9999") is None
    assert await versions.desks() == [("clinic", "front")]


async def test_a_desk_nobody_published_does_not_run(versions):
    """An unknown desk, or an id that could never be one, is simply not there."""
    assert await versions.published("nobody") is None
    assert await versions.published("../x") is None
    assert await versions.published("") is None


async def test_publishing_the_same_changes_nothing(versions):
    """A file that differs in comments alone is the same desk: no version."""
    await _publish(versions)

    done = await _publish(versions, "# a comment\n" + _text())

    assert (done.outcome, done.version) == ("unchanged", 1)


async def test_an_account_has_one_desk(versions):
    """A number another desk answers is refused; nothing of the refused desk is stored."""
    await _publish(versions)

    with pytest.raises(Permanent, match="'1001' belongs to the desk 'front'"):
        await _publish(versions, _text(desk="back"))
    with pytest.raises(Permanent, match="a desk of another business"):
        await _publish(versions, _text(tenant="bank", desk="bank"))
    assert await versions.published("back") is None
    assert await versions.route("webchat", "back") is None


async def test_a_desk_id_belongs_to_one_business(versions):
    """Desk ids stand in public addresses, so no second business gets one."""
    await _publish(versions)

    with pytest.raises(Permanent, match="choose another"):
        await _publish(versions, _text(tenant="bank", number="1002"))


async def test_an_account_that_was_given_up_is_free(versions):
    """A number a desk no longer names can be taken by another."""
    await _publish(versions)
    await _publish(versions, _text(number="1002"))

    assert await versions.route("whatsapp", "1001") is None
    assert (await _publish(versions, _text(desk="back"))).outcome == "published"
    assert await versions.route("whatsapp", "1001") == ("clinic", "back")


async def test_rollback_runs_the_old_again_as_a_new_version(versions):
    """Rolling back is publishing what ran before; its accounts come back with it."""
    await _publish(versions)
    await _publish(versions, _text(name="Changed", number="1002"))

    done = await versions.rollback("front", 1, by="test")

    assert (done.outcome, done.version, done.previous) == ("published", 3, 2)
    assert (await versions.published("front")).config.desk.name == "Front"
    assert await versions.route("whatsapp", "1001") == ("clinic", "front")
    assert await versions.route("whatsapp", "1002") is None
    assert [(version.number, version.origin) for version in await versions.history("front")] == [
        (3, "rollback"),
        (2, "file"),
        (1, "file"),
    ]


async def test_rolling_back_to_nothing_is_refused(versions):
    """There is no way back to a version that never was."""
    await _publish(versions)

    with pytest.raises(Permanent, match="no version 7"):
        await versions.rollback("front", 7, by="test")


async def test_a_file_never_overwrites_what_the_console_made(versions):
    """The console's version stays: the old file is kept aside, a changed one is said to differ."""
    await _publish(versions)
    await _publish(versions, _text(name="Console"), origin="console")

    assert (await _publish(versions)).outcome == "kept"
    assert (await _publish(versions, _text(name="File"))).outcome == "differs"
    assert (await versions.published("front")).config.desk.name == "Console"


async def test_a_person_may_decide_for_the_file(versions):
    """Asked and answered, the file's version runs, and from then on a save publishes again."""
    await _publish(versions)
    await _publish(versions, _text(name="Console"), origin="console")

    assert (await _publish(versions, _text(name="File"), overwrite=True)).outcome == "published"
    assert (await _publish(versions, _text(name="Again"))).outcome == "published"


async def test_a_file_that_caught_up_is_the_file_last_seen(versions):
    """Once the file says what the console made, only a further change differs."""
    await _publish(versions)
    await _publish(versions, _text(name="Console"), origin="console")

    assert (await _publish(versions, _text(name="Console"))).outcome == "unchanged"
    await _publish(versions, _text(name="Console two"), origin="console")
    assert (await _publish(versions, _text(name="Console"))).outcome == "kept"


async def test_a_rollback_survives_the_next_start(versions):
    """The file that was rolled back does not come back by itself."""
    await _publish(versions)
    await _publish(versions, _text(name="Bad"))
    await versions.rollback("front", 1, by="test")

    assert (await _publish(versions, _text(name="Bad"))).outcome == "kept"


async def test_a_draft_with_problems_is_kept_and_does_not_run(versions):
    """A draft keeps its text and its problems; publishing it is refused with the first of them."""
    text = _text().replace("name: Front", "name: 3")
    draft = await versions.save(
        validate(text), tenant="clinic", desk="front", text=text, origin="console", by="test"
    )

    assert (draft.status, draft.number) == ("draft", 1)
    with pytest.raises(Permanent, match="put it in quotes"):
        await versions.publish("clinic", "front", 1, by="test")
    assert await versions.published("front") is None


async def test_a_validated_draft_is_published_by_its_number(versions):
    """Draft, validated, published: the same version all the way."""
    text = _text()
    saved = await versions.save(
        validate(text), tenant="clinic", desk="front", text=text, origin="console", by="ann"
    )
    done = await versions.publish("clinic", "front", saved.number, by="bob")

    assert (saved.status, done.outcome, done.version) == ("validated", "published", 1)
    (only,) = await versions.history("front")
    assert ("published", "bob", text) == (only.status, only.by, only.text)


async def test_knowledge_is_published_with_the_desk(versions):
    """The bytes a desk knows are stored once by what they hold, so no folder is needed to run it."""
    await _publish(versions, files={"a.md": b"# A\n", "b.md": b"# A\n"})

    running = await versions.published("front")
    assert {"a.md", "b.md"} == set(running.knowledge)
    assert len(set(running.knowledge.values())) == 1
    assert await versions.knowledge("clinic", running.knowledge["a.md"]) == b"# A\n"


async def test_a_changed_knowledge_file_is_a_new_version(versions):
    """The desk's text is the same, what it knows is not: that is a change."""
    await _publish(versions, files={"a.md": b"# A\n"})

    assert (await _publish(versions, files={"a.md": b"# B\n"})).version == 2


async def test_other_processes_see_it_within_seconds(platform, clock, versions):
    """A process that published nothing itself asks again after two seconds, or at once when told."""
    other = Versions(platform, clock)
    await _publish(versions)
    assert (await other.published("front")).version == 1
    await _publish(versions, _text(name="New"))

    assert (await other.published("front")).version == 1
    clock.pass_by(seconds=2)
    assert (await other.published("front")).version == 2
    await _publish(versions, _text(name="Newer"))
    other.forget("front")
    assert (await other.published("front")).version == 3


async def test_a_run_stays_on_the_version_it_began_with(versions):
    """Older versions can still be asked for by number."""
    await _publish(versions)
    await _publish(versions, _text(name="New"))

    assert (await versions.version("front", 1)).config.desk.name == "Front"
    assert await versions.version("front", 9) is None


async def test_two_who_publish_at_once_both_succeed_in_turn(platform, clock, versions):
    """Racing publishers each get a version of their own, and the account stays with the desk."""
    others = [Versions(platform, clock) for _ in range(3)]

    done = await asyncio.gather(
        *(_publish(one, _text(name=f"Name {number}")) for number, one in enumerate(others))
    )

    assert {1, 2, 3} == {one.version for one in done}
    assert len(await versions.history("front")) == 3


async def test_of_two_desks_that_race_for_a_number_one_gets_it(platform, clock, versions):
    """However two desks race for one account, exactly one has it."""
    other = Versions(platform, clock)

    results = await asyncio.gather(
        _publish(versions), _publish(other, _text(desk="back")), return_exceptions=True
    )

    assert sum(isinstance(result, Permanent) for result in results) == 1
    assert await versions.route("whatsapp", "1001") in (("clinic", "front"), ("clinic", "back"))


async def test_a_difference_names_each_value():
    """Two versions are compared value by value, and as text."""
    old, new = (validate(_text(name=name)).config for name in ("Front", "Fore"))

    (change,) = changes(old, new)
    assert (change.path, change.before, change.after) == ("desk.name", "Front", "Fore")
    assert "-  name: Front\n+  name: Fore\n" in diff(old, new)
    assert diff(old, old) == ""
