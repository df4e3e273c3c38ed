"""Two hundred ways to write a desk's file wrong: one table, each row a valid file with one thing changed.

A row is (what is wrong, the text replaced, the text put there, the path told, lines below the replaced
text's first line where the problem stands).
"""

from dataclasses import dataclass

from tests.drills.malformed_rules import HOURS, RULES, SAMPLE, SECRETS, WORDS, Row


@dataclass(frozen=True)
class Case:
    """A file, and where it must be said to be wrong."""

    name: str
    content: bytes
    path: str | None  # None where only the line is known
    line: int


TYPOS: list[Row] = [
    ("a key of the top", "tenant:\n", "tennant:\n", "tennant"),
    ("a key of the top", "channels:\n", "chanels:\n", "chanels"),
    ("a key of the top", "behavior:\n", "behaviour:\n", "behaviour"),
    ("a key of the top", "knowledge:\n", "knowlege:\n", "knowlege"),
    ("a key of the top", "budgets:\n", "budget:\n", "budget"),
    ("a key of the top", "voice:\n  enabled", "voise:\n  enabled", "voise"),
    ("a key of the desk", "  timezone:", "  time_zone:", "desk.time_zone"),
    ("a key of the desk", "  currency:", "  curency:", "desk.curency"),
    ("a key of the desk", "  languages:", "  langauges:", "desk.langauges"),
    ("a key of the theme", "    colour:", "    color:", "desk.theme.color"),
    ("a day", "    saturday:", "    saterday:", "desk.hours.saterday"),
    ("a key of the agent", "  objectives:", "  objektives:", "agent.objektives"),
    ("a key of the model", "    temperature:", "    temprature:", "agent.model.temprature"),
    ("a key of the model", "    fallbacks:", "    fall_backs:", "agent.model.fall_backs"),
    ("a key of a specialist", "      handles: Prices", "      handels: Prices", "agent.team[0].handels"),
    ("a key of a tool", "    grant:", "    grand:", "tools.check_pricing.grand"),
    (
        "a tool's own setting",
        "      slot_minutes:",
        "      slot_minuts:",
        "tools.check_slots.settings.slot_minuts",
    ),
    ("a key of web chat", "    opening_line:", "    opning_line:", "channels.webchat.opning_line"),
    ("a key of web chat", "    origins:", "    origin:", "channels.webchat.origin"),
    ("a channel", "  whatsapp:\n", "  whatsap:\n", "channels.whatsap"),
    ("a key of WhatsApp", "    phone_number_id:", "    phone_numberid:", "channels.whatsapp.phone_numberid"),
    (
        "a key of a template",
        "      language: en",
        "      langauge: en",
        "channels.whatsapp.template.langauge",
    ),
    ("a key of the voice", "  voice_id:", "  voiceid:", "voice.voiceid"),
    (
        "a key of a trigger",
        "        priority:",
        "        prority:",
        "behavior.escalation.triggers[0].prority",
    ),
    ("a key of a question", "        options:", "        option:", "behavior.surveys.questions[0].option"),
    ("a key of privacy", "  retention_days:", "  retention_day:", "privacy.retention_day"),
    ("a key of an alert", "      severity:", "      severty:", "monitoring.alerts[0].severty"),
    ("a key of a budget", "  month:", "  months:", "budgets.months"),
    ("a key of an edge", "      - from: ask", "      - form: ask", "workflows.intake.edges[0].form"),
    ("a key of the promises", "  first_reply_seconds:", "  first_reply_second:", "sla.first_reply_second"),
]
TYPES: list[Row] = [
    ("a number for text", "  name: Sample Clinic", "  name: 12", "tenant.name"),
    ("a version as a number", 'version: "1.0"', "version: 1.0", "version"),
    ("another version", 'version: "1.0"', 'version: "2.0"', "version"),
    ("a list for text", "  name: Maya", "  name: [Maya]", "agent.name"),
    ("a mapping for text", "  name: Maya", "  name: {first: Maya}", "agent.name"),
    ("nothing for text", "  name: Maya", "  name:", "agent.name"),
    ("text for a list", "    - Help.", "    Help.", "agent.objectives"),
    ("text for a mapping", "  facts:\n    parking: In the yard.", "  facts: In the yard.", "desk.facts"),
    ("a list for a mapping", "  facts:\n    parking: In the yard.", "  facts: [parking]", "desk.facts"),
    ("a number for a fact", "parking: In the yard.", "parking: 3", "desk.facts.parking"),
    ("a truth for text", "  currency: INR", "  currency: true", "desk.currency"),
    ("text for a number", "temperature: 0.2", "temperature: cool", "agent.model.temperature"),
    ("a quoted number", "temperature: 0.2", 'temperature: "0.2"', "agent.model.temperature"),
    ("a decimal for a whole number", "max_tokens: 800", "max_tokens: 800.5", "agent.model.max_tokens"),
    ("a truth for a number", "max_tokens: 800", "max_tokens: true", "agent.model.max_tokens"),
    ("a unit beside a number", "opening_delay: 2", "opening_delay: 2s", "channels.webchat.opening_delay"),
    ("a word for true", "    general: true", "    general: True", "agent.team[1].general"),
    ("yes for true", "    general: true", "    general: yes", "agent.team[1].general"),
    ("on for true", "voice:\n  enabled: true", "voice:\n  enabled: on", "voice.enabled", 1),
    ("one for true", "voice:\n  enabled: true", "voice:\n  enabled: 1", "voice.enabled", 1),
    ("a quoted truth", "voice:\n  enabled: true", 'voice:\n  enabled: "true"', "voice.enabled", 1),
    (
        "22:22 for a number",
        "  history_messages: 50",
        "  history_messages: 22:22",
        "behavior.history_messages",
    ),
    ("0x for a number", "  history_messages: 50", "  history_messages: 0x32", "behavior.history_messages"),
    (
        "an underlined number",
        "  history_messages: 50",
        "  history_messages: 5_0",
        "behavior.history_messages",
    ),
    ("an octal number", "  history_messages: 50", "  history_messages: 050", "behavior.history_messages"),
    ("a telephone number unquoted", '"+912200000101"', "912200000101", "desk.phone"),
    ("an id unquoted", '"100000000000001"', "100000000000001", "channels.whatsapp.phone_number_id"),
    ("tools as text", "        tools: [check_slots]".strip(), "tools: check_slots", "agent.team[0].tools"),
    ("text for a list", "starters: [Prices, Hours]", "starters: Prices", "channels.webchat.starters"),
    (
        "a number in a list",
        "starters: [Prices, Hours]",
        "starters: [Prices, 3]",
        "channels.webchat.starters[1]",
    ),
    ("a list for a block", "privacy:\n  retention_days: 90", "privacy:\n  - 90", "privacy"),
    ("text for a block", "privacy:\n  retention_days: 90", "privacy: long", "privacy"),
    ("nothing for a block", "privacy:\n  retention_days: 90", "privacy:", "privacy"),
    ("a mapping for a list", "    - metric: error_rate", "      metric: error_rate", "monitoring.alerts", -1),
    (
        "a truth for a price",
        "        price: 999",
        "        price: no",
        "behavior.cross_sell.products[0].price",
    ),
    (
        "a price with its sign",
        "        price: 999",
        "        price: ₹999",
        "behavior.cross_sell.products[0].price",
    ),
    (
        "settings as text",
        "    settings:\n      calendar: counter\n      slot_minutes: 30",
        "    settings: counter",
        None,
    ),
    ("a tool's setting as text", "slot_minutes: 30", "slot_minutes: half an hour", None),
    (
        "a sharing in words",
        "        share: 0.5\n      - id: other",
        "        share: half\n      - id: other",
        None,
    ),
    ("a file as a mapping", "files: [prices.csv]", "files: [{name: prices.csv}]", "knowledge.files[0]"),
]
MISSING: list[Row] = [
    ("no id of the tenant", "  id: sample-clinic\n", "", "tenant.id", -1),
    ("no name of the tenant", "  name: Sample Clinic\n", "", "tenant.name", -2),
    ("no id of the desk", "  id: sample\n", "", "desk.id", -1),
    ("no name of the desk", "  name: Sample Front Desk\n", "", "desk.name", -2),
    ("a trigger without condition", "- condition: sentiment < `0.3`\n        action:", "- action:", None),
    ("a question without text", "        text: How was it?\n", "", "behavior.surveys.questions[1].text", -1),
    ("a product without id", "      - id: package\n        price", "      - price", None),
    ("an alert without metric", "- metric: error_rate\n      threshold", "- threshold", None),
    ("a template without name", "      name: reopen\n", "", "channels.whatsapp.template.name", -1),
    ("an edge without end", "        to: book\n", "", "workflows.intake.edges[0].to", -1),
    ("a tool's setting missing", "      calendar: counter\n", "", "tools.check_slots.settings.calendar", -1),
    ("an experiment without metric", "    metric: bookings\n", "", "experiments[0].metric", -1),
]
TWICE: list[Row] = [
    (f"{key} twice", first, first + second, path, first.count("\n"))
    for key, first, second, path in [
        ("a key", "  currency: INR\n", "  currency: USD\n", "desk.currency"),
        ("a key", "  name: Maya\n", "  name: Alex\n", "agent.name"),
        ("a key", "    provider: meta\n", "    provider: twilio\n", "channels.whatsapp.provider"),
        (
            "a day",
            "    monday-friday: 09:00-17:00\n",
            "    monday-friday: 08:00-12:00\n",
            "desk.hours.monday-friday",
        ),
        ("a fact", "    parking: In the yard.\n", "    parking: Nowhere.\n", "desk.facts.parking"),
        (
            "a key of an item",
            "        delay: 300\n",
            "        delay: 60\n",
            "behavior.retargeting.triggers[0].delay",
        ),
        ("a block", "  retention_days: 90\n", "privacy:\n  retention_days: 30\n", "privacy"),
        ("a budget", "  hour: 5\n", "  hour: 6\n", "budgets.hour"),
        ("a quoted key", "  min_score: 0.2\n", '  "min_score": 0.3\n', "knowledge.min_score"),
        ("a tool", "    grant: once\n", "    grant: never\n", "tools.check_pricing.grant"),
    ]
]
VALUES: list[Row] = [
    ("an unknown time zone", "Asia/Kolkata", "Asia/Bombay2", "desk.timezone"),
    ("a time zone in small letters", "Asia/Kolkata", "asia/kolkata", "desk.timezone"),
    ("an abbreviated time zone", "Asia/Kolkata", "IST", "desk.timezone"),
    ("a time zone as an offset", "Asia/Kolkata", "+05:30", "desk.timezone"),
    ("a path as time zone", "Asia/Kolkata", "../../etc/passwd", "desk.timezone"),
    ("an unknown currency form", "currency: INR", "currency: rupees", "desk.currency"),
    ("a sign as currency", "currency: INR", "currency: ₹", "desk.currency"),
    ("a language's name", "languages: [en, hi]", "languages: [English, hi]", "desk.languages[0]"),
    ("an empty list of languages", "languages: [en, hi]", "languages: []", "desk.languages"),
    ("languages in unknown words", "languages: [en, hi]", "languages: Klingon and English", "desk.languages"),
    ("a telephone number without country", '"+912200000101"', '"022 0000 0101"', "desk.phone"),
    ("a word for a telephone number", '"+912200000101"', "reception", "desk.phone"),
    ("no address of mail", "hello@sample.example", "hello at sample", "desk.email"),
    (
        "a website without scheme",
        "https://sample.example\n  facts",
        "sample.example\n  facts",
        "desk.website",
    ),
    ("a colour's name", '"#0f766e"', "teal", "desk.theme.colour"),
    ("a colour that is a comment", '"#0f766e"', "#0f766e", "desk.theme.colour"),
    ("long initials", "initials: SC", "initials: SAMPLE", "desk.theme.initials"),
    ("an id with spaces", "id: sample-clinic", "id: Sample Clinic", "tenant.id"),
    ("an id with a slash", "  id: sample\n", "  id: a/b\n", "desk.id"),
    (
        "an origin with a path",
        "[https://sample.example]",
        "[https://sample.example/chat]",
        "channels.webchat.origins[0]",
    ),
    ("an unknown provider", "provider: meta", "provider: metta", "channels.whatsapp.provider"),
    ("an unknown priority", "priority: high", "priority: hihg", "behavior.escalation.triggers[0].priority"),
    ("an unknown grant", "grant: once", "grant: always", "tools.check_pricing.grant"),
    (
        "an unknown channel",
        "channel: whatsapp",
        "channel: telegram",
        "behavior.retargeting.triggers[0].channel",
    ),
    ("an unknown kind of question", "type: rating", "type: stars", "behavior.surveys.questions[1].type"),
    ("an unknown severity", "severity: critical", "severity: fatal", "monitoring.alerts[0].severity"),
    ("a window in words", "window: 5m", "window: five minutes", "monitoring.alerts[0].window"),
    ("a score above one", "min_score: 0.2", "min_score: 20", "knowledge.min_score"),
    ("a temperature too high", "temperature: 0.2", "temperature: 5.0", "agent.model.temperature"),
    ("a negative delay", "delay: 300", "delay: -1", "behavior.retargeting.triggers[0].delay"),
    ("no retention", "retention_days: 90", "retention_days: 0", "privacy.retention_days"),
    ("an endless retention", "retention_days: 90", "retention_days: 99999", "privacy.retention_days"),
    ("a threshold above one", "    threshold: 0.5", "    threshold: 5", "voice.turn_detection.threshold"),
    ("a negative budget", "  hour: 5", "  hour: -5", "budgets.hour"),
    (
        "an action with spaces",
        "action: schedule_callback",
        "action: call them back",
        "behavior.escalation.triggers[0].action",
    ),
    ("an unknown model", "model: gemini-3-flash", "model: gemini-3-flsh", "agent.model.model"),
    ("an unknown fallback", "[gemini-3-lite]", "[gpt-99]", "agent.model.fallbacks[0]"),
    ("too many starters", "[Prices, Hours]", "[a, b, c, d, e, f, g]", "channels.webchat.starters"),
]
SYNTAX: list[Row] = [
    ("a tab", "  name: Sample Clinic", "\tname: Sample Clinic", None),
    ("a tab deep down", "    starters:", "  \tstarters:", None),
    ("a colon in text", "opening_line: Namaste!", "opening_line: Namaste: hello", None),
    ("an open quote", 'scale: "1-5"', 'scale: "1-5', None),
    ("an open bracket", "[Prices, Hours]", "[Prices, Hours", None),
    ("an open brace", "files: [prices.csv]", "files: {a: b", None),
    ("a key indented too far", "  currency: INR", "    currency: INR", None),
    ("a key indented too little", "  currency: INR", " currency: INR", None),
    ("a text that begins with @", "name: Maya", "name: @maya", None),
    ("a text that begins with a backtick", "name: Maya", "name: `maya`", None),
    ("a text that begins with %", "name: Maya", "name: %maya", None),
    ("an anchor", "name: Maya", "name: &maya Maya", "agent.name"),
    ("an alias", "name: Maya", "name: *maya", "agent.name"),
    ("a tag", "name: Maya", "name: !!str Maya", "agent.name"),
    ("a tag that runs code", "name: Maya", "name: !!python/name:os.system Maya", "agent.name"),
    ("a tag of a mapping", "privacy:\n", "privacy: !!omap\n", "privacy"),
    ("a merge key", "privacy:\n", "privacy:\n  <<: {}\n", "privacy.<<", 1),
    ("a key that is a list", "privacy:\n", "privacy:\n  ? [a]\n  : 1\n", "privacy", 1),
    ("a second document", "privacy:\n", "---\nprivacy:\n", None),
    ("a control character", "name: Maya", "name: Ma\x07ya", None),
    ("an unpaired surrogate escape", "name: Maya", 'name: "Ma\\ud800ya"', None),
]

