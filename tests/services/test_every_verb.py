"""Every verb is done once or not at all: without an entry nothing happens, and asked again it answers again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance.domain.access import Role
from compliance.domain.facts import CertifiedRole, Handover, ReviewOutcome, Step
from compliance.services import (
    accounts,
    authorizing,
    certifying,
    deciding,
    dispensing,
    facts,
    holds,
    patients,
    prescriptions,
)
from compliance.services.acts import Act
from compliance.services.errors import Unavailable
from compliance.services.outcomes import Outcome
from compliance.storage.errors import LogBroken
from compliance.storage.log import LogKeeper
from compliance.storage.tables import metadata
from tests.services.world import OPERATOR, PASSWORD, PROGRAMME, REGIMEN, World

KEY = "the same key"


@dataclass(frozen=True)
class Verb:
    """What has to be there first, and the act itself on what was prepared."""

    entry: str
    prepare: Callable[[World], Any]
    act: Callable[[World, Any], Any]


def own(world: World) -> str:
    return world.patient()


def stated(world: World) -> tuple[str, str]:
    patient = world.patient()
    return patient, world.say(world.prescriber, patient, "cycle", regularity="regular").fact.id


def authorized(world: World) -> str:
    return world.authorized().number


def held(world: World) -> tuple[str, str]:
    patient = world.patient()
    return patient, world.say(world.prescriber, patient, "report", what="pregnancy").fact.id


def counselled(world: World) -> str:
    return world.confirmed()[0]


def dispensed(world: World) -> str:
    return world.dispensed()[1].fact


def signed_in(world: World) -> str:
    accounts.sign_in(world.app, "auditor", PASSWORD)
    accounts.issue_api_key(world.app, OPERATOR, world.auditor.id)
    return world.auditor.id


def nothing(_: World) -> None:
    return None


POSITIVE = {"fact": "pregnancy_test", "result": "positive"}
CYCLE = {"fact": "cycle", "regularity": "irregular"}
RX = {"product": "lenalidomide", "category": "adult_male", "channel": "electronic", **REGIMEN}
BORN = date(1990, 5, 17)
NEXT_YEAR = date(2027, 1, 1)
VERBS = {
    "register a patient": Verb("patient.registered", nothing, lambda w, _: patients.register_patient(
        w.app, w.prescriber, family_name="Okoye", given_name="Ann", birth_date=BORN, external_ids=[("mrn", "7")],
        key=KEY)),
    "record a fact": Verb("fact.recorded", own, lambda w, p: facts.record_fact(w.app, w.prescriber, p, CYCLE, key=KEY)),
    "report a positive test": Verb("fact.recorded", authorized, lambda w, n: facts.record_fact(
        w.app, w.auditor, n, POSITIVE, key=KEY)),
    "correct a fact": Verb("fact.corrected", stated, lambda w, p: facts.correct_fact(
        w.app, w.prescriber, p[0], p[1], CYCLE, "misheard", key=KEY)),
    "retract a fact": Verb("fact.corrected", stated, lambda w, p: facts.correct_fact(
        w.app, w.prescriber, p[0], p[1], None, "of somebody else", key=KEY)),
    "prescribe": Verb("prescription.issued", own, lambda w, p: prescriptions.prescribe(
        w.app, w.prescriber, p, RX, key=KEY)),
    "authorize": Verb("authorization.decision", World.prescribed, lambda w, rx: authorizing.authorize(
        w.app, w.prescriber, rx, key=KEY)),
    "void an authorization": Verb("authorization.voided", authorized, lambda w, n: authorizing.void_authorization(
        w.app, w.prescriber, n, "dose changed", key=KEY)),
    "confirm": Verb("confirmation.decision", authorized, lambda w, n: dispensing.confirm(
        w.app, w.pharmacist, n, key=KEY)),
    "dispense": Verb("dispense.decision", counselled, lambda w, n: dispensing.dispense(
        w.app, w.pharmacist, n, Handover.IN_PERSON, key=KEY)),
    "return to stock": Verb("stock.returned", counselled, lambda w, n: dispensing.return_to_stock(
        w.app, w.pharmacist, n, "not collected", key=KEY)),
    "return what was dispensed": Verb("stock.returned", dispensed, lambda w, d: dispensing.return_to_stock(
        w.app, w.pharmacist, d, "treatment stopped", key=KEY)),
    "reverse": Verb("dispense.reversed", dispensed, lambda w, d: dispensing.reverse(
        w.app, w.pharmacist, d, "not collected", key=KEY)),
    "ask": Verb("decision.asked", World.prescribed, lambda w, rx: deciding.ask(
        w.app, w.prescriber, Step.AUTHORIZE, rx, key=KEY)),
    "place a hold": Verb("hold.placed", own, lambda w, p: holds.place_hold(
        w.app, w.prescriber, p, "called by the partner", key=KEY)),
    "review a hold": Verb("hold.reviewed", held, lambda w, p: holds.review_hold(
        w.app, w.prescriber, p[0], p[1], ReviewOutcome.LIFT, "another patient's letter", key=KEY)),
    "certify": Verb("certification.recorded", nothing, lambda w, _: certifying.certify(
        w.app, OPERATOR, w.pharmacist.site, CertifiedRole.PHARMACY, NEXT_YEAR, PROGRAMME, key=KEY)),
    "revoke a certification": Verb("certification.revoked", nothing, lambda w, _: certifying.revoke(
        w.app, OPERATOR, w.pharmacist.site, CertifiedRole.PHARMACY, "programme rules broken", PROGRAMME,
        key=KEY)),
    "add a site": Verb("config.changed", nothing, lambda w, _: accounts.add_site(
        w.app, OPERATOR, name="Yew Clinic", kind="clinic", zone="UTC", key=KEY)),
    "add a user": Verb("user.added", nothing, lambda w, _: accounts.add_user(
        w.app, OPERATOR, username="newone", name="New One", role=Role.AUDITOR, site=w.auditor.site, password=PASSWORD,
        key=KEY)),
    "set a password": Verb("user.changed", signed_in, lambda w, u: accounts.set_password(
        w.app, OPERATOR, u, "a quite different one", key=KEY)),
    "deactivate a user": Verb("user.changed", signed_in, lambda w, u: accounts.deactivate_user(
        w.app, OPERATOR, u, key=KEY)),
    "end sessions": Verb("user.changed", signed_in, lambda w, u: accounts.revoke_sessions(w.app, OPERATOR, u, key=KEY)),
    "end keys": Verb("apikey.revoked", signed_in, lambda w, u: accounts.revoke_api_keys(w.app, OPERATOR, u, key=KEY)),
}  # fmt: skip


@pytest.fixture(params=sorted(VERBS))
def verb(request: pytest.FixtureRequest) -> Verb:
    """Each verb in turn."""
    return VERBS[request.param]


def test_without_an_entry_nothing_happens_and_with_one_it_happens_once(
    world: World, verb: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = verb.prepare(world)
    before = everything(world)
    faults: tuple[tuple[str, Any, str, Any], ...] = (
        ("LOG_REFUSED", LogKeeper, "append", _refuse),
        ("NOT_LOGGED", Act, "log", _forget),
    )
    for code, where, name, fault in faults:
        with monkeypatch.context() as patch:
            patch.setattr(where, name, fault)
            assert refused(lambda: verb.act(world, given)) == code
        assert everything(world) == before
    size = len(world.entries())
    answers = at_once(4, lambda: verb.act(world, given))
    world.clock.advance(timedelta(minutes=1))
    answers.append(verb.act(world, given))
    assert [comparable(answer) for answer in answers] == [comparable(answers[0])] * 5
    assert [entry["type"] for entry in world.entries()[size:]] == [verb.entry]


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    barrier, ended = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        try:
            ended.append(act())
        except Exception as error:  # noqa: BLE001 - compared with the other answers
            ended.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def comparable(answer: Any) -> Any:
    """An answer without its receipt, which grows with the log, and without whether it was given before."""
    if isinstance(answer, Outcome):
        return replace(answer, receipt="", replayed=False)
    return replace(answer, receipt="") if isinstance(answer, deciding.Asked) else answer


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Unavailable) as refusal:
        act()
    return refusal.value.code


def everything(world: World) -> dict[str, list[str]]:
    """All rows of all tables."""
    world.app.log.settle_all()
    with world.app.db.read() as uow:
        return {name: sorted(map(repr, uow.execute(select(table)))) for name, table in metadata.tables.items()}


def _refuse(*_: object, **__: object) -> None:
    raise LogBroken("the log takes nothing")


def _forget(*_: object, **__: object) -> None:
    return None
