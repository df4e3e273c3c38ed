"""The repository as the house rules read it: its files, without what machines leave beside them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("shared", "functions", "voice_service")
LEFT_BESIDE = {"__pycache__", "node_modules", "build", "dist", ".git"}


def files(*folders: str, suffix: str = "") -> Iterator[Path]:
    """Every file below the folders, or of the repository, that is the product's own."""
    for folder in folders or (".",):
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            parts = path.relative_to(ROOT).parts
            hidden = parts[0].startswith(".") and parts[0] not in {".ci", ".gitignore"}
            if path.is_file() and not hidden and not LEFT_BESIDE.intersection(parts):
                yield path


def said(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """A Python file's tree."""
    return ast.parse(path.read_text("utf-8"), said(path))


def module_names(module: ast.Module) -> set[str]:
    """What a module defines or imports at its top."""
    names = set()
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
    return names


def imports(module: ast.Module) -> Iterator[str]:
    """The dotted name of everything a file imports from other packages, wherever in the file."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
