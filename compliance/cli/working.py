"""`kelsey worklist`: who could be supplied now and what is due for everybody else, for a day's work or a program."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

from compliance.cli.operating import programme
from compliance.cli.speaking import Failure, shown
from compliance.domain.facts import Step
from compliance.domain.span import Instant, Zone
from compliance.domain.wire import read_instant, write_instant
from compliance.services.actor import operator
from compliance.services.worklist import Due, Line, worklist


def show(options: argparse.Namespace) -> int:
    """Print a line for each enrolled patient, as the scan reaches them; then how many there are of each outcome."""
    at = None if options.at is None else read_instant(options.at, "--at")
    if options.processes < 1:
        raise Failure("--processes is 1 or more", 2)
    with programme() as app:
        found = worklist(
            app, operator(), options.programme, at,
            step=Step(options.step), site=options.site, processes=options.processes,
        )  # fmt: skip
        where = app.policies.versions(options.programme)[-1].zone
        outcomes: Counter[str] = Counter()
        for line in found:
            outcomes[line.outcome.value] += 1
            print(json.dumps(as_plain(line)) if options.json else spoken(line, where))
    if not options.json:
        counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"{sum(outcomes.values())} patients: {counted or 'nobody is enrolled'}")
    return 0


def as_plain(line: Line) -> dict[str, Any]:
    """A line as plain data, for programs."""
    return {
        "patient": line.patient,
        "prescription": line.prescription,
        "category": line.category.value if line.category else None,
        "outcome": line.outcome.value,
        "valid_until": _time(line.valid_until),
        "earliest_at": _time(line.earliest_at),
        "due": [_due(due) for due in line.due],
    }


def _due(due: Due) -> dict[str, Any]:
    return {
        "requirement": due.requirement,
        "code": due.code,
        "weight": due.weight.value,
        "opens": due.opens.value,
        "earliest_at": _time(due.earliest_at),
    }


def _time(moment: Instant | None) -> str | None:
    return None if moment is None else write_instant(moment)


def spoken(line: Line, where: Zone) -> str:
    """A line as people read it."""
    until = f" until {shown(line.valid_until, where)}" if line.valid_until else ""
    due = "; ".join(f"{one.requirement} {one.code}" for one in line.due)
    opens = f" (from {shown(line.earliest_at, where)})" if line.due and line.earliest_at else ""
    about = f"{line.patient} {line.prescription or 'no prescription'}"
    return f"{line.outcome.value.upper():<9} {about}{until}{': ' if due else ''}{due}{opens}"
