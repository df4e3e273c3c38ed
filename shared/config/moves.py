"""The one table of moved keys: every older spelling of a desk's file, read into the canonical form.

After this nobody knows another form. Each move says "written X, now Y", so that authors learn it.
"""

from collections.abc import Callable

from shared.config.channel_lists import CHANNEL_NAMES, from_lists
from shared.config.entry_lists import by_name
from shared.config.hours_prose import read_days, read_hours
from shared.config.nodes import Node, Step, find, grown, matching, notice, plain, problem, spelled
from shared.config.problems import Notice, Problem
from shared.config.short_forms import condition_of, condition_of_pair, languages_of, template_of

RENAMED: tuple[tuple[str, str], ...] = (
    # the whole file inside one key, and the words of its top
    ("client_id", "tenant.id"),
    ("client.id", "tenant.id"),
    ("client.name", "tenant.name"),
    ("client.use_case", "desk.use_case"),
    ("client.vertical", "desk.vertical"),
    ("use_case", "desk.use_case"),
    # the agent
    ("agent.agent_name", "agent.name"),
    ("agent.agent_type", "agent.type"),
    ("agent.language", "desk.languages"),
    ("agent.business_context", "agent.context"),
    ("agent.model.primary", "agent.model.model"),
    ("agent.model.fallback", "agent.model.fallbacks"),
    ("workflow.system_prompt", "agent.system_prompt"),
    # the voice
    ("voice.config", "voice"),
    ("voice.stt_provider", "voice.stt.provider"),
    ("voice.tts_provider", "voice.tts.provider"),
    ("voice.business_logic.pricing_requirements", "voice.pricing"),
    ("voice.business_logic.escalation_triggers", "voice.escalation"),
    ("voice.business_logic.data_collection", "voice.data_collection"),
    # tools and integrations
    ("workflow.tools", "tools"),
    ("workflow.integrations.input_channels", "channels.input"),
    ("workflow.integrations.output_channels", "channels.output"),
    # the behaviour
    ("business_logic.cross_sell", "behavior.cross_sell"),
    ("business_logic.surveys", "behavior.surveys"),
    ("business_logic.escalation", "behavior.escalation"),
    ("business_logic.outbound_retargeting", "behavior.retargeting"),
    ("behavior.cross_sell_upsell", "behavior.cross_sell"),
    ("behavior.human_handoff", "behavior.escalation"),
    ("behavior.survey_questions", "behavior.surveys.questions"),
)
"""Old path, new path. A mapping moved onto a mapping merges into it."""

_CONDITIONS = (
    "behavior.escalation.triggers.*.condition",
    "behavior.follow_ups.triggers.*.condition",
    "behavior.retargeting.triggers.*.condition",
    "behavior.cross_sell.triggers.*.condition",
    "behavior.cross_sell.products.*.conditions.*",
    "voice.escalation.*.condition",
)
_TEMPLATES = (
    "agent.system_prompt",
    "agent.greeting",
    "voice.greeting.message",
    "behavior.escalation.human_unavailable.*.auto_reply",
    "behavior.follow_ups.triggers.*.message",
    "behavior.retargeting.triggers.*.message",
)
_CHANNELS = ("behavior.follow_ups.triggers.*.channel", "behavior.retargeting.triggers.*.channel")
_HOURS = ("desk.hours", "behavior.escalation.hours", "tools.*.settings.hours", "voice.outbound.hours")
_TRIGGERS = (
    "behavior.escalation.triggers",
    "behavior.follow_ups.triggers",
    "behavior.retargeting.triggers",
    "behavior.cross_sell.triggers",
    "voice.escalation",
)
_SHELLS = ("client", "workflow.integrations", "workflow", "voice.business_logic", "business_logic")


