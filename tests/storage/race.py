"""Races sessions against each other and counts what must never happen.

    python -m tests.storage.race --rounds 1000 --database sqlite|postgresql [--planted-fault]

Each round frees eight sessions from one barrier four times: to authorize one prescription, to confirm it, to
dispense it, and to authorize others while a positive test arrives. The counts are read from tables and facts.
"""

import argparse
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from compliance.clock import FixedClock
from compliance.domain.facts import Authorization, Confirmation, Dispense, Handover
from compliance.services import authorizing, dispensing, facts
from compliance.services.errors import ServiceError
from compliance.storage import facts as fact_rows
from compliance.storage import patients as patient_rows
from compliance.storage import states
from compliance.storage.database import Database, Uow
from tests.services.world import START, World, build

SESSIONS = 8
RULES = (
    "one_live_authorization",
    "one_live_confirmation",
    "one_live_dispense",
    "one_live_dispense_per_confirmation",
    "one_order_of_learning",
)


@dataclass
class _Races:
    """Which race is being run, so that a planted fault strikes in races alone."""

    number: int = 0
    is_on: bool = False


_races = _Races()


@dataclass
class Counts:
    """What happened in all rounds; all but the last two must be zero."""

    double_authorizations: int = 0
    double_confirmations: int = 0
    double_dispenses: int = 0
    live_after_positive: int = 0
    numbers_twice: int = 0
    unexpected_errors: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    def harm(self) -> int:
        """How often something happened that must never happen."""
        doubles = self.double_authorizations + self.double_confirmations + self.double_dispenses
        return doubles + self.live_after_positive + self.numbers_twice + self.unexpected_errors.total()


