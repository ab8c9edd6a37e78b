"""Authorize, confirm and dispense over HTTP with sign-in sessions, beside what the database alone can do.

`python -m tests.bench http [--requests N] [--database sqlite|postgresql]` prints, for each database and at 10^3 and
10^5 log entries, the rate of each step with eight clients, pgbench's rate in the same run (before and after, so that a
disk that changes its mind is seen), their ratio, and how the rates change as the log grows. Every request signs in by
its session, meets the gate and is answered only with its log entry and receipt. Nothing is timed in the tests: rates
belong to a machine.
"""

import argparse
import http.client
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import text

from compliance.clock import SYSTEM, FixedClock
from compliance.ledger.entry import pending_body
from compliance.services.app import App, open_app
from compliance.storage import log_rows, states
from tests.bench import pgbench
from tests.fixtures.postgres import postgres_server
from tests.services import world

CLIENTS = 8
SIZES = (1_000, 100_000)
_FILL = 5_000

J = TypeVar("J")


@dataclass(frozen=True)
class Supply:
    """One prescription of one patient, ready to be authorized."""

    patient: str
    prescription: str


class Client:
    """One signed-in person with a kept-alive connection, as a browser would have."""

    def __init__(self, port: int, username: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._csrf = self._token("/sign-in")
        status, place = self._sent("/sign-in", username=username, password=world.PASSWORD)
        if status != 303:
            raise RuntimeError(f"sign-in answered {status} {place}")
        self._csrf = self._token("/pharmacy" if username == "pharmacist" else "/patients/new")

    def _exchange(self, method: str, path: str, body: str = "") -> tuple[int, str, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, answer.headers.get("Location", ""), content

    def _token(self, path: str) -> str:
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', self._exchange("GET", path)[2])
        if found is None:
            raise RuntimeError(f"{path} shows no form")
        return found[1].decode()

    def rest(self) -> None:
        """Let go of the connection: the server closes those that were silent while the log was filled."""
        self._connection.close()

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form; status and where it leads. The notice that comes back is dropped, as if it had been read."""
        before = dict(self._cookies)
        answer = self._sent(path, **form)
        self._cookies = before
        return answer

    def _sent(self, path: str, **form: str) -> tuple[int, str]:
        form |= {"csrf_token": self._csrf, "key": secrets.token_hex(8)}
        status, place, _ = self._exchange("POST", path, urlencode(form))
        return status, place


@contextmanager
def _served(url: str, var: Path) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    environment = os.environ | {
        "KELSEY_VAR": str(var), "KELSEY_DATABASE_URL": url, "KELSEY_BIND": f"127.0.0.1:{port}",
        "KELSEY_SECURE_COOKIES": "0", "KELSEY_ARGON2_COST": "fast",
    }  # fmt: skip
    command = [sys.executable, "-m", "compliance.cli", "serve"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _seed(url: str, var: Path, count: int, progress: Progress) -> list[Supply]:
    """A programme with `count` females of reproductive potential who wait for their first authorization."""
    built = world.build(url, var, FixedClock(SYSTEM.now()))
    task = progress.add_task("patients", total=count)
    supplies: list[Supply] = []
    for _ in range(count):
        patient = built.enrolled("adult_frp")
        prescription = built.prescribed("adult_frp", patient)
        built.counselled(built.pharmacist, prescription, prescription)
        supplies.append(Supply(patient, prescription))
        progress.advance(task)
    built.app.close()
    return supplies


def _fill(app: App, size: int, progress: Progress) -> None:
    """Bring the log to `size` entries, through its own sequencer."""
    log = app.log
    with app.db.read() as uow:
        have = log_rows.head(uow).size
    task = progress.add_task(f"log of {size:,}", total=max(0, size - have))
    while have < size:
        bodies = [
            (txn, pending_body(log=log.origin, entry_type="record.read", txn=txn, actor="system", site="none"))
            for txn in (f"t_{secrets.token_hex(16)}" for _ in range(min(_FILL, size - have)))
        ]
        with app.db.write() as uow:
            for txn, body in bodies:
                log.append(uow, txn, body)
        log.settle_all()
        have += len(bodies)
        progress.advance(task, len(bodies))


def _rate(clients: list[Client], jobs: Sequence[J], act: Callable[[Client, J], None]) -> tuple[float, float]:
    """Acts per second with all clients at once, and the 99th percentile of their latency in milliseconds."""
    for client in clients:
        client.rest()
    gate = threading.Barrier(len(clients) + 1)
    took: list[float] = []
    failed: list[BaseException] = []

    def run(client: Client, own: Sequence[J]) -> None:
        gate.wait()
        for job in own:
            begun = time.perf_counter()
            try:
                act(client, job)
            except Exception as error:  # noqa: BLE001 - told by the thread that waits
                failed.append(error)
                return
            took.append(time.perf_counter() - begun)

    threads = [
        threading.Thread(target=run, args=(client, jobs[at :: len(clients)])) for at, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    if failed:
        raise failed[0]
    return len(jobs) / elapsed, statistics.quantiles(took, n=100)[98] * 1000


def _posted(client: Client, path: str, lands: str, **form: str) -> None:
    status, place = client.post(path, **form)
    if status != 303 or not place.endswith(lands):
        raise RuntimeError(f"{path} answered {status} {place}")


def _authorize(client: Client, job: Supply) -> None:
    path = f"/patients/{job.patient}/prescriptions/{job.prescription}"
    _posted(client, f"{path}/authorize", path)


def _confirm(client: Client, number: str) -> None:
    _posted(client, f"/pharmacy/{number}/confirm", f"/pharmacy/{number}", is_same="y")


def _dispense(client: Client, number: str) -> None:
    _posted(client, f"/pharmacy/{number}/dispense", f"/pharmacy/{number}", handover="in_person")


STEPS = ("authorize", "confirm", "dispense")
_DISPENSED = text("SELECT number FROM dispense WHERE prescription = :of AND status = 'dispensed'")


def _measure(url: str, var: Path, requests: int, yardstick: Callable[[], float], progress: Progress) -> list[list[str]]:
    supplies = _seed(url, var, requests * len(SIZES) + CLIENTS * 4, progress)
    app = open_app(world.settings_for(url, var), SYSTEM)
    rows: list[list[str]] = []
    rates: dict[str, list[float]] = {step: [] for step in STEPS}
    with _served(url, var) as port:
        clinic = [Client(port, "prescriber") for _ in range(CLIENTS)]
        pharmacy = [Client(port, "pharmacist") for _ in range(CLIENTS)]
        _round(app, clinic, pharmacy, supplies[: CLIENTS * 4])  # warm
        for place, size in enumerate(SIZES):
            _fill(app, size, progress)
            first = CLIENTS * 4 + place * requests
            before = yardstick()
            measured = _round(app, clinic, pharmacy, supplies[first : first + requests])
            alone = (before + yardstick()) / 2
            for step, (rate, slowest) in zip(STEPS, measured, strict=True):
                rates[step].append(rate)
                ratio = f"{rate / alone:.3f}"
                rows.append([f"{size:,}", step, f"{rate:,.0f}", f"{slowest:.0f}", f"{alone:,.0f}", ratio])
    rows += [["growth", step, f"{few / many:.2f}", "", "", ""] for step, (few, many) in rates.items()]
    _check(app, [s.prescription for s in supplies])
    return rows


def _round(app: App, clinic: list[Client], pharmacy: list[Client], jobs: list[Supply]) -> list[tuple[float, float]]:
    """Authorize all, confirm all, dispense all; each step's rate and slowest hundredth."""
    authorized = _rate(clinic, jobs, _authorize)
    numbers = _numbers(app, [job.prescription for job in jobs])
    return [authorized, _rate(pharmacy, numbers, _confirm), _rate(pharmacy, numbers, _dispense)]


def _numbers(app: App, prescriptions: list[str]) -> list[str]:
    found = []
    with app.db.read() as uow:
        for prescription in prescriptions:
            row = states.live_authorization(uow, prescription)
            if row is None or not row.number:
                raise RuntimeError(f"{prescription} was not authorized")
            found.append(row.number)
    return found


def _check(app: App, prescriptions: list[str]) -> None:
    """Every prescription of the run stands dispensed with a released number, or the figures mean nothing."""
    with app.db.read() as uow:
        for prescription in prescriptions:
            found = uow.execute(_DISPENSED, {"of": prescription}).scalar()
            if not found:
                raise RuntimeError(f"{prescription} was not dispensed")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench http")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    console = Console()
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server(pgbench.DURABLE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pgbench.prepare(server)
        progress = stack.enter_context(Progress(console=console, disable=not console.is_terminal))
        for name in options.database or ["sqlite", "postgresql"]:
            url = f"sqlite:///{folder}/bench.db" if name == "sqlite" else _database(server)
            columns = ("log entries", "step", "a second", "p99 ms", "pgbench/s", "ratio")
            table = Table(*columns, title=f"{name}, {CLIENTS} clients")
            for row in _measure(
                url, folder / name, options.requests, lambda: pgbench.transactions_per_second(server), progress
            ):
                table.add_row(*row)
            console.print(table)


def _database(server: str) -> str:
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE kelsey_bench")
    return server.rsplit("/", 1)[0] + "/kelsey_bench"