_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
WHOLE: list[Case] = [
    Case("an empty file", b"", ".", 1),
    Case("comments alone", b"# nothing\n", ".", 1),
    Case("a list at the top", b"- tenant\n", ".", 1),
    Case("text at the top", b"tenant\n", ".", 1),
    Case("UTF-16", SAMPLE.encode("utf-16"), ".", 1),
    Case("Latin-1", SAMPLE.replace("Maya", "Máya").encode("latin-1"), ".", 25),
    Case("zero bytes", b"\0" * 100, ".", 1),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ".", 1),
    Case("a bomb of aliases", _BOMB.encode(), "a", 1),
    Case("too deep", b"a: " + b"[" * 20_000, None, 1),
    Case("too large", SAMPLE.encode() + b"# " + b"x" * 300_000, ".", 1),
    Case("too many values", b"a: [" + b"1," * 25_000 + b"1]", None, 1),
    Case("a percent directive", b"%YAML 1.1\n---\n" + SAMPLE.encode(), ".", 1),
    Case("extends a missing file", b"extends: nowhere.yaml\n" + SAMPLE.encode(), "extends", 1),
    Case("extends itself", b"extends: desk.yaml\n" + SAMPLE.encode(), "extends", 1),
    Case("extends in a circle", b"extends: ../circle.yaml\n" + SAMPLE.encode(), "extends", 1),
    Case("extends a file outside", b"extends: ../../../etc/passwd\n" + SAMPLE.encode(), "extends", 1),
    Case("extends a list", b"extends: [a.yaml, b.yaml]\n" + SAMPLE.encode(), "extends", 1),
    Case("extends a broken base", b"extends: ../broken.yaml\n" + SAMPLE.encode(), "desk.curency", 2),
]

BASES: dict[str, bytes] = {
    "sample/prices.csv": b"item,price\nTea,20\n",
    "circle.yaml": b"extends: sample/desk.yaml\n",
    "broken.yaml": b"desk:\n  curency: INR\n",
}
"""Files beside the sample, which stands at sample/desk.yaml."""


def _case(row: Row) -> Case:
    why, old, new, path = row[:4]
    offset = row[4] if len(row) == 5 else 0
    before, found, after = SAMPLE.partition(old)
    assert found, f"{why}: {old!r} is not in the sample"
    return Case(why, (before + new + after).encode("utf-8"), path, before.count("\n") + 1 + offset)


CASES: list[Case] = [
    _case(row)
    for row in [*TYPOS, *TYPES, *MISSING, *TWICE, *VALUES, *HOURS, *WORDS, *RULES, *SECRETS, *SYNTAX]
] + WHOLE
