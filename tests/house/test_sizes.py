"""Modules, functions and templates stay small enough to read, or say why they do not.

What is longer than its limit says why in its docstring (a template: in a comment): "Long because ...".
"""

import ast

import pytest

from tests.house.sources import project_files, python_files, read

MODULE, FUNCTION, TEMPLATE = 250, 30, 120
REASON = "Long because "


def long_parts(source: str) -> dict[str, bool]:
    """What is over its limit without a reason (True), or gives a reason without need (False)."""
    tree = ast.parse(source)
    found = {"module": (len(source.splitlines()) > MODULE, ast.get_docstring(tree))}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = (_lines(node) > FUNCTION, ast.get_docstring(node))
    return {name: is_long for name, (is_long, text) in found.items() if is_long != (REASON in (text or ""))}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1


def test_what_is_long_says_why_and_what_is_short_does_not() -> None:
    files = python_files("compliance", "migrations", "dev.py", "wsgi.py")
    found = {str(path): parts for path in files if (parts := long_parts(read(path)))}
    assert found == {}


def test_long_templates_say_why() -> None:
    templates = {str(path): read(path) for path in project_files() if path.parts[0] == "templates"}
    long = {name for name, text in templates.items() if len(text.splitlines()) > TEMPLATE}
    assert long == {name for name, text in templates.items() if REASON in text}


@pytest.mark.parametrize(
    ("lines", "reason", "found"),
    [
        (FUNCTION, "", {}),
        (FUNCTION + 1, "", {"act": True}),
        (FUNCTION + 1, "\n\n    Long because it is one table.\n    ", {}),
        (FUNCTION, "\n\n    Long because it is one table.\n    ", {"act": False}),
        (MODULE, "", {"act": True, "module": True}),
    ],
)
def test_a_planted_long_function_must_say_why(lines: int, reason: str, found: dict[str, bool]) -> None:
    source = f'"""Why."""\n\n\ndef act():\n    """Why.{reason}"""\n' + "    step()\n" * lines
    assert long_parts(source) == found
