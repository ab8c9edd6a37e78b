"""The linter is armed: what the house forbids is refused, and what one place may do is refused elsewhere."""

import subprocess
import sys

import pytest

from tests.house.sources import ROOT

HEAD = '"""Why."""\n\n'


def codes(source: str, path: str) -> list[str]:
    """The rules that the linter finds broken in a source, as if it stood at the path."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--extend-ignore=INP001",
        "--output-format=concise",
        "--stdin-filename",
        path,
        "-",
    ]
    done = subprocess.run(command, cwd=ROOT, input=source, check=False, capture_output=True, text=True)
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith(path)]


@pytest.mark.parametrize(
    ("source", "path", "found"),
    [
        (HEAD, "compliance/domain/planted.py", []),
        ("X = 1\n", "compliance/domain/planted.py", ["D100"]),
        (HEAD + "\ndef act() -> None:\n    act()\n", "compliance/web/planted.py", ["D103"]),
        (HEAD + "\nclass Act:\n    x = 1\n", "compliance/web/planted.py", ["D101"]),
        (
            HEAD + "import sqlalchemy\n\nsqlalchemy.text\n",
            "compliance/services/planted.py",
            ["TID251", "B018"],
        ),
        (HEAD + "import sqlalchemy\n\nX = sqlalchemy.text\n", "compliance/storage/planted.py", []),
        (
            HEAD + "from datetime import UTC, datetime\n\nAT = datetime.now(UTC)\n",
            "compliance/services/planted.py",
            ["TID251"],
        ),
        (HEAD + "import time\n\nAT = time.time()\n", "compliance/services/planted.py", ["TID251"]),
        (HEAD + "import time\n\nAT = time.time()\n", "compliance/clock.py", []),
        (HEAD + "assert True\n", "compliance/domain/planted.py", ["S101"]),
        (HEAD + f"X = '{'x' * 120}'\n", "compliance/domain/planted.py", ["Q000", "E501"]),
    ],
)
def test_the_linter_finds_what_was_planted(source: str, path: str, found: list[str]) -> None:
    assert codes(source, path) == found
