"""Holds each package to its own coverage, because one figure for all lets the gate hide behind the pages.

Run by `python3 dev.py test` on the report that pytest-cov wrote: `python -m tests.house.coverage_floor
REPORT`.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def shortfalls(files: Mapping[str, Any], floors: Mapping[str, float]) -> Iterator[str]:
    """Give one line for each package below its floor, and for each that was not measured at all."""
    for package, floor in floors.items():
        measured = {name: file for name, file in files.items() if name.startswith(f"{package}/")}
        summaries = [file["summary"] for file in measured.values()]
        wanted = sum(summary["num_statements"] + summary["num_branches"] for summary in summaries)
        seen = sum(summary["covered_lines"] + summary["covered_branches"] for summary in summaries)
        if not wanted:
            yield f"{package}: nothing was measured"
        elif 100 * seen < floor * wanted:
            yield f"{package}: {100 * seen / wanted:.2f} % of lines and branches, the floor is {floor} %"
            yield from _gaps(measured)


def _gaps(measured: Mapping[str, Any]) -> Iterator[str]:
    worst = sorted(measured.items(), key=lambda item: item[1]["summary"]["percent_covered"])
    for name, file in worst[:12]:
        if file["missing_lines"] or file["missing_branches"]:
            yield f"  {name}: lines {file['missing_lines'][:20]}, branches {file['missing_branches'][:10]}"


def main(report: str) -> int:
    """Compare one report with the floors in pyproject.toml."""
    path = Path(report)
    if not path.exists():
        print(f"there is no coverage report {path.name}")
        return 1
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = settings["tool"]["kelsey"]["coverage_floor"]
    found = list(shortfalls(json.loads(path.read_text(encoding="utf-8"))["files"], floors))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
