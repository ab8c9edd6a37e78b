"""Nothing is lost and nothing is released twice, wherever the process dies."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance.ledger.entry import parse_leaf
from compliance.ledger.verify import verify_bundle
from compliance.services import authorizing, dispensing, keys, logs, patients, setup
from compliance.services.app import open_app
from compliance.services.errors import Unavailable
from compliance.storage import log as log_module
from compliance.storage import log_rows
from compliance.storage.errors import LogBroken
from tests.services.world import build, settings_for

DIES = """
    import os, sys
    from pathlib import Path
    from compliance.clock import FixedClock
    from compliance.services import authorizing
    from compliance.services.actor import Actor
    from compliance.services.app import open_app
    from compliance.domain.access import Role
    from compliance.storage.log import LogKeeper
    from compliance.storage import log_rows
    from tests.services.world import START, settings_for

    where, url, var, prescription, actor, site = sys.argv[1:]
    app = open_app(settings_for(url, Path(var)), FixedClock(START))
    die = lambda *_, **__: os._exit(9)
    if where == "after the commit":
        LogKeeper.settle = die
    elif where == "while sequencing":
        log_rows.store = die
    elif where == "after sequencing":
        import compliance.services.acts as acts
        acts.verify_receipt = die
    else:
        log_rows.insert_pending = die
    who = Actor(actor, "", Role.PRESCRIBER, site, "clinic", "America/New_York", "session")
    authorizing.authorize(app, who, prescription, key="once")
"""


@pytest.mark.parametrize("where", ["before the commit", "after the commit", "while sequencing", "after sequencing"])
def test_a_killed_process_leaves_an_act_whole_or_undone(database_url: str, tmp_path: Path, where: str) -> None:
    world = build(database_url, tmp_path)
    prescription = world.prescribed()
    arguments = [where, database_url, str(tmp_path), prescription, world.prescriber.id, world.prescriber.site]
    script = [sys.executable, "-c", textwrap.dedent(DIES), *arguments]
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run(script, cwd=root, env={**os.environ, "PYTHONPATH": _path(root)}, check=False)
    assert killed.returncode == 9
    decided = [entry for entry in world.entries() if entry["type"] == "authorization.decision"]
    assert len(decided) == (0 if where == "before the commit" else 1)
    outcome = authorizing.authorize(world.app, world.prescriber, prescription, key="once")
    assert (outcome.is_allowed, outcome.replayed) == (True, where != "before the commit")
    shown = patients.get_patient(world.app, world.prescriber, world.patient_of(prescription))
    assert [state.authorization_number for state in shown.prescriptions] == [outcome.number]
    assert len([e for e in world.entries() if e["type"] == "authorization.decision"]) == 1
    assert dispensing.confirm(world.app, world.pharmacist, outcome.number).is_allowed
    world.app.close()


def _path(root: Path) -> str:
    return os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), str(root)]))


def test_whoever_comes_next_sequences_what_was_left_behind(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_module.LogKeeper, "settle", _dies)
        for _ in range(3):
            with pytest.raises(Unavailable):
                world.patient()
    with world.app.db.read() as uow:
        assert len(log_rows.pending(uow, 10)) == 3
    world.patient()
    with world.app.db.read() as uow:
        assert log_rows.pending(uow, 10) == []
    assert [entry["type"] for entry in world.entries()[-4:]] == ["patient.registered"] * 4
    world.app.close()


def _dies(*_: object) -> None:
    from compliance.storage.errors import StorageUnavailable

    raise StorageUnavailable


def test_a_batch_gives_every_waiting_entry_a_receipt_that_verifies(database_url: str, tmp_path: Path) -> None:
    from compliance.ledger.proof import verify_receipt
    from tests.services.test_idempotency import at_once

    world = build(database_url, tmp_path)
    prescriptions = iter([world.prescribed() for _ in range(8)])
    outcomes = at_once(8, lambda: authorizing.authorize(world.app, world.prescriber, next(prescriptions)))
    with world.app.db.read() as uow:
        leaves = [row.leaf for row in log_rows.page(uow, 0, 1000)]
    by_fact = {parse_leaf(leaf).get("refs", {}).get("authorization"): leaf for leaf in leaves}
    places = {verify_receipt(o.receipt, by_fact[o.fact], world.app.log.verifier).index for o in outcomes}
    assert len(places) == 8
    assert len({o.number for o in outcomes}) == 8
    for outcome in outcomes:
        assert verify_receipt(
            logs.get_receipt(world.app, world.auditor, outcome.number),
            by_fact[outcome.fact],
            world.app.log.verifier,
        ).size == len(leaves)
    world.app.close()


def test_a_log_is_opened_by_its_own_key_alone(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    world.app.close()
    (tmp_path / "log.key").unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        open_app(world.app.settings, world.clock)
    keys.make_missing(world.app.settings)
    with pytest.raises(Unavailable) as refusal:
        open_app(world.app.settings, world.clock)
    assert refusal.value.code == "LOG_BROKEN"


def test_a_head_that_was_not_signed_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    world = build(sqlite_url, tmp_path)
    world.app.log.check()
    with world.app.db.write() as uow:
        uow.connection.exec_driver_sql("UPDATE log_head SET frontier = zeroblob(length(frontier))")
    with pytest.raises(LogBroken):
        world.app.log.check()
    world.app.close()


def test_initialising_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path)
    setup.initialise(settings)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.key")}
    setup.initialise(settings)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.key")} == made
    assert sorted(made) == ["data.key", "log.key", "secret.key"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.glob("*.key"))
    app = open_app(settings)
    with app.db.read() as uow:
        assert [parse_leaf(row.leaf)["type"] for row in log_rows.page(uow, 0, 10)] == ["log.genesis"]
    app.close()


TELLS = """
    import sys
    from pathlib import Path
    from compliance.clock import FixedClock
    from compliance.domain.access import Role
    from compliance.services import patients
    from compliance.services.actor import Actor
    from compliance.services.app import open_app
    from datetime import date
    from tests.services.world import START, settings_for

    url, var, actor, site = sys.argv[1:]
    app = open_app(settings_for(url, Path(var)), FixedClock(START))
    who = Actor(actor, "", Role.PRESCRIBER, site, "clinic", "America/New_York", "session")
    while True:
        made = patients.register_patient(app, who, family_name="Okoye", given_name="Ann", birth_date=date(1990, 5, 17))
        print(made.id, flush=True)
"""


def test_whatever_was_acknowledged_outlives_a_killed_process(database_url: str, tmp_path: Path) -> None:
    world = build(database_url, tmp_path)
    root = Path(__file__).resolve().parents[2]
    arguments = [database_url, str(tmp_path), world.prescriber.id, world.prescriber.site]
    told: list[str] = []
    for least in (3, 11):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(TELLS), *arguments], cwd=root, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": _path(root)},
        )  # fmt: skip
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _ in range(least)]
        process.kill()
        told += process.communicate()[0].split()
        assert process.returncode == -signal.SIGKILL
    with world.app.db.read() as uow:
        stored = {row[0] for row in uow.execute(text("SELECT id FROM patient"))}
    assert [own for own in told if own not in stored] == []
    entries = [entry for entry in world.entries() if entry["type"] == "patient.registered"]
    assert len(entries) == len(stored) >= len(told) >= 14
    world.app.log.check()
    taken = logs.export_log(world.app, world.auditor, tmp_path / "log.zip")
    assert verify_bundle(str(taken.path), taken.vkey).ok
    world.app.close()
