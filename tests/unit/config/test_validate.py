"""A file becomes a desk, or every reason why it cannot: old spellings, bases, secrets, missing parts."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared.config.catalogue import Catalogue, ModelInfo
from shared.config.migrate import migrate
from shared.config.publish import desk_files, validate_file
from shared.config.schema import DeskConfig
from shared.config.starter import new_desk_text
from shared.config.validate import validate
from shared.domain.errors import Malformed, Permanent
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


def test_a_file_that_repeats_keys_names_both_lines_of_each():
    """`channels` and `business_logic` stand twice: both lines of both are named, nothing else is wrong."""
    judged = validate(_fixture("automation_config_as_printed.yaml"), file="printed.yaml")

    assert judged.config is None
    assert [(problem.line, problem.found.split("line ")[1].rstrip(")")) for problem in judged.problems] == [
        (380, "210"),
        (398, "271"),
    ]
    assert "lines 210 and 380" in judged.problems[0].fix


def test_the_automation_form_loads_with_its_halves_merged():
    """Every part of the automation form arrives in the canonical one."""
    desk = validate(_fixture("automation_config_merged.yaml")).config

    assert (desk.tenant.id, desk.desk.id) == ("client_123", "client_123")
    assert (desk.agent.name, desk.agent.type) == ("Maya", "healthcare assistant")
    assert desk.desk.languages == ("hi", "en")
    assert (desk.agent.model.model, desk.agent.model.fallbacks) == ("gemini-2.5-pro", ("gemini-2.5-flash",))
    assert desk.agent.system_prompt.startswith("You are {{ agent.name }}, a {{ agent.type }}")
    assert (
        desk.voice.voice_id,
        desk.voice.stt.provider,
        desk.voice.tts.provider,
    ) == ("Kore", "google", "google")
    assert len(desk.voice.escalation) == 3
    assert desk.voice.pricing.compare_individual_vs_panel
    assert len(desk.tools) == 10
    assert desk.tools["advanced_medical_ai"].wanted.issue == "ISSUE-123"
    assert len(desk.integrations) == 7
    assert desk.channels.phone.numbers == ("+919876543210", "+919876543211")
    assert (desk.channels.whatsapp.provider, desk.channels.whatsapp.account) == ("twilio", "+14155238886")
    assert desk.channels.room.max_seconds == 1800
    assert [trigger.condition for trigger in desk.behavior.escalation.triggers[:4]] == [
        "sentiment < `0.3`",
        "complexity > `0.8`",
        "wants_human",
        "tool_errors_in_a_row > `0`",
    ]
    assert tuple(handoff.type for handoff in desk.behavior.escalation.handoff) == ("human_agent", "doctor")
    assert (
        desk.behavior.retargeting.triggers[1].channel,
        desk.behavior.retargeting.triggers[1].delay,
    ) == ("phone", 3600)
    assert desk.behavior.surveys.questions[0].id == "source_awareness"
    assert len(desk.behavior.cross_sell.products) == 4


def test_the_workflow_form_loads():
    """Every part of the workflow form arrives in the canonical one, and nothing of it is lost."""
    desk = validate(_fixture("workflow_form.yaml")).config

    assert (
        desk.desk.id,
        desk.tenant.name,
        desk.desk.use_case,
    ) == ("acme-corp", "Acme Corporation", "inbound_sales")
    assert {
        "search_product_catalog",
        "check_pricing",
        "schedule_demo",
        "create_crm_lead",
        "hand_over",
    } == set(desk.tools)
    assert desk.tools["check_pricing"].settings["discount_authority"] == 0.15
    assert desk.tools["create_crm_lead"].integration == "salesforce"
    assert desk.integrations["salesforce"].credentials_secret == "salesforce-acme-prod"
    assert desk.integrations["supabase"].settings["tables"] == {
        "leads": "acme_leads",
        "conversations": "acme_conversations",
    }
    assert (desk.voice.mode, desk.voice.llm.model) == ("realtime", "gpt-4o-realtime-preview")
    assert (desk.voice.stt.model, desk.voice.tts.stability) == ("nova-3", 0.7)
    assert desk.behavior.escalation.hours.timezone == "America/New_York"
    assert (
        desk.channels.email.address,
        desk.channels.instagram.handle,
    ) == ("support@acme.com", "acme_official")
    assert desk.behavior.escalation.triggers[3].condition == "over_authority"
    assert [one.id for one in desk.behavior.surveys.questions] == ["question_1", "question_2", "question_3"]
    assert tuple(one.id for one in desk.behavior.cross_sell.products) == ("premium_plan", "addon_analytics")
    assert desk.monitoring.alerts[1].threshold == 2000


def test_an_old_spelling_is_said_beside_the_new():
    """Every move tells what was written and what it is now, at its line."""
    notices = [str(notice) for notice in validate(_fixture("workflow_form.yaml"), file="a.yaml").notices]

    assert "a.yaml:4:3: client.id: written client.id; now tenant.id" in notices
    assert any("negative_in_a_row >= `3`" in notice for notice in notices)


@pytest.mark.parametrize("name", ["automation_config_merged.yaml", "workflow_form.yaml"])
def test_migrating_says_the_same_in_the_canonical_form(name):
    """The migrated file means what the old one meant, needs no move, and migrates to itself."""
    text = _fixture(name)
    canonical = migrate(text)
    judged = validate(canonical)

    assert validate(text).config == judged.config
    assert not [notice for notice in judged.notices if notice.found.startswith("written")]
    assert canonical == migrate(canonical)


def test_migrating_a_broken_file_says_what_is_wrong():
    """What cannot be read is not migrated."""
    with pytest.raises(Malformed, match="second time"):
        migrate("a: 1\na: 2\n")


CHANNEL_LISTS = [
    # an unknown kind of channel, with the nearest
    ('input: [{type: whatsap, phone_number: "+14155238886"}]', "the channel type 'whatsap'; write whatsapp"),
    ("input: [{enabled: true}]", "a channel without a type; write one of"),
    # the two lists disagree
    ("input: [{type: sms, provider: twilio_sms}]\n  output: [{type: sms, provider: other}]", "keep one"),
    ("input: [{type: web_chat}]\n  sms: {enabled: false}", None),  # both forms side by side are read
]


@pytest.mark.parametrize(("channels", "words"), CHANNEL_LISTS)
def test_channels_as_lists_are_read_or_refused(channels, words):
    """What a list of channels cannot say for certain is a problem at its line."""
    judged = validate(SMALL.replace("{webchat: {}}", f"\n  {channels}"))

    told = "\n".join(map(str, judged.problems))
    assert words in told if words else judged.config


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ("[search_knowledge, {name: hand_over, config: {a: 1}}]", None),
        ("[{enabled: true}]", "an entry without a name"),
        ("[hand_over, hand_over]", "named a second time"),
    ],
)
def test_tools_as_a_list_are_read_or_refused(tools, words):
    """A list of tools becomes a mapping by name."""
    judged = validate(SMALL + f"tools: {tools}\n")

    told = "\n".join(map(str, judged.problems))
    assert words in told if words else {"search_knowledge", "hand_over"} == set(judged.config.tools)


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


def test_old_and_new_spellings_do_not_mix():
    """A key in both spellings is refused rather than one of them chosen."""
    judged = validate(SMALL + "client: {id: other}\n", file="a.yaml")

    assert any("beside the new one" in problem.found for problem in judged.problems)


@pytest.mark.parametrize("path", desk_files(CONFIGS), ids=lambda path: path.stem)
def test_the_sample_desks_are_right(path):
    """Each sample is valid, without a notice, needs no secret, and knows its files."""
    _, judged = validate_file(path, Catalogue(secrets=frozenset()), folder=CONFIGS)

    assert (judged.problems, judged.notices, judged.missing) == ((), (), ())
    assert set(judged.config.knowledge.files) == set(judged.knowledge)
    assert {"webchat", "whatsapp", "instagram"} == {channel for channel, _ in judged.config.accounts()}
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


def test_bare_names_of_secrets_must_exist_too():
    """`credentials_secret: NAME` is a reference like any other."""
    text = SMALL + "integrations: {crm: {credentials_secret: crm-prod}}\n"

    assert validate(text, Catalogue(secrets=frozenset({"crm-prod"}))).config
    assert "crm-prod" in str(validate(text, Catalogue(secrets=frozenset())).problems[0])


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
