"""`kelsey policies simulate`: a compliant year of one patient, as a table, a picture and an iCalendar file."""

from __future__ import annotations

import argparse
from datetime import date

from compliance.cli.speaking import Failure, console
from compliance.domain.facts import Category, CycleRegularity
from compliance.domain.policy import Policy
from compliance.domain.span import Instant
from compliance.domain.wire import read_date
from compliance.policies import load_catalogue
from compliance.policies.catalogue import Catalogue
from compliance.policies.simulation import simulate
from compliance.policies.simulation.ical import ical
from compliance.policies.simulation.svg import svg
from compliance.policies.simulation.table import print_calendar

_MOST_DAYS = 3660
"""Ten years: more would be read by nobody."""


def run(options: argparse.Namespace) -> int:
    """Simulate, write the files asked for, and print; 1 if something stands in the way."""
    if not 1 <= options.days <= _MOST_DAYS:
        raise Failure(f"--days is from 1 to {_MOST_DAYS}", 2)
    since, category = read_date(options.since, "--from"), Category(options.patient)
    catalogue = load_catalogue().adopting(options.layer)
    policy = _policy(catalogue, options.programme, since)
    if category not in policy.categories:
        known = ", ".join(one.value for one in policy.categories)
        raise Failure(f"{policy.id} has no patients {category.value}; it has {known}", 2)
    cycles = CycleRegularity(options.cycles) if options.cycles else None
    until = _followed_at(catalogue, policy)
    calendar = simulate(policy, category, since, options.days, until=until, cycles=cycles)
    if options.svg is not None:
        options.svg.write_text(svg(calendar), encoding="utf-8", newline="\n")
    if options.ics is not None:
        options.ics.write_bytes(ical(calendar).encode())
    print_calendar(calendar, console())
    return 1 if calendar.obstacle else 0


def _policy(catalogue: Catalogue, programme: str, day: date) -> Policy:
    """The version in force on the first day, or one line that says when there is one."""
    first = catalogue.versions(programme)[0]
    policy = catalogue.get(programme, first.zone.start_of(day))
    if policy.layer_over:
        raise Failure(f"{policy.id} is a layer; simulate a programme with --layer {policy.id}", 2)
    if day < policy.in_force_from:
        raise Failure(f"no version of {policy.id} was in force on {day}; the first came on {policy.in_force_from}")
    if policy.in_force_until is not None and day > policy.in_force_until:
        raise Failure(f"no version of {policy.id} is in force on {day}; the last ended on {policy.in_force_until}")
    return policy


def _followed_at(catalogue: Catalogue, policy: Policy) -> Instant | None:
    """When the next version of the programme takes over."""
    later = [one.starts_at for one in catalogue.versions(policy.id) if one.starts_at > policy.starts_at]
    return min(later, default=None)
