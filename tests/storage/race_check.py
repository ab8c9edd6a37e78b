"""Counts again after the races, from tables, facts and log; and plants the faults that it must find."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from compliance.domain.access import outranks
from compliance.domain.facts import Authorization, Confirmation, Dispense
from compliance.domain.wire import write_fact, write_instant
from compliance.ledger.entry import parse_leaf
from compliance.ledger.verify import verify_bundle
from compliance.services import logs
from compliance.services.app import App
from compliance.storage import facts as fact_rows
from compliance.storage import log_rows, migrate, states
from compliance.storage import patients as patient_rows
from compliance.storage.database import Uow
from compliance.storage.errors import SchemaMismatch
from tests.services.world import World
from tests.storage.race import RUNNING, Counts

PLANTS = ("lock", "rules", "both")
RULES = (
    "one_live_authorization",
    "one_live_confirmation",
    "one_live_dispense",
    "one_live_dispense_per_confirmation",
    "one_order_of_learning",
)
MADE = {"authorization": Authorization, "confirmation": Confirmation, "dispense": Dispense}
UNDER = {"authorization": "prescription", "confirmation": "authorization", "dispense": "prescription"}
"""Of each kind at most one may be allowed under one of these: in the races nothing ends and is given again."""


def check(world: World, counts: Counts, folder: Path) -> None:
    """Count what must not have happened from all that is stored; the worst count of each stands."""
    leaves = _leaves(world)
    with world.app.db.read() as uow:
        rows = {kind: [row._mapping for row in uow.execute(text(f"SELECT * FROM {_q(kind)}"))] for kind in MADE}
        patients = [row[0] for row in uow.execute(text("SELECT id FROM patient"))]
        facts = {patient: fact_rows.of_patient(uow, patient) for patient in patients}
    said = {kind: [f for known in facts.values() for f in known if isinstance(f, MADE[kind])] for kind in MADE}
    allowed = {kind: [e["refs"] for e in leaves if _is_allowed(e, kind)] for kind in MADE}
    for kind in MADE:
        _worst(counts, f"double_{kind}s", max(
            _doubles(row[UNDER[kind]] for row in rows[kind] if row["status"] in {"active", "dispensed"}),
            _doubles(getattr(fact, UNDER[kind]) for fact in said[kind]),
            _doubles(refs[UNDER[kind]] for refs in allowed[kind]),
        ))  # fmt: skip
        ids = [sorted(row["id"] for row in rows[kind]), sorted(fact.id for fact in said[kind])]
        ids.append(sorted(refs[kind] for refs in allowed[kind]))
        counts.log_differs_from_tables += (ids[0] != ids[1]) + (ids[0] != ids[2])
    numbers = Counter(row["number"] for kind in MADE for row in rows[kind])
    counts.numbers_given_twice += sum(times - 1 for times in numbers.values()) + numbers[None]
    _check_positives(counts, rows, facts, leaves)
    _check_log(world, counts, folder)


def _check_positives(
    counts: Counts, rows: Mapping[str, Any], facts: Mapping[str, list[Any]], leaves: list[Mapping[str, Any]]
) -> None:
    """Nothing is live, and nothing was allowed once the news was in: by the facts' order and by the log's."""
    news = {patient: min(at) for patient, known in facts.items() if (at := _news_at(known))}
    counts.live_after_positive = max(
        counts.live_after_positive,
        sum(row["status"] == "active" and row["patient"] in news for kind in MADE for row in rows[kind]),
    )
    late = sum(
        isinstance(fact, Authorization | Confirmation | Dispense) and write_instant(fact.recorded_at) > at
        for patient, at in news.items()
        for fact in facts[patient]
    )
    owner = {fact.id: patient for patient, known in facts.items() for fact in known}
    held: set[str] = set()
    late_in_log = 0
    for entry in leaves:
        refs = entry.get("refs", {})
        if entry["type"] == "fact.recorded" and entry["outcome"] == "held":
            held.add(owner[refs["fact"]])
        elif any(_is_allowed(entry, kind) for kind in MADE):
            late_in_log += owner[refs["prescription"]] in held
    counts.log_differs_from_tables += held != set(news)
    counts.allowed_after_positive = max(late, late_in_log)


def _check_log(world: World, counts: Counts, folder: Path) -> None:
    taken = logs.export_log(world.app, world.auditor, folder / "race.zip")
    counts.log_differs_from_tables += not verify_bundle(str(taken.path), taken.vkey).ok
    try:
        migrate.check(world.app.db)
    except SchemaMismatch:
        counts.guards_missing += 1


def _leaves(world: World) -> list[Mapping[str, Any]]:
    world.app.log.settle_all()
    with world.app.db.read() as uow:
        return [parse_leaf(leaf) for leaf in log_rows.leaves(uow, log_rows.head(uow).size)]


def _news_at(known: Iterable[Any]) -> list[str]:
    return [write_instant(fact.recorded_at) for fact in known if outranks(write_fact(fact))]


def _is_allowed(entry: Mapping[str, Any], kind: str) -> bool:
    return bool(entry["type"] == f"{kind}.decision" and entry["outcome"] == "allowed")


def _doubles(names: Iterable[str]) -> int:
    return sum(times - 1 for times in Counter(names).values())


def _worst(counts: Counts, name: str, found: int) -> None:
    setattr(counts, name, max(getattr(counts, name), found))


def _q(table: str) -> str:
    return f'"{table}"'  # AUTHORIZATION is a word of SQL


@contextmanager
def planted(app: App, what: str) -> Iterator[None]:
    """Break the very things under test, in this process and this scratch database only.

    `rules`: the unique rules are gone. `lock`: on PostgreSQL the patient is not held; on SQLite, where a whole
    transaction waits its turn, the record is read before the turn comes, as a cache would.
    """
    if what in {"rules", "both"}:
        with app.db.engine.begin() as connection:
            for rule in RULES:
                connection.exec_driver_sql(f"DROP INDEX {rule}")
    if what in {"lock", "both"}:
        with _without_lock(is_sqlite=app.db.is_sqlite, is_blind=what == "both"):
            yield
    else:
        yield


@contextmanager
def _without_lock(*, is_sqlite: bool, is_blind: bool) -> Iterator[None]:
    kept = patient_rows._LOCK, fact_rows.of_patient, states.live_confirmation, states.move
    early: dict[int, dict[str, Any]] = defaultdict(dict)

    def known(name: str, found: Any) -> Any:
        if RUNNING.is_on and is_sqlite:
            found = early[RUNNING.number].setdefault(name, found)
        time.sleep(0.005)
        return found

    def move_blindly(uow: Uow, table: str, ids: Any, before: str, after: str) -> bool:
        return kept[3](uow, table, ids, before, after) or is_blind

    patient_rows._LOCK = patient_rows._FIND
    fact_rows.of_patient = lambda uow, patient: known(patient, kept[1](uow, patient))
    states.live_confirmation = lambda uow, authorization_id: known(authorization_id, kept[2](uow, authorization_id))
    states.move = move_blindly
    try:
        yield
    finally:
        patient_rows._LOCK, fact_rows.of_patient, states.live_confirmation, states.move = kept