class Moves:
    """One pass over one file's tree, which it changes in place."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.notices: list[Notice] = []
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Apply every move. What it cannot read it leaves for the schema to refuse."""
        self._unwrap()
        for old, new in RENAMED:
            self._rename(old, new)
        self._systems()
        self._identity()
        for shell in _SHELLS:
            self._drop_if_empty(shell)
        for name in ("tools", "integrations"):
            self._entries(name)
        self._hand_over_tool()
        self._channels()
        self._pricing()
        self._data_collection()
        for path in _TRIGGERS:
            self._each(path, self._trigger)
        self._each("behavior.cross_sell.triggers", self._typed_trigger)
        self._each("behavior.surveys.questions", self._question)
        self._each("behavior.cross_sell.products", self._product)
        self._values()

    def _said(self, node: Node, path: str, old: str, new: str) -> None:
        self.notices.append(notice(node, tuple(path.split(".")), f"written {old}", f"now {new}"))

    def _unwrap(self) -> None:
        inner = self.root.map.pop("automation_config", None)
        if inner is None:
            return
        self._said(inner, "automation_config", "inside automation_config:", "at the top, without it")
        for key, child in inner.map.items():
            self.root.map.setdefault(key, child)
        gone = self.root.map.pop("config_id", None)
        if gone:
            self._said(gone, "config_id", "config_id", "counted as the desk's versions")
        voice = self.root.map.get("voice")
        if voice and voice.map and "enabled" not in voice.map:
            voice.map["enabled"] = grown(True, voice)
            self._said(voice, "voice", "voice: without enabled:", "voice.enabled: true")

    def _rename(self, old: str, new: str) -> None:
        moving = self._take(old)
        if moving is None:
            return
        if new == "agent.model.fallbacks" and moving.text is not None:
            moving = grown([moving.value], moving)
        if self._put(new, moving):
            self._said(moving, old, old, new)

    def _take(self, path: str) -> Node | None:
        *parents, last = path.split(".")
        parent = find(self.root, parents)
        return parent.map.pop(last, None) if parent else None

    def _put(self, path: str, node: Node) -> bool:
        here = self.root
        *parents, last = path.split(".")
        for step in parents:
            here = here.map.setdefault(step, grown({}, node))
        there = here.map.get(last)
        if there is None:
            if isinstance(here.value, dict):
                here.value[last] = node
                return True
        elif (
            isinstance(there.value, dict)
            and isinstance(node.value, dict)
            and not there.map.keys() & node.map.keys()
        ):
            there.value.update(node.value)
            return True
        self.problems.append(
            problem(
                node, path.split("."), f"an old spelling of {path} beside the new one", "keep one of the two"
            )
        )
        return False

    def _drop_if_empty(self, path: str) -> None:
        node = find(self.root, path.split("."))
        if node is not None and node.value == {}:
            self._take(path)

    def _systems(self) -> None:
        """Systems named by their trade, `crm: {type: salesforce, ...}`, become integrations by name."""
        systems = find(self.root, ("workflow", "integrations"))
        for trade, system in list((systems.map if systems else {}).items()):
            name = system.map.pop("type", None)
            if systems is None or name is None or name.text is None:
                continue
            del systems.map[trade]
            secret = system.map.pop("credentials_secret", None)
            entry = {"type": trade, "settings": Node(system.value, system.mark, system.key)}
            node = grown(entry | ({"credentials_secret": secret} if secret else {}), system)
            if self._put(f"integrations.{name.text}", node):
                old = f"workflow.integrations.{trade}"
                self._said(system, old, old, f"integrations.{name.text}")

    def _identity(self) -> None:
        """A file that knows only its client gets a desk of the same id and name."""
        tenant = self.root.map.get("tenant")
        identity = tenant.map.get("id") if tenant else None
        written_old = any(note.found in ("written client.id", "written client_id") for note in self.notices)
        if tenant is None or identity is None or not written_old:
            return
        if "name" not in tenant.map:
            tenant.map["name"] = grown(identity.value, identity)
            self._said(identity, "tenant.name", "no name", f"tenant.name: {identity.value}")
        desk = self.root.map.setdefault("desk", grown({}, tenant))
        for key in ("id", "name"):
            desk.map.setdefault(key, grown(tenant.map[key].value, tenant.map[key]))

    def _entries(self, name: str) -> None:
        block = self.root.map.get(name)
        if block is not None and by_name(name, block, self.problems):
            self._said(block, name, f"{name} as a list", f"{name}: a mapping by name")

    def _hand_over_tool(self) -> None:
        """Handing over is the tool hand_over; its hours and words stand under behavior.escalation."""
        tools = self.root.map.get("tools")
        old = tools.map.pop("transfer_to_human", None) if tools else None
        if tools is None or old is None:
            return
        settings = old.map.pop("settings", None)
        tools.map.setdefault("hand_over", old)
        self._said(old, "tools.transfer_to_human", "tools.transfer_to_human", "tools.hand_over")
        for key, child in (settings.map if settings else {}).items():
            if key == "business_hours":
                self._put("behavior.escalation.hours", child)
                self._said(child, "tools.transfer_to_human", key, "behavior.escalation.hours")
            elif key == "overflow_message":
                said = grown([{"action": "create_ticket", "auto_reply": child}], child)
                self._put("behavior.escalation.human_unavailable", said)
                self._said(child, "tools.transfer_to_human", key, "behavior.escalation.human_unavailable")
            else:
                tools.map["hand_over"].map.setdefault("settings", grown({}, old)).map[key] = child

    def _channels(self) -> None:
        channels = self.root.map.get("channels")
        if channels and any(isinstance(child.value, list) for child in channels.map.values()):
            spoken = from_lists(channels, self.notices, self.problems)
            for path, node in spoken.items():
                if find(self.root, path.split(".")) is None:
                    self._put(path, node)

    def _pricing(self) -> None:
        pricing = find(self.root, ("voice", "pricing"))
        if pricing and pricing.items and all(item.map for item in pricing.items):
            pricing.value = {key: child for item in pricing.items for key, child in item.map.items()}

    def _data_collection(self) -> None:
        block = find(self.root, ("voice", "data_collection"))
        if block and block.items and all(item.map for item in block.items):
            block.value = {key: child for item in block.items for key, child in item.map.items()}

    def _each(self, path: str, change: Callable[[Node, int], Node]) -> None:
        found = find(self.root, path.split("."))
        if found is None or not isinstance(found.value, list):
            return
        for index, item in enumerate(found.value):
            new = change(item, index)
            if new is not item:
                self.notices.append(
                    notice(item, (*path.split("."), index), f"written {_brief(item)}", f"now {_brief(new)}")
                )
                found.value[index] = new

    def _trigger(self, item: Node, _index: int) -> Node:
        if item.text is not None:
            return grown({"condition": condition_of(item.text)}, item)
        if "condition" in item.map or not item.map:
            return item
        pairs = [condition_of_pair(key, child.value) for key, child in item.map.items()]
        known = [pair for pair in pairs if pair]
        return grown({"condition": " && ".join(known)}, item) if len(known) == len(pairs) else item

    def _typed_trigger(self, item: Node, _index: int) -> Node:
        kind = item.map.get("type")
        if "condition" in item.map or kind is None or kind.text is None:
            return item
        rest = {key: child for key, child in item.map.items() if key != "type"}
        return grown({"condition": condition_of(kind.text), **rest}, item)

    def _question(self, item: Node, index: int) -> Node:
        if item.text is not None:
            return grown({"id": f"question_{index + 1}", "text": item.text}, item)
        if item.map and "id" not in item.map:
            return grown({"id": f"question_{index + 1}", **item.map}, item)
        return item

    def _product(self, item: Node, _index: int) -> Node:
        return grown({"id": item.text}, item) if item.text is not None else item

    def _values(self) -> None:
        for pattern in _CONDITIONS:
            self._texts(pattern, condition_of)
        for pattern in _TEMPLATES:
            self._texts(pattern, template_of)
        for pattern in _CHANNELS:
            self._texts(pattern, lambda text: CHANNEL_NAMES.get(text, text))
        languages = find(self.root, ("desk", "languages"))
        if languages and languages.text is not None:
            self._languages(languages, languages.text)
        for pattern in _HOURS:
            for path, node in matching(self.root, pattern):
                self._hours(node, path)
        model = find(self.root, ("agent", "model"))
        if model and model.text is not None:
            key = "profile" if model.text in ("fast", "balanced", "powerful") else "model"
            model.value = {key: grown(model.text, model)}

    def _texts(self, pattern: str, change: Callable[[str], str]) -> None:
        for path, node in matching(self.root, pattern):
            new = change(node.text) if node.text is not None else node.value
            if new != node.value and isinstance(new, str):
                self.notices.append(
                    notice(node, path, f"written {_brief(node)}", f"now {_brief(grown(new, node))}")
                )
                node.value = new

    def _languages(self, node: Node, text: str) -> None:
        tags = languages_of(text)
        path: tuple[Step, ...] = ("desk", "languages")
        if tags is None:
            self.problems.append(problem(node, path, f"languages as {text!r}", "write their tags: [hi, en]"))
            node.value = [grown("en", node)]
        else:
            node.value = [grown(tag, node) for tag in tags]
            self.notices.append(notice(node, path, f"written {text!r}", f"now [{', '.join(tags)}]"))

    def _hours(self, node: Node, path: tuple[Step, ...]) -> None:
        """Hours in words, or by groups of days, become one key for each day, standing where they stood."""
        if node.text is not None:
            try:
                hours, remark = read_hours(node.text)
            except ValueError:
                return  # the schema refuses it with the form to write
            said = f"written {node.text!r}" + (f": {remark}" if remark else "")
            node.value = grown(hours, node).value
            self.notices.append(notice(node, path, said, f"now {spelled(path)} as a mapping of days"))
            return
        for key, child in list(node.map.items()):
            days = read_days(key) if key not in ("holidays", "timezone") else None
            if days and days != (key,):
                del node.map[key]
                for day in days:
                    if day in node.map:
                        first = node.map[day].place.line
                        found = f"{day} a second time (first in line {first})"
                        self.problems.append(problem(child, (*path, key), found, "name each day once"))
                    node.map.setdefault(day, Node(child.value, child.mark, child.key))


def _brief(node: Node) -> str:
    """A value on one line, as a notice shows it."""
    value = plain(node)
    text = (
        ", ".join(f"{key}: {part}" for key, part in value.items()) if isinstance(value, dict) else str(value)
    )
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}…"
