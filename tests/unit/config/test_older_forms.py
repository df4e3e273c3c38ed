"""Files in older spellings are read, migrated, and told what is written today."""

import pytest

from shared.config.migrate import migrate
from shared.config.validate import validate
from shared.domain.errors import Malformed
from tests.unit.config.places import FIXTURES

SMALL = """\
tenant: {id: clinic, name: Clinic}
desk: {id: clinic, name: Clinic}
channels: {webchat: {}}
"""


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


def test_old_and_new_spellings_do_not_mix():
    """A key in both spellings is refused rather than one of them chosen."""
    judged = validate(SMALL + "client: {id: other}\n", file="a.yaml")

    assert any("beside the new one" in problem.found for problem in judged.problems)
