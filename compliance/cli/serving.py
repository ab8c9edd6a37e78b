"""`kelsey serve`: pages and API in one server, with the processes and threads measured best."""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

from compliance.cli.operating import opened
from compliance.cli.speaking import Failure
from compliance.settings import Settings

FACTORY = "compliance.app:build()"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - for gunicorn's heartbeat, which must not wait for a disk
_MOST_WORKERS = 64


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """A gunicorn that takes its options from us alone, not from a file that happens to lie about."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.given = options
        super().__init__()

    def load_config(self) -> None:
        """Take over the options."""
        for name, value in self.given.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application, once in each process."""
        return import_app(FACTORY)


def server_options(settings: Settings, workers: int | None) -> dict[str, Any]:
    """One process with SQLite, which takes one writer; two with PostgreSQL; threads shared among them."""
    processes = workers if workers is not None else 1 if settings.uses_sqlite else 2
    if not 1 <= processes <= _MOST_WORKERS:
        raise Failure(f"--workers: give a number from 1 to {_MOST_WORKERS} (given: {processes})", 2)
    if settings.uses_sqlite and processes > 1:
        raise Failure("--workers: SQLite takes one process; use PostgreSQL for more", 2)
    options: dict[str, Any] = {
        "bind": settings.bind,
        "workers": processes,
        "threads": max(1, settings.threads // processes),
        "worker_class": "gthread",
        "proc_name": "kelsey",
        "loglevel": "warning",
    }
    return options | ({"worker_tmp_dir": str(_SHARED_MEMORY)} if _SHARED_MEMORY.is_dir() else {})


def _check_free(bind: str) -> None:
    """Say in one line that an address cannot be had, before it is printed as the place to go to."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "no such name"
        raise Failure(f"{bind}: cannot listen there: {reason.partition(' (')[0]}") from error


def serve(options: argparse.Namespace) -> int:
    """Serve until stopped; what is not ready is said here in one line, and not by dying workers."""
    said = {"KELSEY_BIND": options.bind} if options.bind is not None else {}
    os.environ.update(said)  # the workers read their settings from there
    settings = Settings.from_environment()
    given = server_options(settings, options.workers)
    opened(settings).close()
    _check_free(settings.bind)
    print(f"http://{settings.bind}/", flush=True)
    Server(given).run()
    return 0
