"""Races sessions against each other and counts what must never happen.

    python -m tests.storage.race --rounds 1000 --database sqlite|postgresql [--plant lock|rules|both]

Eight sessions on two servers (two programmes opened on one database, as two processes would) are freed from
one barrier four times in each round: to authorize one prescription, to confirm it, to dispense it, and to
authorize, confirm and dispense for one patient while two positive tests arrive. What happened is counted from
the answers, and afterwards again from the tables, from the facts and from the log; see `race_check`.
"""

import argparse
import random
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from compliance.clock import FixedClock
from compliance.domain.facts import Handover
from compliance.domain.wire import read_fact, write_instant
from compliance.services import authorizing, dispensing, facts
from compliance.services.actor import Actor
from compliance.services.acts import moment, new_id
from compliance.services.app import App, open_app
from compliance.services.errors import Conflict, ServiceError
from compliance.services.records import after, patient_of_number
from compliance.storage import facts as fact_rows
from compliance.storage import patients as patient_rows
from compliance.storage import states
from tests.services.world import START, World, build

SESSIONS = 8
SERVERS = 2
POSITIVE = {"fact": "pregnancy_test", "result": "positive"}

Session = Callable[[App], Any]
"""What one session does, on the server it is connected to."""


class MovingClock(FixedClock):
    """Starts where the small world starts and then moves as time does, so that no two moments are one."""

    def __init__(self) -> None:
        super().__init__(START)
        self._began = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - self._began)


class QuickWorld(World):
    """Stores what is said at once and without an entry: only what is raced goes through services and log."""

    def say(self, who: Actor, about: str, fact: str, /, **members: Any) -> None:  # type: ignore[override]
        """Put a fact on record."""
        plain = {name: self.moment(value) for name, value in members.items()}
        with self.app.db.write() as uow:
            patient = patient_of_number(uow, about) or about
            row = patient_rows.lock(uow, patient)
            assert row is not None
            at = after(row, moment(self.app))
            stamp = {"id": new_id("f"), "recorded_at": at.isoformat(), "actor": who.id}
            fact_rows.append(uow, patient, [read_fact({"at": at.isoformat(), "fact": fact, **plain, **stamp})])
            patient_rows.learn(uow, patient, write_instant(at))


