"""What goes wrong underneath arrives above as one of a few things, and never as a crash."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance.services import accounts, authorizing, facts, patients
from compliance.services.app import open_app
from compliance.services.errors import Unavailable
from compliance.storage.database import Database, Prepared, Uow
from compliance.storage.errors import Busy, Clash, StorageUnavailable
from compliance.storage.tables import site
from tests.services.world import PASSWORD, build, settings_for


def test_a_unit_that_fails_leaves_nothing(database_url: str) -> None:
    db = Database(database_url)

    def unit(uow: Uow) -> None:
        _add_site(uow, "s1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        db.run(unit)
    with db.read() as uow:
        assert uow.execute(text("SELECT count(*) FROM site")).scalar_one() == 0
    db.close()


def test_a_broken_rule_is_named_alike_on_both_databases(database_url: str) -> None:
    db = Database(database_url)
    row = {
        "id": "u",
        "name": "n",
        "role": "auditor",
        "site": "s",
        "password_hash": "",
        "is_active": 1,
        "created_at": "",
    }
    with db.write() as uow:
        _add_site(uow, "s")
        uow.do(_person(), row | {"username": "same"})
    with pytest.raises(Clash) as clash, db.write() as uow:
        uow.do(_person(), row | {"id": "v", "username": "same"})
    assert clash.value.rule == "one_person_per_username"
    db.close()


def test_a_unit_is_run_again_when_another_stood_in_its_way(sqlite_url: str) -> None:
    db, tries = Database(sqlite_url), []

    def unit(_: object) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Busy("locked")
        return "done"

    assert (db.run(unit), len(tries)) == ("done", 3)

    def never(_: object) -> None:
        raise Busy("locked")

    with pytest.raises(StorageUnavailable):
        db.run(never)
    db.close()


def test_a_deadlock_on_postgresql_is_run_again(postgres_url: str) -> None:
    db = Database(postgres_url)
    with db.write() as uow:
        _add_site(uow, "a")
        _add_site(uow, "b")
    barrier, tries = threading.Barrier(2), []

    def cross(first: str, second: str) -> None:
        def unit(uow: Uow) -> None:
            tries.append(first)
            uow.execute(text("UPDATE site SET name = 'x' WHERE id = :id"), {"id": first})
            if len(tries) <= 2:
                barrier.wait(10)
            uow.execute(text("UPDATE site SET name = 'x' WHERE id = :id"), {"id": second})

        db.run(unit)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) >= 3  # one of the two was refused and ran again, now and then into the same arms
    with db.read() as uow:
        assert uow.execute(text("SELECT count(*) FROM site WHERE name = 'x'")).scalar() == 2
    db.close()


def test_a_full_disk_is_said_and_nothing_is_stored(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    prescription = world.prescribed("adult_frp")
    own = world.patient_of(prescription)
    with world.app.db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def full(connection: sqlite3.Connection, _: object, __: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    event.listen(world.app.db.engine, "checkout", full)
    cycle = {"fact": "cycle", "regularity": "regular"}
    for act in (
        lambda: [facts.record_fact(world.app, world.prescriber, own, cycle) for _ in range(200)],
        lambda: [authorizing.authorize(world.app, world.prescriber, prescription) for _ in range(20)],
    ):
        with pytest.raises(Unavailable) as refusal:
            act()
        assert refusal.value.code == "STORAGE_UNAVAILABLE"
    event.remove(world.app.db.engine, "checkout", full)
    world.app.db.engine.dispose()
    world.app.log.settle_all()
    world.app.log.check()
    world.app.close()


def test_a_database_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable), Database(f"sqlite:///{tmp_path}/no/such/folder.db").read() as uow:
        uow.execute(text("SELECT 1"))
    with pytest.raises(StorageUnavailable), Database("postgresql://nobody@127.0.0.1:1/none").read():
        pass
    with pytest.raises(Unavailable) as refusal:
        open_app(settings_for("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path))
    assert refusal.value.code == "STORAGE_UNAVAILABLE"


def test_a_database_nobody_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        open_app(settings_for(f"sqlite:///{tmp_path}/empty.db", tmp_path))
    assert (refusal.value.code, "kelsey init" in str(refusal.value)) == ("SCHEMA_MISMATCH", True)


def test_a_record_with_an_unreadable_fact_is_not_decided_on(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    prescription = world.prescribed()
    own = world.patient_of(prescription)
    with world.app.db.write() as uow:
        uow.execute(
            text("INSERT INTO fact (id, patient, kind, at, recorded_at, body) VALUES ('x', :p, 'cycle', '', '', '{')"),
            {"p": own},
        )
    for act in (
        lambda: authorizing.authorize(world.app, world.prescriber, prescription),
        lambda: patients.get_patient(world.app, world.prescriber, own),
    ):
        with pytest.raises(Unavailable) as refusal:
            act()
        assert refusal.value.code == "RECORD_UNREADABLE"
    world.app.close()


def test_recognising_a_session_takes_one_query(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    token = accounts.sign_in(world.app, "auditor", PASSWORD).token
    run: list[str] = []
    original = Uow._ask

    def counted(uow: Uow, prepared: Prepared, values: object) -> None:
        run.append(str(prepared))
        original(uow, prepared, values)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Uow, "_ask", counted)
        world.clock.advance(timedelta(seconds=59))
        assert accounts.actor_of_session(world.app, token) is not None
    assert len(run) == 1
    world.app.close()


def _person() -> Prepared:
    from compliance.storage.tables import person

    return Prepared(person.insert())


def _add_site(uow: Uow, own: str) -> None:
    row = {"id": own, "name": own, "kind": "office", "zone": "UTC", "created_at": ""}
    uow.execute(site.insert(), row)
