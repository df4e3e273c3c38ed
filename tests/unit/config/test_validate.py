"""A file becomes a desk, or every reason why it cannot: bases, secrets, missing parts."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared.config.catalogue import Catalogue, ModelInfo
from shared.config.publish import desk_files, validate_file
from shared.config.schema import DeskConfig
from shared.config.starter import new_desk_text
from shared.config.validate import validate
from shared.domain.errors import Permanent
from shared.models.catalogue import read_catalogue
from shared.tools.registry import tool_catalogue
from tests.unit.config.places import CONFIGS, FIXTURES

SMALL = """\
tenant: {id: clinic, name: Clinic}
desk: {id: clinic, name: Clinic}
channels: {webchat: {}}
"""
TODAY = date(2026, 11, 20)


def _fixture(name):
    return (FIXTURES / name).read_text("utf-8")


@given(
    st.integers(0, 150),
    st.integers(0, 40),
    st.sampled_from(["", ": ", "- ", "[", "{", '"', "\t", "&a ", "*a", "x\n"]),
)
def test_no_damage_to_a_file_raises(line, column, damage):
    """A file damaged anywhere is told or still right; validating it never raises."""
    lines = _fixture("sample_clinic.yaml").splitlines()
    line %= len(lines)
    lines[line] = lines[line][:column] + damage + lines[line][column + 1 :]

    judged = validate("\n".join(lines))

    assert (judged.config is None) == bool(judged.problems)


@pytest.mark.parametrize("path", desk_files(CONFIGS), ids=lambda path: path.stem)
def test_the_sample_desks_are_right(path):
    """Each sample is valid, without a notice, needs no secret, and knows its files."""
    _, judged = validate_file(path, Catalogue(secrets=frozenset()), folder=CONFIGS)

    assert (judged.problems, judged.notices, judged.missing) == ((), (), ())
    assert set(judged.config.knowledge.files) == set(judged.knowledge)
    spoken = {"phone", "room"} if judged.config.desk.id == "krishna" else {"room"}
    expected = {"webchat", "whatsapp", "instagram"} | (spoken if judged.config.voice.enabled else set())
    assert expected == {channel for channel, _ in judged.config.accounts()}
    assert judged.config.channels.webchat.opening_line
    assert 3 <= len(judged.config.channels.webchat.starters) <= 4


@pytest.mark.parametrize("path", desk_files(CONFIGS), ids=lambda path: path.stem)
def test_the_sample_desks_use_tools_that_exist(path):
    """With the tools of this product, every setting of a sample is one its tool knows."""
    tools = {name: tool.Settings for name, tool in tool_catalogue().tools.items()}

    judged = validate_file(path, Catalogue(tools=tools), folder=CONFIGS)[1]

    assert ((), ()) == (judged.problems, judged.missing)


@pytest.mark.parametrize("name", ["automation_config_merged.yaml", "workflow_form.yaml"])
def test_models_of_older_files_are_known(name):
    """Every model the older forms name is in the catalogue, with its end and what follows."""
    models = {
        model.name: ModelInfo(
            provider=model.provider, ends=model.ends, successor=model.successor, realtime=model.realtime
        )
        for model in read_catalogue().models
    }

    assert validate(_fixture(name), Catalogue(models=models, today=TODAY)).config


def test_the_sample_desks_share_no_account_and_no_colour():
    """Three different desks: no account, colour or initials twice."""
    desks = [validate_file(path, Catalogue(), folder=CONFIGS)[1].config for path in desk_files(CONFIGS)]
    accounts = [account for desk in desks for account in desk.accounts()]

    assert len(desks) == 3
    assert len(set(accounts)) == len(accounts)
    assert (
        3
        == len({desk.desk.theme.colour for desk in desks})
        == len({desk.desk.theme.initials for desk in desks})
    )


def test_a_new_desk_is_right_from_the_start():
    """The file a new desk begins with is valid and answers on web chat."""
    judged = validate(new_desk_text("corner-bakery"))

    assert (judged.problems, judged.notices) == ((), ())
    assert judged.config.desk.name == "Corner Bakery"
    assert validate(new_desk_text("007")).config


def test_a_new_desk_needs_an_id():
    """A name that is no id is refused with an example."""
    with pytest.raises(Permanent, match="corner-bakery"):
        new_desk_text("Corner Bakery")


def test_a_desk_inherits_from_its_base():
    """Mappings merge, lists replace, the desk's own value wins, and the base's files are found."""
    base = b"agent: {name: Base, guidelines: [one, two]}\nknowledge: {files: [rules.md]}\n"
    files = {"bases/shop.yaml": base, "bases/rules.md": b"# Rules\nBe kind.\n"}
    text = SMALL + "extends: ../bases/shop.yaml\nagent: {guidelines: [three]}\n"

    judged = validate(text, file="clinic/clinic.yaml", base_reader=files.get)

    assert (judged.config.agent.name, judged.config.agent.guidelines) == ("Base", ("three",))
    assert judged.knowledge == {"../bases/rules.md": b"# Rules\nBe kind.\n"}


def test_a_problem_of_the_base_stands_in_the_base():
    """Whoever inherits a mistake is shown the base's own line."""
    files = {"base.yaml": b"\nagent:\n  name: 3\n"}

    judged = validate(SMALL + "extends: base.yaml\n", file="desk.yaml", base_reader=files.get)

    assert list(map(str, judged.problems)) == [
        'base.yaml:3:9: agent.name: the number 3; put it in quotes: "3"'
    ]


