"""The whole demonstration on a fresh database, and its refusal of every other."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.clock import FixedClock
from compliance.demo import DemonstrationRefused, run
from compliance.demo.fhir import Unread
from compliance.demo.programme import PASSWORD, PEOPLE
from compliance.domain.errors import DomainError
from compliance.ledger.verify import verify_bundle
from compliance.services import accounts, logs, setup
from compliance.services.app import open_app
from compliance.settings import Settings

END = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)
TALLY = Counter({
    "test negative": 146, "test positive": 2, "authorize allowed": 139, "authorize denied": 5,
    "confirm allowed": 136, "confirm denied": 3, "dispense allowed": 133, "dispense denied": 1,
    "reversal": 1, "return to stock": 1, "revocation": 1, "review lift": 3,
    "AUTHORIZATION_VOIDED": 1, "CATEGORY_CONTRADICTED": 1, "CERTIFICATION_REVOKED": 1,
    "CONFIRMATION_VOIDED": 1, "CONTRACEPTION_TOO_FEW": 1, "EVALUATION_PENDING": 1, "HELD_POSITIVE_TEST": 2,
    "LATEST_TEST_NOT_NEGATIVE": 1, "PATIENT_SURVEY_OVERDUE": 2, "SUPPLY_LEFT": 1, "TEST_MISSED": 1,
    "TEST_NOT_IN_WINDOW": 1,
})  # fmt: skip


def settings_in(folder: Path) -> Settings:
    return Settings(var=folder, argon2_cost="fast")


def test_a_year_of_the_pilot_comes_to_the_same_outcomes_every_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path)
    loaded = run(settings, progress=False, end=END)
    assert loaded.tally == TALLY
    assert (loaded.patients, loaded.unread) == (15, (Unread("16-obrien.json", "the patient has died"),))
    said = capsys.readouterr().out
    assert f"sign in at http://{settings.bind}/\n" in said
    for username, *_ in PEOPLE:
        assert f"  {username} " in said
    assert PASSWORD in said
    assert all(number in said for number, _ in loaded.shown)
    assert len(loaded.shown) == 4

    clock = FixedClock(END)
    app = open_app(settings, clock)
    try:
        auditor = accounts.sign_in(app, "hall", PASSWORD).actor
        export = logs.export_log(app, auditor, tmp_path / "log.zip")
        report = verify_bundle(str(export.path), export.vkey)
        assert report.findings == []
        assert report.checkpoint is not None
        assert report.checkpoint.size == export.size
    finally:
        app.close()

    with pytest.raises(DemonstrationRefused) as caught:
        run(settings, progress=False, end=END)
    assert caught.value.code == "DATABASE_IN_USE"


def one_patient(folder: Path) -> Path:
    folder.mkdir()
    text = (
        '{"resourceType": "Patient", "name": [{"family": "A", "given": ["B"]}], '
        '"gender": "unknown", "birthDate": "1990-01-01"}'
    )
    (folder / "one.json").write_text(text)
    return folder


def test_a_folder_without_a_patient_is_refused_before_a_database_is_begun(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{}")
    with pytest.raises(DomainError) as caught:
        run(settings_in(tmp_path / "var"), tmp_path, progress=False, end=END)
    assert str(caught.value) == (
        f"{tmp_path}: no patient can be taken from the 1 JSON files in this folder; "
        "one.json: is neither a Bundle nor a Patient"
    )
    assert not (tmp_path / "var").exists()


def test_patients_whom_the_register_refuses_are_named_and_do_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = one_patient(tmp_path / "fhir")
    plain = json.loads((folder / "one.json").read_text())
    record = {"type": {"coding": [{"code": "MR"}]}, "system": "urn:oid:2.999", "value": "MRN-1"}
    others = {
        "born-later": {"birthDate": "2026-06-01"},
        "long": {"name": [{"family": "x" * 101, "given": ["B"]}]},
        "same-1": {"identifier": [record]},
        "same-2": {},
        "same-3": {"identifier": [record]},  # every second patient belongs to the same clinic
    }
    for name, changed in others.items():
        (folder / f"{name}.json").write_text(json.dumps(plain | changed))
    loaded = run(settings_in(tmp_path / "var"), folder, progress=False, end=END)
    unread = (
        Unread("born-later.json", "not born yet on 16 Jun 2025, when the story begins"),
        Unread("long.json", "family_name: give a name of 1 to 100 characters"),
        Unread("same-3.json", "a patient with this identifier is registered at the site"),
    )
    assert (loaded.patients, loaded.unread) == (3, unread)
    said = capsys.readouterr().out
    assert "The pilot programme: 3 patients" in said
    assert all(f"  not taken: {one.name}: {one.reason}\n" in said for one in unread)


def test_a_log_that_has_only_begun_today_is_begun_again_a_year_ago(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var")
    setup.initialise(settings, FixedClock(END))
    key = settings.log_key_file.read_text()
    assert run(settings, one_patient(tmp_path / "fhir"), progress=False, end=END).patients == 1
    assert settings.log_key_file.read_text() == key


@pytest.mark.postgresql
def test_on_postgresql_a_log_that_has_begun_is_not_touched(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, database_url=postgres_url, argon2_cost="fast")
    setup.initialise(settings, FixedClock(END))
    with pytest.raises(DemonstrationRefused) as caught:
        run(settings, one_patient(tmp_path / "fhir"), progress=False, end=END)
    assert caught.value.code == "LOG_HAS_BEGUN"


@pytest.mark.postgresql
def test_the_demonstration_runs_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, database_url=postgres_url, argon2_cost="fast")
    loaded = run(settings, one_patient(tmp_path / "fhir"), progress=False, end=END)
    assert loaded.tally["SUPPLY_LEFT"] == 1
    assert loaded.tally["authorize denied"] == 0


def test_a_database_that_somebody_uses_is_not_touched(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var")
    clock = FixedClock(END)
    setup.initialise(settings, clock)
    app = open_app(settings, clock)
    accounts.add_site(app, accounts.operator(), name="Real Clinic", kind="clinic", zone="UTC")
    try:
        with pytest.raises(DemonstrationRefused) as caught:
            run(settings, one_patient(tmp_path / "fhir"), progress=False, end=END)
        assert caught.value.code == "DATABASE_IN_USE"
        assert [site.name for site in accounts.list_sites(app, accounts.operator())] == ["Real Clinic"]
    finally:
        app.close()