def together(counts: Counts, acts: list[Callable[[], Any]]) -> list[Any]:
    """Run acts in threads that start at one moment; refusals by an error are answers too."""
    barrier, answers = threading.Barrier(len(acts)), []
    _races.number, _races.is_on = _races.number + 1, True

    def run(act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            answers.append(act())
        except ServiceError as error:
            counts.answers[error.code] += 1
            if error.code not in {
                "ALREADY_AUTHORIZED",
                "ALREADY_CONFIRMED",
                "ALREADY_DISPENSED",
                "CONTRADICTED",
            }:
                counts.unexpected_errors[error.code] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it counts
            counts.unexpected_errors[type(error).__name__] += 1

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _races.is_on = False
    return answers


def one_round(world: World, counts: Counts, male: str, female: str) -> None:
    """Four races: authorize, confirm, dispense, and authorize against a positive test."""
    app, prescriber, pharmacist = world.app, world.prescriber, world.pharmacist
    prescription = world.prescribed("adult_male", male)
    given = together(counts, [lambda: authorizing.authorize(app, prescriber, prescription)] * SESSIONS)
    numbers = [outcome.number for outcome in given if outcome.number]
    counts.double_authorizations += max(0, len(numbers) - 1)
    if numbers:
        number = numbers[0]
        world.counselled(pharmacist, number, prescription)
        given = together(counts, [lambda: dispensing.confirm(app, pharmacist, number)] * SESSIONS)
        counts.double_confirmations += max(0, len([o for o in given if o.number]) - 1)
        given = together(counts, [lambda: dispensing.dispense(app, pharmacist, number, Handover.IN_PERSON)] * SESSIONS)
        counts.double_dispenses += max(0, len([o for o in given if o.number]) - 1)
    _against_a_positive(world, counts, female)
    counts.rounds += 1


def _against_a_positive(world: World, counts: Counts, female: str) -> None:
    app, prescriber = world.app, world.prescriber
    prescriptions = [world.prescribed("adult_frp", female) for _ in range(2)]
    positive = {"fact": "pregnancy_test", "result": "positive"}
    acts: list[Callable[[], Any]] = [partial(authorizing.authorize, app, prescriber, rx) for rx in prescriptions * 3]
    acts.insert(3, lambda: facts.record_fact(app, prescriber, female, positive))
    together(counts, acts)
    with app.db.read() as uow:
        authorizations, confirmations = states.live_of_patient(uow, female)
    counts.live_after_positive += len(authorizations) + len(confirmations)


def check(world: World, counts: Counts, everybody: list[str]) -> None:
    """Count again from the facts: what the tables refuse might still have been said."""
    for patient in everybody:
        with world.app.db.read() as uow:
            view_facts = fact_rows.of_patient(uow, patient)
            rows = states.of_patient(uow, patient)
        for kind, name in (
            (Authorization, "authorizations"),
            (Confirmation, "confirmations"),
            (Dispense, "dispenses"),
        ):
            said = Counter(fact.prescription for fact in view_facts if isinstance(fact, kind))
            twice = sum(times - 1 for times in said.values() if times > 1)
            if kind is not Authorization:
                setattr(counts, f"double_{name}", max(getattr(counts, f"double_{name}"), twice))
        live = Counter(row.prescription for row in rows[0] if row.status in ("active", "dispensed"))
        counts.double_authorizations += sum(times - 1 for times in live.values())
        numbers = Counter(row.number for kind_rows in rows for row in kind_rows)
        counts.numbers_twice += sum(times - 1 for times in numbers.values())


def race(url: str, var: Path, rounds: int, show: Callable[[int], None] = lambda done: None) -> Counts:
    """Run rounds on a database of one's own and count."""
    world, counts = build(url, var, FixedClock(START)), Counts()
    everybody: list[str] = []
    try:
        for done in range(rounds):
            male, female = world.enrolled("adult_male"), world.enrolled("adult_frp")
            everybody += [male, female]
            one_round(world, counts, male, female)
            world.clock.advance(timedelta(seconds=1))
            show(done + 1)
        check(world, counts, everybody)
    finally:
        world.app.close()
    return counts


@contextmanager
def planted_fault(url: str) -> Iterator[None]:
    """Break the very things under test, in this process and this scratch database only.

    The unique rules are gone. On PostgreSQL the patient is not held either; on SQLite, where a whole
    transaction waits its turn, the record is read before the turn comes, as a cache would.
    """
    db = Database(url)
    with db.engine.begin() as connection:
        for rule in RULES:
            connection.exec_driver_sql(f"DROP INDEX {rule}")
    kept = patient_rows._LOCK, fact_rows.of_patient, states.move
    early: dict[tuple[int, str], Any] = {}

    def read_early(uow: Uow, patient: str) -> Any:
        found = kept[1](uow, patient)
        if _races.is_on and db.is_sqlite:
            found = early.setdefault((_races.number, patient), found)
        time.sleep(0.005)
        return found

    def move_blindly(uow: Uow, table: str, ids: Any, before: str, after: str) -> bool:
        kept[2](uow, table, ids, before, after)
        return True

    patient_rows._LOCK, fact_rows.of_patient, states.move = patient_rows._FIND, read_early, move_blindly
    try:
        yield
    finally:
        patient_rows._LOCK, fact_rows.of_patient, states.move = kept
        db.close()


def _bar(total: int) -> Callable[[int], None]:
    started = time.monotonic()

    def show(done: int) -> None:
        if sys.stderr.isatty() or done % 50 == 0 or done == total:
            left = (time.monotonic() - started) / done * (total - done)
            filled = 40 * done // total
            line = f"[{'#' * filled}{'.' * (40 - filled)}] {done}/{total} rounds, {left:.0f} s left"
            print(line, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)

    return show


@contextmanager
def scratch(database: str) -> Iterator[str]:
    """The address of an empty database that goes away afterwards."""
    if database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="kelsey-race-") as folder:
            yield f"sqlite:///{folder}/race.db"
        return
    from tests.fixtures.postgres import postgres_server

    with postgres_server() as server:
        import psycopg

        name = f"race_{secrets.token_hex(4)}"
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"{server.rpartition('/')[0]}/{name}"


def main(arguments: list[str]) -> int:
    """Run from the command line; the exit code says whether anything happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.storage.race", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--planted-fault", action="store_true")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    with scratch(chosen.database) as url, tempfile.TemporaryDirectory(prefix="kelsey-race-") as var:
        if chosen.planted_fault:
            from compliance.storage.migrate import upgrade

            upgrade(url)
            with planted_fault(url):
                counts = race(url, Path(var), chosen.rounds, _bar(chosen.rounds))
        else:
            counts = race(url, Path(var), chosen.rounds, _bar(chosen.rounds))
    took = time.monotonic() - started
    print(f"{chosen.database}: {counts.rounds} rounds of {SESSIONS} sessions, {took:.0f} s")
    print(f"  double authorizations      {counts.double_authorizations}")
    print(f"  double confirmations       {counts.double_confirmations}")
    print(f"  double dispenses           {counts.double_dispenses}")
    print(f"  live after a positive test {counts.live_after_positive}")
    print(f"  numbers given twice        {counts.numbers_twice}")
    print(f"  unexpected errors          {dict(counts.unexpected_errors)}")
    return 1 if counts.harm() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
