"""A request sent twice acts once and is answered twice."""

import threading
from collections.abc import Callable

import pytest

from compliance.domain.facts import Handover
from compliance.services import authorizing, dispensing, patients
from compliance.services.errors import Conflict, Invalid, Unavailable
from compliance.services.outcomes import Outcome
from compliance.storage.errors import StorageUnavailable
from compliance.storage.log import LogKeeper
from tests.services.world import World


def same(first: Outcome, second: Outcome) -> bool:
    return (first.decision, first.number, first.fact, first.ends_at) == (
        second.decision, second.number, second.fact, second.ends_at,
    )  # fmt: skip


def test_a_retry_gets_the_original_answer(world: World) -> None:
    prescription = world.prescribed("adult_frp")
    first = authorizing.authorize(world.app, world.prescriber, prescription, key="a-1")
    again = authorizing.authorize(world.app, world.prescriber, prescription, key="a-1")
    assert (same(first, again), first.replayed, again.replayed) == (True, False, True)
    assert len([e for e in world.entries() if e["type"] == "authorization.decision"]) == 1


def test_a_refusal_is_answered_again_even_when_it_would_now_be_allowed(world: World) -> None:
    number = world.authorized(world.prescribed()).number
    first = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON, key="d-1")
    assert "CONFIRMATION_MISSING" in first.decision.codes
    dispensing.confirm(world.app, world.pharmacist, number)
    assert same(dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON, key="d-1"), first)


def test_a_key_used_for_something_else_is_refused(world: World) -> None:
    prescription = world.prescribed()
    authorizing.authorize(world.app, world.prescriber, prescription, key="k")
    for other in (
        lambda: authorizing.authorize(world.app, world.prescriber, world.prescribed(), key="k"),
        lambda: authorizing.void_authorization(world.app, world.prescriber, prescription, "why", key="k"),
    ):
        with pytest.raises(Conflict) as refusal:
            other()
        assert refusal.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_keys_belong_to_their_actor(world: World) -> None:
    number, _ = world.confirmed()
    mine = dispensing.dispense(world.app, world.pharmacist, number, Handover.IN_PERSON, key="k")
    theirs = dispensing.dispense(world.app, world.other_pharmacist, number, Handover.IN_PERSON, key="k")
    assert (mine.is_allowed, theirs.is_allowed, theirs.replayed) == (True, False, False)


@pytest.mark.parametrize("key", ["x" * 129, "a\nb", "schlüssel"])
def test_an_unusable_key_is_refused(sqlite_world: World, key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        authorizing.authorize(sqlite_world.app, sqlite_world.prescriber, "rx", key=key)
    assert refusal.value.code == "KEY_UNREADABLE"


def test_the_same_request_sent_eight_times_at_once_acts_once(world: World) -> None:
    prescription = world.prescribed()
    outcomes = at_once(8, lambda: authorizing.authorize(world.app, world.prescriber, prescription, key="same"))
    assert {outcome.number for outcome in outcomes} == {outcomes[0].number}
    assert [outcome.replayed for outcome in outcomes].count(False) == 1


def test_an_answer_lost_after_the_commit_is_found_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = world.prescribed()
    settle = LogKeeper.settle

    def lost(keeper: LogKeeper, txn: str) -> object:
        raise StorageUnavailable("the power went")

    monkeypatch.setattr(LogKeeper, "settle", lost)
    with pytest.raises(Unavailable) as refusal:
        authorizing.authorize(world.app, world.prescriber, prescription, key="once")
    assert refusal.value.code == "STORAGE_UNAVAILABLE"
    monkeypatch.setattr(LogKeeper, "settle", settle)
    shown = patients.get_patient(world.app, world.prescriber, world.patient_of(prescription))
    assert shown.prescriptions[0].authorization_number == ""
    found = authorizing.authorize(world.app, world.prescriber, prescription, key="once")
    assert (found.is_allowed, found.replayed, found.number != "") == (True, True, True)
    assert dispensing.confirm(world.app, world.pharmacist, found.number).is_allowed


def at_once(count: int, act: Callable[[], Outcome]) -> list[Outcome]:
    barrier, done = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        done.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == count
    return done
