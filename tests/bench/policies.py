"""Decisions a second for each policy version, and "who of 100,000 could be supplied today, and what is due".

`python -m tests.bench policies [--patients N] [--processes N] [--database sqlite|postgresql]` asks the second
question of the product and of two policy engines, in the same run and over the same stored facts. For the engines
the time to work out their context in Python counts, as it would for whoever picked them, and stands by itself. They
name what is unmet; the product also says why, until when, and from when it could be met. Every answer is compared for
every patient, and a difference ends the run. Nothing is timed in the tests: rates belong to a machine.
"""

import argparse
import gc
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from compliance.clock import FixedClock
from compliance.domain.decision import Outcome, Weight
from compliance.domain.gate import decide
from compliance.domain.record import Record
from compliance.domain.span import Instant
from compliance.domain.wire import write_fact, write_instant
from compliance.policies import load_catalogue
from compliance.policies.examples import read_examples
from compliance.services.actor import operator
from compliance.services.app import App
from compliance.services.worklist import Line, worklist
from compliance.storage import facts
from compliance.storage import worklist as rows
from compliance.storage.database import Database
from tests.bench import population, rivals
from tests.bench.gate import yardstick
from tests.fixtures.postgres import postgres_server
from tests.services import world

NOW = Instant(datetime(2026, 6, 15, 16, 0, tzinfo=UTC))
PATIENTS = 100_000
_BUILT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
_ROUNDS = 5
_BATCH = 500
_RUN = 2_000
Answer = tuple[bool, frozenset[str]]
ENGINES: Mapping[str, Callable[[], "rivals.Cedar | rivals.Zen"]] = {"cedarpy": rivals.Cedar, "zen-engine": rivals.Zen}


class Disagreement(Exception):
    """Two engines gave different answers for a patient."""


@dataclass
class Took:
    """Seconds for each part of answering the question; 0 where a part was not taken apart."""

    load: float = 0
    context: float = 0
    decide: float = 0
    total: float = 0


def rates() -> Iterator[tuple[str, str, int, float]]:
    """For each policy version: programme, version, examples, and decisions a second over its own examples, warm."""
    for policy in load_catalogue().all():
        asked = [(Record(case.facts), case.request, case.at) for case in read_examples(policy)]
        best = float("inf")
        for _ in range(_ROUNDS + 1):  # the first round works out what a record shows, and never is the best
            start = time.perf_counter()
            for record, request, at in asked:
                decide(policy, record, request, at)
            best = min(best, time.perf_counter() - start)
        yield policy.id, policy.version, len(asked), len(asked) / best


def answers_of(lines: Iterable[Line]) -> dict[str, Answer]:
    """The product's answers in the form that all engines can give."""
    return {
        line.patient: (
            line.outcome is Outcome.ALLOW,
            frozenset(due.requirement for due in line.due if due.weight is not Weight.ADVISE),
        )
        for line in lines
    }


def compare(name: str, ours: Mapping[str, Answer], theirs: Mapping[str, Answer]) -> None:
    """Raise Disagreement for the first patient of whom an engine says anything else."""
    if ours.keys() != theirs.keys():
        raise Disagreement(f"{name} answers for {len(theirs)} patients, the product for {len(ours)}")
    for patient, answer in ours.items():
        if theirs[patient] != answer:
            raise Disagreement(f"{patient}: {name} says {theirs[patient]}, the product {answer}")


def ask_rival(
    db: Database, engine: "rivals.Cedar | rivals.Zen", at: Instant, after: str = "", upto: str = ""
) -> tuple[dict[str, Answer], Took]:
    """The question put to one engine: load the texts, work out contexts, evaluate; batch by batch."""
    took, found, clock = Took(), dict[str, Answer](), time.perf_counter
    now = write_instant(at)
    with db.read() as uow:
        certified = rivals.Certified(map(write_fact, facts.certifications(uow)), at)
        scan = rows.texts(uow, after=after, upto=upto)
        while True:
            begun = clock()
            batch = list(islice(scan, _BATCH))
            loaded = clock()
            contexts = [(name, rivals.context_of(texts, certified, at, now)) for name, texts in batch]
            enrolled = [(name, context) for name, context in contexts if context is not None]
            built = clock()
            answered = list(engine.unmet([context for _, context in enrolled]))
            took.load, took.context = took.load + loaded - begun, took.context + built - loaded
            took.decide += clock() - built
            found.update(zip([name for name, _ in enrolled], answered, strict=True))
            if not batch:
                return found, took


