"""Rows of `malformed_configs`: right in form, wrong in hours, words, conduct or secrets."""

from pathlib import Path

SAMPLE = (Path(__file__).parents[1] / "fixtures/configs/sample_clinic.yaml").read_text("utf-8")

Row = tuple[str, str, str, str | None] | tuple[str, str, str, str | None, int]

HOURS: list[Row] = [
    ("one time", "monday-friday: 09:00-17:00", "monday-friday: 09:00", "desk.hours.monday"),
    ("an hour past the day", "monday-friday: 09:00-17:00", "monday-friday: 09:00-25:00", "desk.hours.monday"),
    ("a number for hours", "monday-friday: 09:00-17:00", "monday-friday: 9", "desk.hours.monday"),
    (
        "overlapping ranges",
        '["10:00-12:00", "13:00-15:00"]',
        '["10:00-13:00", "12:00-15:00"]',
        "desk.hours.saturday",
    ),
    ("a range of no length", "monday-friday: 09:00-17:00", "monday-friday: 09:00-09:00", "desk.hours.monday"),
    ("a day named twice", "    saturday: [", "    mon-fri: [", "desk.hours.mon-fri"),
    ("a holiday without year", '"2027-01-26"', '"01-26"', "desk.hours.holidays", -1),
    ("a holiday that is no day", '"2027-01-26"', '"2027-02-30"', "desk.hours.holidays", -1),
    (
        "hours in words",
        "  hours:\n    monday-friday: 09:00-17:00\n",
        "  hours: whenever\n  x:\n",
        "desk.hours",
    ),
    (
        "an ambiguous zone",
        "  hours:\n    monday-friday: 09:00-17:00\n",
        "  hours: 9am-5pm IST\n  x:\n",
        "desk.hours",
    ),
    (
        "hours without am or pm",
        "  hours:\n    monday-friday: 09:00-17:00\n",
        "  hours: Mon 9-5\n  x:\n",
        "desk.hours",
    ),
]
WORDS: list[Row] = [
    (
        "a Python condition",
        "sentiment < `0.3`",
        "sentiment < 0.3 and wants_human",
        "behavior.escalation.triggers[0].condition",
    ),
    (
        "a Python negation",
        "sentiment < `0.3`",
        "not wants_human",
        "behavior.escalation.triggers[0].condition",
    ),
    ("an unknown fact", "sentiment < `0.3`", "sentimet < `0.3`", "behavior.escalation.triggers[0].condition"),
    ("an unknown event", "sentiment < `0.3`", "full_moon", "behavior.escalation.triggers[0].condition"),
    ("no comparison", "sentiment < `0.3`", "sentiment", "behavior.escalation.triggers[0].condition"),
    ("half a comparison", "sentiment < `0.3`", "sentiment <", "behavior.escalation.triggers[0].condition"),
    (
        "prose for a condition",
        "sentiment < `0.3`",
        "when they are angry",
        "behavior.escalation.triggers[0].condition",
    ),
    ("a call", "sentiment < `0.3`", "__import__('os')", "behavior.escalation.triggers[0].condition"),
    (
        "an unknown fact of a product",
        "[party_size > `1`]",
        "[party > `1`]",
        "behavior.cross_sell.products[0].conditions[0]",
    ),
    ("Handlebars", "{{ desk.name }}", "{{#each agent.objectives}}x{{/each}}", "agent.greeting"),
    ("an unknown name", "{{ desk.name }}", "{{ desc.name }}", "agent.greeting"),
    ("an open brace", "{{ desk.name }}", "{{ desk.name", "agent.greeting"),
    ("an open block", "{{ desk.name }}", "{% if desk.name %}x", "agent.greeting"),
    ("an unknown tag", "{{ desk.name }}", "{% import 'os' %}", "agent.greeting"),
    ("single braces", "{{ desk.name }}", "{clinic_name}", "agent.greeting"),
    (
        "an unknown name in a message",
        "{{ customer.name }}",
        "{{ client.name }}",
        "behavior.retargeting.triggers[0].message",
    ),
]
_CHANNELS = SAMPLE[SAMPLE.index("channels:\n") : SAMPLE.index("knowledge:\n")]
RULES: list[Row] = [
    (
        "too much discount",
        "discount_authority: 0.15",
        "discount_authority: 0.25",
        "tools.check_pricing.settings.discount_authority",
    ),
    (
        "too much discount in words",
        "discount_authority: 0.15",
        'discount_authority: "30%"',
        "tools.check_pricing.settings.discount_authority",
    ),
    ("a voice not described", "  voice_id: Kore\n", "", "voice", -2),
    ("no channel at all", _CHANNELS, "channels:\n  webchat: {enabled: false}\n", "channels"),
    (
        "debounce above its limit",
        "debounce_seconds: 1.5",
        "debounce_seconds: 9.0",
        "behavior.debounce_seconds",
    ),
    (
        "an unknown handoff",
        "        type: human_agent\n        priority",
        "        type: dentist\n        priority",
        "behavior.escalation.triggers[0].type",
    ),
    (
        "a choice without options",
        "        options: [Friend, Search]\n",
        "",
        "behavior.surveys.questions[0]",
        -3,
    ),
    ("a scale upside down", '"1-5"', '"5-1"', "behavior.surveys.questions[1].scale"),
    ("a question twice", "      - id: rating", "      - id: source", "behavior.surveys.questions[1].id"),
    ("a budget above the next", "conversation: 0.3", "conversation: 30", "budgets.conversation"),
    ("a team without a general", "      general: true\n", "", "agent.team", -6),
    ("a team's unknown tool", "tools: [check_slots]", "tools: [check_slot]", "agent.team[0].tools"),
    (
        "shares beyond one",
        "      - id: other\n        share: 0.5",
        "      - id: other\n        share: 0.9",
        "experiments[0].variants",
        -3,
    ),
    ("one variant alone", "      - id: other\n        share: 0.5\n", "", "experiments[0].variants", -3),
    ("an edge to nowhere", "        to: book", "        to: boook", "workflows.intake.edges[0].to"),
    ("an edge from nowhere", "      - from: ask", "      - from: aks", "workflows.intake.edges[0].from"),
    ("a step of no tool", "  tool: check_slots", "  tool: check_slot", "workflows.intake.nodes[1].tool"),
    (
        "a slot longer than a day's opening",
        "slot_minutes: 30",
        "slot_minutes: 600",
        "tools.check_slots.settings.slot_minutes",
    ),
    ("an agent of no workflow", "agent:\n", "agent:\n  workflow: outtake\n", "agent.workflow", 1),
    ("a knowledge file that is not there", "[prices.csv]", "[pricez.csv]", "knowledge.files[0]"),
    ("a knowledge file outside", "[prices.csv]", "[../../../etc/passwd.txt]", "knowledge.files[0]"),
    ("a knowledge file of no kind", "[prices.csv]", "[prices.xlsx]", "knowledge.files[0]"),
]
SECRETS: list[Row] = [
    ("a token in clear", "secret://whatsapp-sample", "abcdefgh12345678", "channels.whatsapp.access_token"),
    ("a number as token", "secret://whatsapp-sample", "12345678", "channels.whatsapp.access_token"),
    ("a Meta token", "secret://whatsapp-sample", "EAAB" + "x1Y2" * 12, "channels.whatsapp.access_token"),
    ("half a reference", "${ZENDESK_API_KEY}", "$ZENDESK_API_KEY", "integrations.zendesk.settings.api_key"),
    (
        "an unclosed reference",
        "${ZENDESK_API_KEY}",
        "${ZENDESK_API_KEY",
        "integrations.zendesk.settings.api_key",
    ),
    (
        "a secret that is not there",
        "${ZENDESK_API_KEY}",
        "${ZENDESK_KEY}",
        "integrations.zendesk.settings.api_key",
    ),
    (
        "a secret that is not there",
        "secret://whatsapp-sample",
        "secret://whatsap-sample",
        "channels.whatsapp.access_token",
    ),
    (
        "a named secret that is not there",
        "zendesk-sample",
        "zendesk-prod",
        "integrations.zendesk.credentials_secret",
    ),
    (
        "a secret of another business",
        "${ZENDESK_API_KEY}",
        "${OTHER__ZENDESK_API_KEY}",
        "integrations.zendesk.settings.api_key",
    ),
    (
        "a key beside a reference",
        "${ZENDESK_API_KEY}",
        "key-${ZENDESK_API_KEY}",
        "integrations.zendesk.settings.api_key",
    ),
    ("a key in a fact", "In the yard.", "sk-" + "a1B2c3D4" * 4, "desk.facts.parking"),
    ("a Google key in a fact", "In the yard.", "AIza" + "Sy1234567890abcdefghij", "desk.facts.parking"),
    ("a GitHub key in a fact", "In the yard.", "ghp_" + "a1B2c3D4" * 4, "desk.facts.parking"),
    ("a Slack key in a fact", "In the yard.", "xoxb-" + "1234567890-abcdef", "desk.facts.parking"),
    ("an Amazon key in a fact", "In the yard.", "AKIA" + "ABCDEFGHIJKLMNOP", "desk.facts.parking"),
    ("a private key", "In the yard.", '"-----BEGIN RSA ' + 'PRIVATE KEY-----"', "desk.facts.parking"),
    (
        "a password in an address",
        "https://sample.example\n  facts",
        "https://me:" + "hunter2@sample.example\n  facts",
        "desk.website",
    ),
    (
        "a password in settings",
        "slot_minutes: 30",
        "slot_minutes: 30\n      db_password: hunter2",
        "tools.check_slots.settings.db_password",
        1,
    ),
    (
        "a client secret in settings",
        "grant: once",
        "grant: once\n    settings2: {client_secret: abc}",
        None,
        1,
    ),
]
