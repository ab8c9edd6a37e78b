"""What breaks underneath is said in a few words, releases nothing, and leaves nothing behind."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, text

from compliance.domain.facts import CertifiedRole, Handover, ReviewOutcome, Step
from compliance.ledger.note import Signer
from compliance.services import accounts, authorizing, certifying, deciding, dispensing, facts, holds, logs, patients
from compliance.services.app import open_app
from compliance.services.errors import Invalid, NotFound, NotPermitted, ServiceError
from compliance.storage.database import Database
from compliance.storage.log import LogKeeper, Sequenced
from tests.services.test_every_verb import everything
from tests.services.world import OPERATOR, PASSWORD, PROGRAMME, World

POSITIVE = {"fact": "pregnancy_test", "result": "positive"}
UNSTORABLE = ["a\x00b", "half a character \ud800"]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as refusal:
        act()
    return refusal.value.code


def test_an_idle_connection_that_was_lost_is_replaced(postgres_world: World) -> None:
    prescription = postgres_world.prescribed("adult_frp")
    _end_connections(postgres_world)
    assert postgres_world.authorized(prescription).is_allowed


def test_a_connection_lost_in_the_middle_of_an_act_undoes_it(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = postgres_world
    prescription = world.prescribed("adult_frp")
    before = everything(world)
    append = LogKeeper.append

    def lost(keeper: LogKeeper, *given: object, **more: object) -> None:
        append(keeper, *given, **more)  # type: ignore[arg-type]
        _end_connections(world)

    with monkeypatch.context() as patch:
        patch.setattr(LogKeeper, "append", lost)
        act = lambda: authorizing.authorize(world.app, world.prescriber, prescription, key="once")  # noqa: E731
        assert code_of(act) == "STORAGE_UNAVAILABLE"
    assert everything(world) == before
    found = authorizing.authorize(world.app, world.prescriber, prescription, key="once")
    assert (found.is_allowed, found.replayed) == (True, False)


def test_a_database_that_has_gone_releases_nothing(postgres_world: World) -> None:
    world = postgres_world
    number, _ = world.confirmed("adult_frp")
    with _gone(world):
        for act in (
            lambda: dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON),
            lambda: dispensing.look_up(world.app, world.pharmacist, number),
            lambda: facts.record_fact(world.app, world.pharmacist, number, POSITIVE),
            lambda: accounts.sign_in(world.app, "auditor", PASSWORD),
            lambda: accounts.actor_of_session(world.app, "token"),
        ):
            assert code_of(act) == "STORAGE_UNAVAILABLE"
    assert facts.record_fact(world.app, world.pharmacist, number, POSITIVE).held


def test_a_positive_test_that_finds_no_room_is_refused_aloud_and_taken_once_there_is(sqlite_world: World) -> None:
    world = sqlite_world
    number, _ = world.confirmed("adult_frp")
    big = POSITIVE | {"specimen": "S" * 100}
    with _full(world):
        assert code_of(lambda: [facts.record_fact(world.app, world.auditor, number, big) for _ in range(200)]) == (
            "STORAGE_UNAVAILABLE"
        )
    assert facts.record_fact(world.app, world.auditor, number, big).held
    refused = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)
    assert "HELD_PREGNANCY_REPORT" in refused.decision.codes


def test_the_last_room_on_the_disk_is_kept_for_positive_tests(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    number, _ = world.confirmed("adult_frp")
    disk = os.statvfs_result((4096, 4096, 10_000, 100, 100, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    before = everything(world)
    act = lambda: dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON)  # noqa: E731
    assert code_of(act) == "STORAGE_UNAVAILABLE"
    assert everything(world) == before
    assert facts.record_fact(world.app, world.pharmacist, number, POSITIVE).held
    monkeypatch.undo()
    assert not dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON).is_allowed


def test_no_number_is_answered_under_a_signature_of_another_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = world.prescribed()
    settle = world.app.log.settle
    impostor = LogKeeper(world.app.db, Signer.generate(world.app.log.origin), world.clock)

    def taken_over(txn: str) -> Sequenced:
        impostor.settle_all()
        return settle(txn)

    with monkeypatch.context() as patch:
        patch.setattr(world.app.log, "settle", taken_over)
        act = lambda: authorizing.authorize(world.app, world.prescriber, prescription)  # noqa: E731
        assert code_of(act) == "LOG_REFUSED"
    assert code_of(lambda: open_app(world.app.settings, world.clock, world.app.policies)) == "LOG_BROKEN"


def test_no_number_is_answered_for_another_entry_than_was_signed(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    prescription = world.prescribed()
    settle = world.app.log.settle

    def tampered(txn: str) -> Sequenced:
        entry = settle(txn)
        return replace(entry, leaf=entry.leaf.replace(b'"denied"', b'"allowed"').replace(b'"allowed"', b'"denied"'))

    monkeypatch.setattr(world.app.log, "settle", tampered)
    act = lambda: authorizing.authorize(world.app, world.prescriber, prescription)  # noqa: E731
    assert code_of(act) == "LOG_REFUSED"


@pytest.mark.parametrize("odd", UNSTORABLE)
def test_text_that_no_database_keeps_is_refused_everywhere(world: World, odd: str) -> None:
    own = world.patient()
    number = world.authorized().number
    before = everything(world)
    app, prescriber, pharmacist = world.app, world.prescriber, world.pharmacist
    for act in (
        lambda: patients.get_patient(app, prescriber, odd),
        lambda: patients.find_patients(app, prescriber, odd),
        lambda: patients.register_patient(
            app, prescriber, family_name=odd, given_name="Ann", birth_date=date(1990, 5, 17)
        ),
        lambda: facts.record_fact(app, prescriber, odd, {"fact": "cycle", "regularity": "regular"}),
        lambda: facts.record_fact(app, prescriber, odd, POSITIVE),
        lambda: facts.correct_fact(app, prescriber, own, odd, None, "why"),
        lambda: facts.correct_fact(app, prescriber, odd, "f_x", None, odd),
        lambda: authorizing.authorize(app, prescriber, odd),
        lambda: authorizing.void_authorization(app, prescriber, odd, "why"),
        lambda: authorizing.void_authorization(app, prescriber, number, odd),
        lambda: dispensing.confirm(app, pharmacist, odd),
        lambda: dispensing.dispense(app, pharmacist, odd, Handover.IN_PERSON),
        lambda: dispensing.look_up(app, pharmacist, odd),
        lambda: dispensing.reverse(app, pharmacist, odd, "why"),
        lambda: dispensing.return_to_stock(app, pharmacist, odd, "why"),
        lambda: deciding.ask(app, pharmacist, Step.CONFIRM, odd),
        lambda: deciding.preview(app, pharmacist, Step.CONFIRM, odd),
        lambda: holds.place_hold(app, pharmacist, odd, "why"),
        lambda: holds.review_hold(app, prescriber, own, odd, ReviewOutcome.LIFT, "why"),
        lambda: certifying.certify(app, OPERATOR, odd, CertifiedRole.PRESCRIBER, date(2027, 1, 1), PROGRAMME),
        lambda: certifying.certify(app, OPERATOR, odd, CertifiedRole.PHARMACY, date(2027, 1, 1), PROGRAMME),
        lambda: certifying.revoke(app, OPERATOR, odd, CertifiedRole.PHARMACIST, "why", PROGRAMME),
        lambda: logs.get_receipt(app, prescriber, odd),
        lambda: accounts.set_password(app, OPERATOR, odd, PASSWORD),
        lambda: accounts.issue_api_key(app, OPERATOR, odd),
        lambda: accounts.add_site(app, OPERATOR, name=odd, kind="clinic", zone="UTC"),
        lambda: accounts.add_site(app, OPERATOR, name="Yew", kind=odd, zone="UTC"),
        lambda: accounts.add_site(app, OPERATOR, name="Yew", kind="clinic", zone=odd),
        lambda: accounts.add_user(
            app, OPERATOR, username="newone", name="New", role="auditor", site=odd, password=PASSWORD
        ),
        lambda: accounts.add_user(
            app, OPERATOR, username=odd, name="New", role="auditor", site=world.auditor.site, password=PASSWORD
        ),
    ):
        with pytest.raises((Invalid, NotFound)):
            act()
    assert everything(world) == before


@pytest.mark.parametrize("odd", UNSTORABLE)
def test_odd_names_tokens_and_passwords_are_nobodys(world: World, odd: str) -> None:
    for username, password in ((odd, PASSWORD), ("auditor", odd), (odd, odd)):
        with pytest.raises(NotPermitted) as refusal:
            accounts.sign_in(world.app, username, password)
        assert refusal.value.code == "SIGN_IN_FAILED"
    assert accounts.actor_of_session(world.app, odd) is None
    assert accounts.actor_of_api_key(world.app, f"kelsey_{odd}") is None


def test_news_with_a_member_nobody_can_store_is_taken_all_the_same(world: World) -> None:
    number = world.authorized(world.prescribed("adult_frp")).number
    told = POSITIVE | {"\ud800\x00": 1, "specimen": "\ud800\x00", "at": 10**400, "prescription": "\x00"}
    recorded = facts.record_fact(world.app, world.auditor, number, told)
    assert (recorded.held, recorded.voided) == (True, (number,))


def test_a_number_beyond_any_log_is_refused(world: World) -> None:
    assert code_of(lambda: logs.list_entries(world.app, world.auditor, 2**70, 10)) == "UNREADABLE"
    assert logs.list_entries(world.app, world.auditor, 2**40, 10) == []


def test_an_export_that_cannot_be_written_leaves_no_half_of_one(sqlite_world: World, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    act = lambda: logs.export_log(sqlite_world.app, sqlite_world.auditor, tmp_path / "taken")  # noqa: E731
    assert code_of(act) == "PATH_UNUSABLE"
    assert [path.name for path in tmp_path.glob(".kelsey-*")] == []


def _admin(world: World, statement: str) -> None:
    server = world.app.settings.database_url.rpartition("/")[0]
    db = Database(f"{server}/postgres")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    db.close()


def _end_connections(world: World) -> None:
    name = world.app.settings.database_url.rpartition("/")[2]
    _admin(world, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@contextmanager
def _gone(world: World) -> Iterator[None]:
    """A server that turns everybody away, and has ended whatever was open."""
    name = world.app.settings.database_url.rpartition("/")[2]
    _admin(world, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    _end_connections(world)
    try:
        yield
    finally:
        _admin(world, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@contextmanager
def _full(world: World) -> Iterator[None]:
    """A disk with hardly any room left."""
    engine = world.app.db.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def full(connection: sqlite3.Connection, _: object, __: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "checkout", full)
    try:
        yield
    finally:
        event.remove(engine, "checkout", full)
        engine.dispose()
