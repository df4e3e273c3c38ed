"""Tools and integrations written as lists, and lists of those still missing, read into mappings by name."""

from shared.config.nodes import Node, grown, problem
from shared.config.problems import Problem


def by_name(group: str, block: Node, problems: list[Problem]) -> bool:
    """Change the block of a group (`tools`, `integrations`) in place; whether it was written as lists."""
    lists = [(block.items, False)] if block.items else []
    lists += [
        (block.map[key].items, key == "missing") for key in ("available", "missing") if key in block.map
    ]
    found = any(items for items, _ in lists)
    if found:
        block.value = {}
        for items, wanted in lists:
            for index, item in enumerate(items):
                _add(group, block, item, problems, wanted=wanted, index=index)
    for entry in block.map.values():
        if "config" in entry.map and "settings" not in entry.map:
            entry.map["settings"] = entry.map.pop("config")
    return found


def _add(group: str, block: Node, item: Node, problems: list[Problem], *, wanted: bool, index: int) -> None:
    title = item if item.text else item.map.pop("name", None)
    if title is None or title.text is None:
        problems.append(problem(item, (group, index), "an entry without a name", "write name: …"))
    elif title.text in block.map:
        first = block.map[title.text].place.line
        found = f"named a second time (first in line {first})"
        problems.append(problem(title, (group, title.text), found, "keep one"))
    else:
        entry = grown({}, item) if item is title else item
        entry = _wanted(entry) if wanted else entry
        block.map[title.text] = Node(entry.value, entry.mark, title.place)


def _wanted(item: Node) -> Node:
    """A listed wish: what it should do, who needs it, which issue asks for it."""
    keys = {"description": "description", "required_for": "required_for", "issue_id": "issue"}
    keys["estimated_complexity"] = "complexity"
    wanted = {new: item.map[old] for old, new in keys.items() if old in item.map}
    rest = {key: child for key, child in item.map.items() if key not in (*keys, "github_issue_created")}
    return grown({"enabled": False, "wanted": wanted, **rest}, item)
