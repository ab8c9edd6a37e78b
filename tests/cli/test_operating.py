"""What an operator can do from a shell: prepare, add sites and people, serve; every refusal is one line."""

import io
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from compliance.cli.serving import Server, server_options
from compliance.cli.speaking import Failure
from compliance.settings import Settings
from tests.cli.conftest import Kelsey, Said

PASSWORD = "a long enough password"


def test_init_makes_folder_keys_and_database_and_is_idempotent(kelsey: Kelsey, var: Path) -> None:
    first = kelsey("init")
    keys = {path.name: path.read_bytes() for path in var.glob("*.key")}
    second = kelsey("init")
    assert (first.code, second.code, first.err) == (0, 0, "")
    assert first.out == second.out
    assert first.out.splitlines()[0] == f"ready in {var}; the log's public key is"
    assert first.out.splitlines()[1].startswith("localhost/kelsey+")
    assert {path.name: path.read_bytes() for path in var.glob("*.key")} == keys
    assert set(keys) == {"secret.key", "log.key", "data.key"}


def added(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch, site: str, password: str = PASSWORD) -> Said:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    person = ["roe", "--name", "Pat Roe", "--role", "pharmacist", "--site", site, "--password-stdin"]
    return kelsey("users", "add", *person)


def test_sites_and_people_are_added_and_listed(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    kelsey("init")
    site = kelsey("sites", "add", "Main Street", "--kind", "pharmacy", "--zone", "America/New_York")
    person = added(kelsey, monkeypatch, site.out.strip())
    assert (site.code, person.code, person.err) == (0, 0, "")
    assert kelsey("sites", "list").out == f"{site.out.strip()}  pharmacy  America/New_York  Main Street\n"
    assert kelsey("users", "list").out == (
        f"{person.out.strip()}  roe  pharmacist  {site.out.strip()}  active  Pat Roe\n"
    )


def test_what_cannot_be_added_is_refused_in_one_line(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    kelsey("init")
    short = added(kelsey, monkeypatch, "site_x", "short")
    nowhere = added(kelsey, monkeypatch, "site_x")
    zone = kelsey("sites", "add", "Main Street", "--kind", "pharmacy", "--zone", "Mars/Base")
    assert [(said.code, said.out) for said in (short, nowhere, zone)] == [(1, "")] * 3
    assert short.err == "kelsey: password: choose a password of 12 to 200 characters\n"
    assert nowhere.err == "kelsey: there is no such site; check the number or id\n"
    assert zone.err == "kelsey: name a zone of the IANA time zone database (given: Mars/Base)\n"


def test_two_different_passwords_at_a_terminal_add_nobody(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    kelsey("init")
    answers = iter([PASSWORD, PASSWORD + "!"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr("compliance.cli.operating.sys.stdin", type("Tty", (), {"isatty": lambda _: True})())
    said = kelsey("users", "add", "roe", "--name", "Pat Roe", "--role", "pharmacist", "--site", "site_x")
    assert (said.code, said.err) == (1, "kelsey: the two passwords differ; nobody was added\n")


@pytest.mark.parametrize("command", [["users", "list"], ["serve"], ["log", "show", "--database"]])
def test_before_init_every_command_says_what_to_do(command: list[str], kelsey: Kelsey) -> None:
    said = kelsey(*command)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "kelsey init" in said.err


def test_an_unknown_setting_is_named(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KELSEY_SECURE_COKIES", "0")
    said = kelsey("init")
    assert said.code == 2
    assert said.err.startswith("kelsey: KELSEY_SECURE_COKIES is not a setting; there are ")


def test_a_demonstration_from_a_folder_that_is_not_there_is_refused(kelsey: Kelsey, tmp_path: Path) -> None:
    said = kelsey("demo", "--fhir", tmp_path / "nothing")
    assert (said.code, said.err) == (2, f"kelsey: {tmp_path / 'nothing'}: there is no such folder\n")


def test_a_demonstration_from_a_folder_without_patients_begins_no_database(
    kelsey: Kelsey, tmp_path: Path, var: Path
) -> None:
    (tmp_path / "fhir").mkdir()
    (tmp_path / "fhir" / "a.json").write_bytes(b"[]")
    says = "no patient can be taken from the 1 JSON files in this folder; a.json: is not a FHIR resource"
    said = kelsey("demo", "--fhir", tmp_path / "fhir")
    assert (said.code, said.out, said.err) == (2, "", f"kelsey: {tmp_path / 'fhir'}: {says}\n")
    assert not var.exists()


POSTGRES = "postgresql+psycopg://kelsey@localhost/kelsey"


@pytest.mark.parametrize(
    ("url", "workers", "expected"),
    [
        ("", None, (1, 8)), ("", 1, (1, 8)),
        (POSTGRES, None, (2, 4)), (POSTGRES, 1, (1, 8)), (POSTGRES, 16, (16, 1)),
    ],
)  # fmt: skip
def test_processes_and_threads_suit_the_database(url: str, workers: int | None, expected: tuple[int, int]) -> None:
    options = server_options(Settings(database_url=url), workers)
    assert (options["workers"], options["threads"], options["worker_class"]) == (*expected, "gthread")
    assert Server(options).cfg.workers == expected[0]


@pytest.mark.parametrize(
    ("url", "workers", "says"),
    [
        ("", 2, "--workers: SQLite takes one process; use PostgreSQL for more"),
        (POSTGRES, 0, "--workers: give a number from 1 to 64 (given: 0)"),
        (POSTGRES, 65, "--workers: give a number from 1 to 64 (given: 65)"),
    ],
)
def test_processes_that_the_database_cannot_bear_are_refused(url: str, workers: int, says: str) -> None:
    with pytest.raises(Failure) as refused:
        server_options(Settings(database_url=url), workers)
    assert (str(refused.value), refused.value.exit_code) == (says, 2)


def test_an_address_that_cannot_be_used_is_refused(kelsey: Kelsey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KELSEY_BIND", "127.0.0.1:1")
    said = kelsey("serve", "--bind", "here")
    says = "kelsey: KELSEY_BIND is 'here'; write host:port, such as 127.0.0.1:8000\n"
    assert (said.code, said.err) == (2, says)


def test_an_address_that_somebody_else_has_is_refused_before_it_is_printed(kelsey: Kelsey) -> None:
    kelsey("init")
    with socket.create_server(("localhost", 0)) as taken:
        bind = f"localhost:{taken.getsockname()[1]}"
        said = kelsey("serve", "--bind", bind)
    assert (said.code, said.out, said.err) == (1, "", f"kelsey: {bind}: cannot listen there: Address already in use\n")


@pytest.mark.parametrize("name", ["kelsey.invalid", "a" * 70, "[2001:db8::1]"])
def test_an_address_that_is_nobodys_is_refused_in_one_line(name: str, kelsey: Kelsey) -> None:
    kelsey("init")
    said = kelsey("serve", "--bind", f"{name}:8123")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith(f"kelsey: {name}:8123: cannot listen there: ")


def test_serve_prints_its_address_and_answers_there(kelsey: Kelsey, var: Path) -> None:
    kelsey("init")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "compliance.cli", "serve", "--bind", bind]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"http://{bind}/\n"
            assert _answers(f"http://{bind}/api/v1/openapi.json") == 200
        finally:
            process.terminate()
    assert process.returncode == 0


def _answers(address: str) -> int:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return int(answer.status)
        except OSError:
            if "refused" not in str(sys.exc_info()[1]):
                raise
            subprocess.run(["sleep", "0.1"], check=True)
    return 0
