"""Nothing on the way to a decision can fail open: no exception ends in a yes, and no argument forces one."""

import ast

import pytest

from tests.house.sources import dotted, imports, python_files, read

YES = {"met", "MET", "ALLOWED", "allowed", "is_allowed", "allow"}
FORCING = {"force", "forced", "override", "skip", "bypass", "ignore_policy", "allow_anyway"}


def open_ends(source: str) -> list[str]:
    """Each place where an exception ends in a yes or an argument could force one, as `line: what`."""
    tree = ast.parse(source)
    names = imports(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and any(_says_yes(inner) for inner in ast.walk(node)):
            found.append(f"{node.lineno}: an exception ends in a yes")
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node, names) == "contextlib.suppress":
            found.append(f"{node.lineno}: exceptions are suppressed")
        if isinstance(node, ast.arg) and node.arg in FORCING:
            found.append(f"{node.lineno}: the argument {node.arg}")
    return found


def _says_yes(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign | ast.Yield) else None
    return value is not None and any(
        (isinstance(part, ast.Constant) and part.value is True)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in YES)
        or (isinstance(part, ast.Attribute) and part.attr in YES)
        or (isinstance(part, ast.Name) and part.id in YES)
        for part in ast.walk(value)
    )


def test_the_domain_and_the_services_fail_closed() -> None:
    files = [path for path in python_files("compliance") if path.parts[1] in {"domain", "services"}]
    assert {str(path): open_ends(read(path)) for path in files if open_ends(read(path))} == {}
    assert len(files) > 5


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("try:\n    check()\nexcept ValueError:\n    return True", ["3: an exception ends in a yes"]),
        ("try:\n    check()\nexcept ValueError:\n    return self.met()", ["3: an exception ends in a yes"]),
        (
            "try:\n    check()\nexcept ValueError:\n    ok = Finding('x', True, 'MET')",
            ["3: an exception ends in a yes"],
        ),
        (
            "from contextlib import suppress\nwith suppress(ValueError):\n    check()",
            ["2: exceptions are suppressed"],
        ),
        ("def authorize(patient, *, override=False):\n    ...", ["1: the argument override"]),
        ("try:\n    check()\nexcept ValueError:\n    return Finding('x', False, 'BROKE')", []),
    ],
)
def test_a_planted_open_end_is_found(planted: str, found: list[str]) -> None:
    assert open_ends(planted) == found
