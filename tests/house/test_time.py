"""Nobody but compliance/clock.py asks what time it is, else no decision could be computed again."""

import ast

import pytest

from tests.house.sources import dotted, imports, python_files, read

FORBIDDEN = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "sqlalchemy.func.now",
    "sqlalchemy.func.current_timestamp",
}


def clock_reads(source: str) -> list[str]:
    """Each place where the source reads the time, as `line: name`."""
    tree = ast.parse(source)
    names = imports(tree)
    found = [
        f"{node.lineno}: {dotted(node, names)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node, names) in FORBIDDEN
    ]
    text = [
        f"{number}: CURRENT_TIMESTAMP"
        for number, line in enumerate(source.splitlines(), 1)
        if "CURRENT_TIMESTAMP" in line.upper().split("#")[0]
    ]
    return found + text


def test_only_the_clock_reads_the_time() -> None:
    files = [path for path in python_files("compliance", "migrations", "tests", "wsgi.py") if path.name != "clock.py"]
    reads = {str(path): found for path in files if path.name != "test_time.py" and (found := clock_reads(read(path)))}
    assert reads == {}
    assert len(files) > 10


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("from datetime import datetime\nat = datetime.now()", ["2: datetime.datetime.now"]),
        ("from datetime import datetime as d\nat = d.utcnow()", ["2: datetime.datetime.utcnow"]),
        ("import datetime\nday = datetime.date.today()", ["2: datetime.date.today"]),
        ("from time import time as t\nt()", ["2: time.time"]),
        ("import time\nread = time.time", ["2: time.time"]),
        ("from sqlalchemy import func\nfunc.now()", ["2: sqlalchemy.func.now"]),
        ("DDL = 'at DEFAULT current_timestamp'", ["1: CURRENT_TIMESTAMP"]),
        ("from compliance import clock\nclock.now()", []),
    ],
)
def test_a_planted_look_at_the_time_is_found(planted: str, found: list[str]) -> None:
    assert clock_reads(planted) == found