class _Slots(BaseModel, extra="forbid"):
    slot_minutes: int = Field(30, ge=5)
    rooms: tuple[str, ...] = ()


def test_settings_are_judged_by_the_tool_itself():
    """A tool's settings are checked strictly by its own model, told at the line in the desk's file."""
    text = SMALL + 'tools:\n  slots:\n    settings: {slot_minutes: "30", rooms: [a]}\n'

    judged = validate(text, Catalogue(tools={"slots": _Slots}), file="a.yaml")

    assert [problem.path for problem in judged.problems] == ["tools.slots.settings.slot_minutes"]
    assert judged.problems[0].line == 6


@pytest.mark.parametrize(("every", "told"), [("0", "0"), ("1000", "1000"), ("a quarter", "'a quarter'")])
def test_how_often_slots_begin_is_checked_where_it_stands(every, told):
    """A grid nobody can keep is told at its line, with what was found and what may be written."""
    text = SMALL + f"tools:\n  check_slots:\n    settings: {{slot_minutes: 90, every_minutes: {every}}}\n"
    tools = {name: tool.Settings for name, tool in tool_catalogue().tools.items()}

    (problem,) = validate(text, Catalogue(tools=tools), file="a.yaml").problems

    assert (problem.path, problem.line) == ("tools.check_slots.settings.every_minutes", 6)
    assert told in str(problem)
    assert "write" in str(problem)


def test_what_is_not_there_is_missing_and_no_error():
    """Unknown tools, integrations and channels are listed, with what the file says of them."""
    text = SMALL.replace("{webchat: {}}", "{webchat: {}, sms: {}, email: {address: a@b.example}}") + (
        "tools: {book_slots: {}, fly: {enabled: false, wanted: {description: Flies, issue: ISSUE-1}}}\n"
        "integrations: {zendesk: {}}\n"
    )

    judged = validate(
        text, Catalogue(tools={"book_slot": None}, integrations={}, channels={"webchat": None, "sms": None})
    )

    assert judged.config
    assert [(part.kind, part.name) for part in judged.missing] == [
        ("tool", "book_slots"),
        ("tool", "fly"),
        ("integration", "zendesk"),
        ("channel", "sms"),
        ("channel", "email"),
    ]
    assert (judged.missing[1].description, judged.missing[1].issue) == ("Flies", "ISSUE-1")
    assert any("perhaps book_slot?" in notice.fix for notice in judged.notices)


MODELS = {
    "old": ModelInfo(provider="google", ends=date(2026, 11, 1), successor="new"),
    "ending": ModelInfo(provider="google", ends=date(2026, 12, 1), successor="new"),
    "new": ModelInfo(provider="google"),
    "elsewhere": ModelInfo(provider="openai", connected=False),
    "speaks": ModelInfo(provider="google", realtime=True),
}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("old", "ended on 2026-11-01; new answers in its place"),
        ("ending", "ends on 2026-12-01; then new"),
        ("elsewhere", "not connected here"),
        ("new", None),
    ],
)
def test_a_models_end_is_said_in_time(model, words):
    """A model that ended or soon ends, or whose provider is not connected, is a notice with what follows."""
    judged = validate(SMALL + f"agent: {{model: {model}}}\n", Catalogue(models=MODELS, today=TODAY))

    assert judged.config.agent.model.model == model
    told = [str(notice) for notice in judged.notices]
    assert (words is None and not told) or any(words in one for one in told)


def test_a_realtime_model_means_realtime_voice():
    """Who names a realtime model for the voice need not name the mode."""
    judged = validate(SMALL + "voice: {enabled: true, llm: {model: speaks}}\n", Catalogue(models=MODELS))

    assert judged.config.voice.mode == "realtime"


def test_a_consent_that_nobody_could_give_is_told():
    """A desk that calls only who agreed must be allowed to keep that they did."""
    spoken = "voice: {enabled: true, voice_id: Kore, outbound: {enabled: true, needs_consent: true}}\n"
    text = SMALL.replace("webchat: {}", 'webchat: {}, phone: {numbers: ["+912200000103"]}') + spoken
    kept = text + "behavior: {pii_collection: {fields: [name, may_call]}}\n"

    (problem,) = validate(text).problems
    assert "add may_call to behavior.pii_collection.fields" in problem.fix
    assert () == validate(kept).problems


