"""The log proves what was done, says nothing about anybody, and can be taken home."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from compliance.ledger.entry import commitment, parse_leaf
from compliance.ledger.verify import verify_bundle
from compliance.services import authorizing, logs, patients
from compliance.services.errors import Invalid, NotFound, NotPermitted, Unavailable
from compliance.storage import log_rows
from tests.services.world import World

PERSONAL = ("Okoye", "Ann", "1990-05-17", "MRN-4711", "positive", "adult_frp", "combined_pill")


def test_no_leaf_says_anything_about_a_patient(sqlite_world: World) -> None:
    world = sqlite_world
    patients.register_patient(
        world.app, world.prescriber, family_name="Okoye", given_name="Ann", birth_date=date(1990, 5, 17),
        external_ids=[("mrn", "MRN-4711")],
    )  # fmt: skip
    number, _ = world.dispensed("adult_frp")
    own = world.patient_of(world.entries()[-1]["refs"]["prescription"])
    world.test(own, timedelta(minutes=1), "positive")
    with world.app.db.read() as uow:
        leaves = [row.leaf.decode() for row in log_rows.page(uow, 0, 1000)]
    for secret in (*PERSONAL, own, number):
        assert [leaf for leaf in leaves if secret in leaf] == [], secret
    assert len(leaves) > 30


def test_what_an_entry_hides_opens_its_commitments_and_nothing_else_does(sqlite_world: World) -> None:
    world = sqlite_world
    own = world.patient()
    world.say(world.prescriber, own, "cycle", regularity="irregular")
    entry = world.newest()
    with world.app.db.read() as uow:
        found = log_rows.disclosure(uow, entry["txn"])
    assert found is not None
    patient, sealed, wrapped = found
    assert b"irregular" not in sealed
    told = json.loads(world.app.vault.open(wrapped, patient, entry["txn"], sealed))
    opened = [commitment(bytes.fromhex(one["salt"]), one["path"], one["value"]) for one in told]
    assert sorted(opened) == entry["sd"]
    assert {one["path"]: one["value"] for one in told}["patient"] == own
    changed = commitment(bytes.fromhex(told[0]["salt"]), told[0]["path"], "something else")
    assert changed not in entry["sd"]


def test_an_export_is_verified_by_the_stand_alone_verifier(world: World, tmp_path: Path) -> None:
    world.dispensed()
    taken = logs.export_log(world.app, world.auditor, tmp_path / "log.zip")
    report = verify_bundle(str(taken.path), taken.vkey)
    assert report.ok, report
    assert world.entries()[taken.size - 1]["type"] == "log.exported"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".kelsey")) == []


def test_an_export_to_nowhere_is_refused(sqlite_world: World, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        logs.export_log(sqlite_world.app, sqlite_world.auditor, tmp_path / "no" / "log.zip")


def test_entries_are_for_oversight_and_receipts_for_those_concerned(world: World) -> None:
    outcome = world.authorized()
    with pytest.raises(NotPermitted):
        logs.list_entries(world.app, world.prescriber, 0, 10)
    with pytest.raises(NotPermitted):
        logs.export_log(world.app, world.pharmacist, "log.zip")
    entries = logs.list_entries(world.app, world.auditor, 2, 3)
    assert [entry.idx for entry in entries] == [2, 3, 4]
    assert all(parse_leaf(entry.leaf)["type"] == entry.entry_type for entry in entries)
    for who in (world.prescriber, world.colleague, world.auditor):
        assert logs.get_receipt(world.app, who, outcome.number).startswith("c2sp.org/tlog-proof@v1\n")
    for who, name in (
        (world.other_prescriber, outcome.number),
        (world.auditor, "t_none"),
        (world.auditor, ""),
    ):
        with pytest.raises(NotFound):
            logs.get_receipt(world.app, who, name)
    with pytest.raises(Invalid):
        logs.list_entries(world.app, world.auditor, 0, 501)


def test_a_clock_that_steps_back_stops_everything(world: World) -> None:
    prescription = world.prescribed()
    world.clock._at -= timedelta(seconds=2)
    with pytest.raises(Unavailable) as refusal:
        authorizing.authorize(world.app, world.prescriber, prescription)
    assert refusal.value.code == "CLOCK_DISTRUSTED"
    world.clock._at += timedelta(seconds=1)
    assert authorizing.authorize(world.app, world.prescriber, prescription).is_allowed


def test_time_never_goes_back_in_the_log(world: World) -> None:
    world.authorized()
    world.clock._at -= timedelta(milliseconds=900)
    world.patient()
    times = [entry["t"] for entry in world.entries()]
    assert times == sorted(times)
    assert times[-1] == times[-2]