@dataclass
class Counts:
    """What happened in all rounds. Whatever stands before `rounds` must be zero."""

    double_authorizations: int = 0
    double_confirmations: int = 0
    double_dispenses: int = 0
    live_after_positive: int = 0
    allowed_after_positive: int = 0
    races_nobody_won: int = 0
    numbers_given_twice: int = 0
    log_differs_from_tables: int = 0
    guards_missing: int = 0
    unexpected_errors: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    def harm(self) -> dict[str, Any]:
        """Everything that must never happen and did."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"rounds", "answers"}}
        return {name: value for name, value in values.items() if value}


@dataclass
class Races:
    """Which race is being run, so that a planted fault strikes in races alone."""

    number: int = 0
    is_on: bool = False


RUNNING = Races()


def together(counts: Counts, servers: list[App], acts: list[tuple[str, Session]]) -> list[tuple[str, Any]]:
    """Run named acts in threads that start at one moment, and give what was allowed or recorded."""
    barrier, won = threading.Barrier(len(acts)), []
    RUNNING.number, RUNNING.is_on = RUNNING.number + 1, True

    def run(place: int, name: str, act: Session) -> None:
        barrier.wait()
        try:
            answer = act(servers[place % len(servers)])
        except Conflict as error:
            counts.answers[f"{name}: {error.code}"] += 1
        except ServiceError as error:
            counts.unexpected_errors[f"{name}: {error.code}"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it counts
            counts.unexpected_errors[f"{name}: {type(error).__name__}"] += 1
        else:
            is_done = getattr(answer, "is_allowed", True)
            counts.answers[f"{name}: {'done' if is_done else 'denied'}"] += 1
            if is_done:
                won.append((name, answer))

    threads = [threading.Thread(target=run, args=(place, *act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    RUNNING.is_on = False
    return won


class Round:
    """One round on patients of its own."""

    def __init__(self, world: World, servers: list[App], counts: Counts) -> None:
        self.world, self.servers, self.counts = world, servers, counts

    def run(self) -> None:
        """Four races."""
        prescription = self.world.prescribed("adult_male")
        number = self._authorize(prescription)
        if number:
            self.world.counselled(self.world.pharmacist, number, prescription)
            self._dispense(number, self._confirm(number))
        self._against_positives()
        self.counts.rounds += 1

    def _authorize(self, prescription: str) -> str:
        act = ("authorize", lambda app: authorizing.authorize(app, self.world.prescriber, prescription))
        won = together(self.counts, self.servers, [act] * SESSIONS)
        self.counts.double_authorizations += max(0, len(won) - 1)
        self.counts.races_nobody_won += not won
        # With a planted fault there are many; the gate goes by the newest.
        return str(max(won, key=lambda done: self._issued_at(done[1].number))[1].number) if won else ""

    def _issued_at(self, number: str) -> str:
        with self.world.app.db.read() as uow:
            row = states.authorization_by_number(uow, number)
        return row.issued_at if row else ""

    def _confirm(self, number: str) -> Actor:
        """Every other round two pharmacies want to confirm; give the one that did."""
        pharmacists = {"confirm here": self.world.pharmacist, "confirm there": self.world.other_pharmacist}
        if self.counts.rounds % 2 == 0:
            del pharmacists["confirm there"]
        acts = [(name, _confirmed_by(who, number)) for name, who in pharmacists.items()]
        acts *= SESSIONS // len(acts)
        won = together(self.counts, self.servers, self._shuffled(acts))
        self.counts.double_confirmations += max(0, len(won) - 1)
        self.counts.races_nobody_won += not won
        return pharmacists[won[0][0]] if won else self.world.pharmacist

    def _dispense(self, number: str, who: Actor) -> None:
        won = together(self.counts, self.servers, [("dispense", _dispensed_by(who, number))] * SESSIONS)
        self.counts.double_dispenses += max(0, len(won) - 1)
        self.counts.races_nobody_won += not won

    def _against_positives(self) -> None:
        world = self.world
        patient = world.enrolled("adult_frp")
        fresh, authorized, confirmed = (world.prescribed("adult_frp", patient) for _ in range(3))
        numbers = {rx: world.authorized(rx).number for rx in (authorized, confirmed)}
        world.counselled(world.pharmacist, numbers[confirmed], confirmed)
        assert dispensing.confirm(world.app, world.pharmacist, numbers[confirmed]).is_allowed
        acts: list[tuple[str, Session]] = [
            ("authorize v positive", lambda app: authorizing.authorize(app, world.prescriber, fresh)),
            ("confirm v positive", _confirmed_by(world.pharmacist, numbers[authorized])),
            ("dispense v positive", _dispensed_by(world.pharmacist, numbers[confirmed])),
        ]
        news: list[tuple[str, Session]] = [
            ("positive", lambda app: facts.record_fact(app, world.prescriber, patient, POSITIVE)),
            ("positive", lambda app: facts.record_fact(app, world.other_pharmacist, numbers[confirmed], POSITIVE)),
        ]
        won = together(self.counts, self.servers, self._shuffled([*acts, *acts, *news]))
        self.counts.races_nobody_won += [name for name, _ in won].count("positive") != len(news)
        with world.app.db.read() as uow:
            live = states.live_of_patient(uow, patient)
        self.counts.live_after_positive += len(live[0]) + len(live[1])

    def _shuffled(self, acts: list[tuple[str, Session]]) -> list[tuple[str, Session]]:
        """In another order each round, so that everybody is the first to arrive now and then."""
        return random.Random(self.counts.rounds).sample(acts, len(acts))


def _confirmed_by(who: Actor, number: str) -> Session:
    return lambda app: dispensing.confirm(app, who, number)


def _dispensed_by(who: Actor, number: str) -> Session:
    return lambda app: dispensing.dispense(app, who, number, Handover.IN_PERSON)


def race(
    url: str, var: Path, rounds: int, show: Callable[[int], None] = lambda done: None,
    planted: Callable[[App], AbstractContextManager[None]] = lambda app: nullcontext(),
) -> Counts:  # fmt: skip
    """Run rounds on a database of one's own and count."""
    from tests.storage.race_check import check

    world, counts = QuickWorld(**vars(build(url, var, MovingClock()))), Counts()
    servers = [world.app, *(open_app(world.app.settings, world.clock, world.app.policies) for _ in range(SERVERS - 1))]
    try:
        with planted(world.app):
            for done in range(1, rounds + 1):
                Round(world, servers, counts).run()
                show(done)
        check(world, counts, var)
    finally:
        for server in servers:
            server.close()
    return counts


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


def report(database: str, counts: Counts, seconds: float) -> None:
    """Print what must be zero, and what happened."""
    print(f"{database}: {counts.rounds} rounds of {SESSIONS} sessions on {SERVERS} servers, {seconds:.0f} s")
    for one in fields(counts):
        if one.name not in {"rounds", "answers"}:
            value = getattr(counts, one.name)
            print(f"  {one.name.replace('_', ' '):24} {dict(value) if isinstance(value, Counter) else value}")
    print("what was answered:")
    for name, times in sorted(counts.answers.items()):
        print(f"  {name:36} {times}")


def main(arguments: list[str]) -> int:
    """Run from the command line; the exit code says whether anything happened that must not."""
    from tests.storage.race_check import PLANTS, planted

    parser = argparse.ArgumentParser(prog="python -m tests.storage.race", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--plant", choices=PLANTS, help="break what is under test, to see that it is noticed")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    with scratch(chosen.database) as url, tempfile.TemporaryDirectory(prefix="kelsey-race-") as var:
        fault = (lambda app: planted(app, chosen.plant)) if chosen.plant else (lambda app: nullcontext())
        counts = race(url, Path(var), chosen.rounds, _bar(chosen.rounds), fault)
    report(chosen.database, counts, time.monotonic() - started)
    return 1 if counts.harm() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
