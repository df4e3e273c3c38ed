"""Keeps secrets out of desks' files, and out of what is said about desks' files."""

import re

from shared.config.block import SECRET_REFERENCE
from shared.config.nodes import Node, Step, find, problem, walk
from shared.config.problems import Problem
from shared.security.tenant_secrets import kept_as

_SECRET_KEY = re.compile(r"(?i)(secret|token|password|passwd|api_?key|private_?key|secret_?key)$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,200}")
_KEY_LIKE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(sk|rk|pk)[-_](live|test|proj|ant|or|svcacct)[-_][A-Za-z0-9_-]{10,}"
    r"|\bsk-[A-Za-z0-9]{20,}"
    r"|\bAIza[A-Za-z0-9_-]{20,}"
    r"|\b(AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{15,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bEAA[A-Za-z0-9]{30,}|\bIGQ[A-Za-z0-9_-]{30,}"
    r"|\bSG\.[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}"
    r"|\bya29\.[A-Za-z0-9_-]{20,}"
    r"|\bwhsec_[A-Za-z0-9+/=]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
    r"|[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@$]+@"
)
"""Keys by their vendors' prefixes, private keys, and passwords inside addresses."""
_REFERENCES = re.compile(r"\$\{([A-Za-z0-9_]+)\}|secret://([A-Za-z0-9_./-]+)")


def shown(node: Node, key: str = "") -> str:
    """A scalar as a message may show it: short, and never what may be a secret."""
    text = node.text
    if text is None:
        return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
    if _SECRET_KEY.search(key) or _KEY_LIKE.search(text):
        return f"a text of {len(text)} characters"
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


def clear_secrets(root: Node) -> list[Problem]:
    """A problem for each secret written in clear, by its key's name or by its own looks."""
    found: list[Problem] = []
    for path, node in walk(root):
        key = str(path[-1]) if path else ""
        if any(_KEY_LIKE.search(part) for part in (node.text or "", *node.map)):
            found.append(_refused(node, path, "what looks like a secret in clear"))
        elif key == "credentials_secret":
            if node.text and not (_NAME.fullmatch(node.text) or SECRET_REFERENCE.fullmatch(node.text)):
                found.append(_refused(node, path, "no name of a secret"))
        elif _is_secret(key, node):
            found.append(_refused(node, path, "a secret in clear"))
    return found


def secret_names(root: Node) -> list[tuple[tuple[Step, ...], Node, str]]:
    """Every reference to a secret: where it stands, and the name it asks for."""
    found: list[tuple[tuple[Step, ...], Node, str]] = []
    for path, node in walk(root):
        text = node.text or ""
        found += [(path, node, match[1] or match[2]) for match in _REFERENCES.finditer(text)]
        if path and path[-1] == "credentials_secret" and _NAME.fullmatch(text):
            found.append((path, node, text))
    return found


def unknown_secrets(root: Node, known: frozenset[str] | None) -> list[Problem]:
    """A problem for each reference to a secret that is not kept for the file's tenant.

    `known` are all that are kept here, under the names they are kept by; None = cannot be looked up.
    """
    found: list[Problem] = []
    tenant = find(root, ("tenant", "id"))
    for path, node, name in secret_names(root):
        kept = kept_as((tenant and tenant.text) or "", name)
        if not kept:
            found.append(problem(node, path, f"the secret {name!r}", "write a name without __"))
        elif known is not None and not known.intersection(kept):
            fix = f"add {kept[0]}, or remove the reference"
            found.append(problem(node, path, f"the secret {name!r}, which is not there", fix))
    return found


def _is_secret(key: str, node: Node) -> bool:
    if not _SECRET_KEY.search(key) or isinstance(node.value, bool | dict | list) or node.value is None:
        return False
    return not (node.text is not None and SECRET_REFERENCE.fullmatch(node.text))


def _refused(node: Node, path: tuple[Step, ...], found: str) -> Problem:
    return problem(
        node, path, found, "write a reference, ${NAME} or secret://NAME, and store the value there"
    )
