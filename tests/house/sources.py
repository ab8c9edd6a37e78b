"""Gives the house tests the project's files, so that each rule says only what it forbids."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def project_files() -> tuple[Path, ...]:
    """All files that are or would be under version control; without git, all but what tools make."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in _walk(ROOT)]
    return tuple(Path(name) for name in sorted(listed) if (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files in the folders, relative to the root."""
    return [path for path in project_files() if path.suffix == ".py" and path.parts[0] in folders]


def read(path: Path) -> str:
    """The text of a project file."""
    return (ROOT / path).read_text(encoding="utf-8")


def imports(tree: ast.AST) -> dict[str, str]:
    """Which dotted name each imported local name stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The dotted name that an expression stands for, or nothing."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value, names)
        return f"{inner}.{node.attr}" if inner else ""
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


_MADE = {".git", ".venv", "node_modules", "var", "dist", "__pycache__", ".hypothesis"}


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _MADE or path.name.endswith("_cache") or path.is_symlink():
            continue
        if path.is_dir() and path != ROOT / "static" / "vendor":
            yield from _walk(path)
        elif path.is_file():
            yield path
