"""`kelsey init`, `demo`, `users` and `sites`: what whoever has a shell on the machine may do, as operator."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from compliance.cli.speaking import Failure
from compliance.services import accounts, logs
from compliance.services.actor import operator
from compliance.services.app import App, open_app
from compliance.services.errors import ServiceError
from compliance.services.setup import initialise
from compliance.settings import Settings

_UNPREPARED = frozenset({"STORAGE_UNAVAILABLE", "SCHEMA_MISMATCH", "KEY_MISSING"})


def opened(settings: Settings) -> App:
    """The programme, or one line that says why not; what was never prepared is the likeliest reason."""
    try:
        return open_app(settings)
    except ServiceError as error:
        hint = "; has kelsey init been run?" if error.code in _UNPREPARED else ""
        raise Failure(f"{error}{hint}") from error


@contextmanager
def programme() -> Iterator[App]:
    """The running programme, and one line instead of a traceback when it refuses."""
    app = opened(Settings.from_environment())
    try:
        yield app
    except ServiceError as error:
        raise Failure(str(error)) from error
    finally:
        app.close()


def init(options: argparse.Namespace) -> int:  # noqa: ARG001 - all commands share one signature
    """Prepare everything; print the log's public key, which auditors must not take from an export."""
    settings = Settings.from_environment()
    try:
        initialise(settings)
    except ServiceError as error:
        raise Failure(str(error)) from error
    with programme() as app:
        print(f"ready in {settings.var}; the log's public key is\n{logs.log_vkey(app)}")
    return 0


def demo(options: argparse.Namespace) -> int:
    """Load the pilot programme."""
    if options.fhir is not None and not options.fhir.is_dir():
        raise Failure(f"{options.fhir}: there is no such folder", 2)
    try:
        import_module("compliance.demo").run(Settings.from_environment(), fhir=options.fhir)
    except ServiceError as error:
        raise Failure(str(error)) from error
    return 0


def add_user(options: argparse.Namespace) -> int:
    """Add a person; the password never stands on the command line, where others could read it."""
    with programme() as app:
        user = accounts.add_user(
            app,
            operator(),
            username=options.username,
            name=options.name,
            role=options.role,
            site=options.site,
            password=_password(from_input=options.password_stdin),
        )
        print(user.id)
    return 0


def _password(*, from_input: bool) -> str:
    if from_input or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise Failure("the two passwords differ; nobody was added")
    return first


def list_users(options: argparse.Namespace) -> int:  # noqa: ARG001 - all commands share one signature
    """List everybody who has an account."""
    with programme() as app:
        for user in accounts.list_users(app, operator()):
            state = "active" if user.is_active else "deactivated"
            print(f"{user.id}  {user.username}  {user.role.value}  {user.site}  {state}  {user.name}")
    return 0


def add_site(options: argparse.Namespace) -> int:
    """Add a clinic, a pharmacy or an office."""
    with programme() as app:
        print(accounts.add_site(app, operator(), name=options.name, kind=options.kind, zone=options.zone).id)
    return 0


def list_sites(options: argparse.Namespace) -> int:  # noqa: ARG001 - all commands share one signature
    """List all sites."""
    with programme() as app:
        for site in accounts.list_sites(app, operator()):
            print(f"{site.id}  {site.kind}  {site.zone}  {site.name}")
    return 0