def test_bare_names_of_secrets_must_exist_too():
    """`credentials_secret: NAME` is a reference like any other."""
    text = SMALL + "integrations: {crm: {credentials_secret: crm-prod}}\n"

    assert validate(text, Catalogue(secrets=frozenset({"clinic__crm-prod"}))).config
    assert "add clinic__crm-prod" in str(validate(text, Catalogue(secrets=frozenset())).problems[0])


@pytest.mark.parametrize("kept", ["HOOK", "other__HOOK", "clinic_HOOK", "clinic__HOOK__HOOK"])
def test_a_secret_that_is_not_the_businesss_own_is_not_there(kept):
    """The platform's variables and other tenants' secrets answer no file; its own and shared ones do."""
    text = SMALL.replace("{}", "{identity_secret: '${HOOK}'}")

    assert validate(text, Catalogue(secrets=frozenset({"clinic__HOOK"}))).config
    assert validate(text, Catalogue(secrets=frozenset({"SHARED__HOOK"}))).config
    assert "not there" in str(validate(text, Catalogue(secrets=frozenset({kept}))).problems[0])


def test_no_secret_is_called_so_that_it_reads_as_another_businesss():
    """Two underscores part a tenant from a name, so a name has none; said even where nobody can look."""
    (told,) = validate(SMALL.replace("{}", "{identity_secret: '${X__HOOK}'}")).problems

    assert "write a name without __" in str(told)


def test_every_key_says_what_it_means():
    """No key of the schema is without a description, so the reference can be made from it."""
    seen: set[type[BaseModel]] = set()

    def look(model):
        if model in seen:
            return
        seen.add(model)
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            for inner in _models_in(field.annotation):
                look(inner)

    look(DeskConfig)
    assert len(seen) > 40


def _models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def test_what_is_stored_is_read_back():
    """A desk survives its way through JSON, with every block it has."""
    for path in desk_files(CONFIGS):
        desk = validate_file(path, Catalogue(), folder=CONFIGS)[1].config
        assert desk == DeskConfig.model_validate_json(desk.model_dump_json())


def test_a_validated_file_is_frozen():
    """What was validated cannot be changed on its way."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        validate(SMALL).config = None


def test_twilios_service_stands_in_for_a_number_and_must_be_one():
    """A messaging service alone is an account of the desk, beside a number another; what is none is told."""
    service = "MG" + "0" * 32

    def desk(block):
        return SMALL.replace("webchat: {}", f"webchat: {{}}, {block}")

    number = ', phone_number: "+447700900123"'
    both = validate(desk(f"whatsapp: {{provider: twilio, messaging_service_sid: {service}{number}}}"))
    alone = validate(desk(f"sms: {{messaging_service_sid: {service}}}"), Catalogue(secrets=frozenset()))
    wrong = validate(desk("sms: {messaging_service_sid: PN123}"))
    neither = validate(desk("sms: {}"))

    assert {("whatsapp", service), ("whatsapp", "+447700900123")} < set(both.config.accounts())
    assert ("sms", service) in alone.config.accounts()
    assert () == alone.missing
    assert "MG and 32 hexadecimal digits" in str(wrong.problems[0])
    assert "no phone_number or messaging_service_sid" in neither.missing[0].why


def test_an_action_that_nothing_carries_out_is_told():
    """It is passed over when nobody is there, so its author should know; asking for a person is none."""
    text = (
        "behavior: {escalation: {triggers: [{condition: wants_human}, {condition: booked, action: dance}],"
        " human_unavailable: [{action: create_ticket}, {action: send_pigeon}]}}\n"
    )

    judged = validate(SMALL + text)

    assert judged.config
    places = sorted((one.path, one.found.partition(",")[0]) for one in judged.notices)
    assert [
        ("behavior.escalation.human_unavailable[1].action", "'send_pigeon'"),
        ("behavior.escalation.triggers[1].action", "'dance'"),
    ] == places


def test_two_rules_of_one_id_are_told():
    """By its id it is known that a rule spoke, so each has its own; in the other list it may stand again."""
    rule = "{id: ask, condition: 'silent_hours >= `24`'}"
    text = "behavior: {follow_ups: {triggers: [%s]}, retargeting: {triggers: [%s]}}\n"

    assert validate(SMALL + text % (rule, rule)).config
    (problem,) = validate(SMALL + text % (f"{rule}, {rule}", rule)).problems
    assert ("behavior.follow_ups", "give each an id of its own") == (problem.path, problem.fix)
    assert "two rules of the id 'ask'" in problem.found