_process: list[tuple[Database, "rivals.Cedar | rivals.Zen"]] = []


def _begin(url: str, name: str) -> None:
    _process.append((Database(url), ENGINES[name]()))


def _piece(piece: tuple[str, str]) -> dict[str, Answer]:
    db, engine = _process[-1]
    return ask_rival(db, engine, NOW, *piece)[0]


def _rival_shared(url: str, name: str, cuts: list[str], processes: int) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    with multiprocessing.get_context("spawn").Pool(processes, _begin, (url, name)) as pool:
        for piece in pool.imap(_piece, list(zip(["", *cuts], cuts, strict=False))):
            found.update(piece)
    return found


def _timed(act: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _product(app: App, processes: int) -> tuple[dict[str, Answer], Took]:
    kept: list[Line] = []

    def ask() -> None:
        kept.extend(worklist(app, operator(), population.PROGRAMME, NOW, processes=processes))

    def scan(read: Callable[..., Iterator[object]]) -> None:
        with app.db.read() as uow:
            for _ in read(uow):
                pass

    total = _timed(ask)
    if processes > 1:
        return answers_of(kept), Took(total=total)
    load = _timed(lambda: scan(rows.texts))
    read = _timed(lambda: scan(rows.histories))
    return answers_of(kept), Took(load, read - load, total - read, total)


def _row(name: str, took: Took, patients: int) -> list[str]:
    parts = [f"{part:.1f}" if part else "" for part in (took.load, took.context, took.decide, took.total)]
    return [name, *parts, f"{patients / took.total:,.0f}"]


def who(app: App, patients: int, processes: int) -> Iterator[list[str]]:
    """A row for the product and each engine, first with one process and then with several; all must agree."""
    ours, took = _product(app, 1)
    yield _row("kelsey", took, patients)
    for name, engine in ENGINES.items():
        start = time.perf_counter()
        theirs, took = ask_rival(app.db, engine(), NOW)
        took.total = time.perf_counter() - start
        compare(name, ours, theirs)
        yield _row(name, took, patients)
    if processes == 1:
        return
    shared, took = _product(app, processes)
    compare("kelsey in several processes", ours, shared)
    yield _row(f"kelsey, {processes} processes", took, patients)
    with app.db.read() as uow:
        cuts = rows.cuts(uow, _RUN)
    for name in ENGINES:
        found: dict[str, Answer] = {}
        url = app.settings.database_url
        total = _timed(lambda: found.update(_rival_shared(url, name, cuts, processes)))  # noqa: B023 - called at once
        compare(name, ours, found)
        yield _row(f"{name}, {processes} processes", Took(total=total), patients)
    allowed = sum(is_allowed for is_allowed, _ in ours.values())
    yield [f"{allowed:,} of {len(ours):,} could be supplied", "", "", "", "", "all agree"]


def _line(cells: Sequence[str]) -> str:
    """A row of the second table, which is printed as it comes: the whole takes minutes."""
    return f"{cells[0]:<36}" + "".join(f"{cell:>12}" for cell in cells[1:])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench policies")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    console = Console()
    console.print(f"{os.cpu_count()} cores; yardstick {yardstick():.2f} µs (about 0.6 on a quiet core)")
    table = Table("programme", "version", "examples", "decisions a second", title="each policy, its own examples, warm")
    for programme, version, count, rate in rates():
        table.add_row(programme, version, str(count), f"{rate:,.0f}")
    console.print(table)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/bench.db"
        if options.database == "postgresql":
            url = stack.enter_context(postgres_server(()))
        built = world.build(url, folder, FixedClock(_BUILT))
        facts_stored = population.seed(built.app.db, built, options.patients, NOW)
        console.print(f"who of {options.patients:,} ({facts_stored:,} facts, {options.database}), in seconds")
        print(_line(("engine", "load", "context", "decide", "total", "patients/s")), flush=True)
        for row in who(built.app, options.patients, options.processes):
            print(_line(row), flush=True)
        built.app.close()
        console.print(f"yardstick afterwards {yardstick():.2f} µs")
