"""The coverage floor is a floor for each package, and a package that nobody measured does not pass."""

from pathlib import Path
from typing import Any

from tests.house.coverage_floor import main, shortfalls


def measured(statements: int, covered: int, branches: int = 0, covered_branches: int = 0) -> dict[str, Any]:
    """One file of a coverage report."""
    return {
        "summary": {
            "num_statements": statements,
            "covered_lines": covered,
            "num_branches": branches,
            "covered_branches": covered_branches,
            "percent_covered": 0,
        },
        "missing_lines": [],
        "missing_branches": [[3, 5]] if covered_branches < branches else [],
    }


def test_a_package_at_its_floor_passes() -> None:
    files = {
        "compliance/domain/gate.py": measured(90, 90, 10, 10),
        "compliance/web/views.py": measured(10, 1),
    }
    assert list(shortfalls(files, {"compliance/domain": 100, "compliance": 90})) == []


def test_one_branch_missing_in_the_domain_is_a_shortfall() -> None:
    files = {
        "compliance/domain/gate.py": measured(90, 90, 10, 9),
        "compliance/web/views.py": measured(900, 900),
    }
    assert list(shortfalls(files, {"compliance": 90, "compliance/domain": 100})) == [
        "compliance/domain: 99.00 % of lines and branches, the floor is 100 %",
        "  compliance/domain/gate.py: lines [], branches [[3, 5]]",
    ]


def test_a_package_that_was_not_measured_is_a_shortfall() -> None:
    assert list(shortfalls({}, {"compliance/ledger": 100})) == ["compliance/ledger: nothing was measured"]


def test_a_missing_report_fails(tmp_path: Path) -> None:
    assert main(str(tmp_path / "coverage.json")) == 1
