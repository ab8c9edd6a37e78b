"""The work list says of everybody what the gate says of each, shows nobody a stranger, and is logged once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from compliance.clock import FixedClock
from compliance.domain.decision import Opens, Outcome, Request, Weight
from compliance.domain.facts import Confirmation, Handover, Prescription, Step
from compliance.domain.gate import decide
from compliance.domain.record import Record
from compliance.domain.span import Instant
from compliance.services import worklist as service
from compliance.services.actor import operator
from compliance.services.errors import Invalid
from compliance.services.worklist import Line, worklist
from compliance.storage import facts
from compliance.storage import worklist as rows
from compliance.storage.tables import fact
from tests.bench import population
from tests.services.world import World

PATIENTS = 1_000
NOW = Instant(datetime(2026, 3, 16, 16, 0, tzinfo=UTC))


@pytest.fixture
def peopled(sqlite_world: World) -> World:
    population.seed(sqlite_world.app.db, sqlite_world, PATIENTS, NOW)
    return sqlite_world


def listed(world: World, **more: object) -> list[Line]:
    return list(worklist(world.app, operator(), population.PROGRAMME, NOW, **more))  # type: ignore[arg-type]


def one_by_one(world: World, patient: str) -> tuple[str, Outcome, list[tuple[str, str, object]]]:
    """The same question by the way every act goes: one patient, the strict reader, the gate."""
    policy = world.app.policies.get(population.PROGRAMME, NOW)
    with world.app.db.read() as uow:
        known = [f for f in facts.of_patient(uow, patient) if f.recorded_at <= NOW]
        issued = [f for f in known if isinstance(f, Prescription)]
        rx = max(issued, key=lambda f: f.at) if issued else None
        held = [f for f in known if isinstance(f, Confirmation) and rx is not None and f.prescription == rx.id]
        pharmacy, pharmacist = (held[-1].pharmacy, held[-1].actor) if held else ("", "")
        about = facts.about(uow, [rx.prescriber if rx else "", pharmacy, pharmacist])
    named = rx.id if rx else ""
    asked = Request(
        step=Step.DISPENSE, prescription=named, pharmacy=pharmacy, pharmacist=pharmacist, handover=Handover.IN_PERSON
    )
    made = decide(policy, Record([*known, *about]), asked, NOW)
    return named, made.outcome, [(f.requirement, f.code, f.opens_at) for f in made.unmet]


def test_every_line_is_what_the_gate_says_of_that_patient_alone(peopled: World) -> None:
    lines = listed(peopled)
    assert len(lines) == PATIENTS
    for line in lines:
        due = [(one.requirement, one.code, one.earliest_at) for one in line.due]
        assert (line.prescription, line.outcome, due) == one_by_one(peopled, line.patient)


def test_the_seeded_patients_are_of_all_sorts(peopled: World) -> None:
    lines = listed(peopled)
    outcomes = Counter(line.outcome for line in lines)
    assert outcomes[Outcome.ALLOW] > PATIENTS / 10
    assert outcomes[Outcome.REFUSE] > PATIENTS / 2
    assert len({due.code for line in lines for due in line.due}) > 30


def test_several_processes_give_the_same_list(peopled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_RUN", 300)
    assert listed(peopled, processes=2) == listed(peopled)


def test_patients_come_in_the_order_of_their_ids(peopled: World) -> None:
    ids = [line.patient for line in listed(peopled)]
    assert ids == sorted(ids)


def test_each_actor_sees_the_patients_of_the_own_site_and_oversight_all(world: World) -> None:
    world.confirmed()
    mine = {line.patient for line in worklist(world.app, world.prescriber, population.PROGRAMME)}
    assert len(mine) == 1
    seen = {
        who.name: {line.patient for line in worklist(world.app, who, population.PROGRAMME, site=world.prescriber.site)}
        for who in (world.colleague, world.other_prescriber, world.pharmacist, world.other_pharmacist, world.auditor)
    }
    assert seen == {
        world.colleague.name: mine, world.other_prescriber.name: set(), world.pharmacist.name: mine,
        world.other_pharmacist.name: set(), world.auditor.name: mine,
    }  # fmt: skip


def test_a_supply_that_is_ready_is_allowed_and_says_until_when(world: World) -> None:
    world.confirmed()
    [line] = worklist(world.app, world.pharmacist, population.PROGRAMME)
    assert (line.outcome, line.due) == (Outcome.ALLOW, ())
    assert line.valid_until is not None
    tomorrow = world.clock.now() + timedelta(hours=24)
    assert tomorrow < line.valid_until < tomorrow + timedelta(seconds=1)


def test_a_patient_without_a_prescription_is_listed_with_it_as_due(world: World) -> None:
    patient = world.enrolled()
    [line] = worklist(world.app, world.prescriber, population.PROGRAMME, step=Step.AUTHORIZE)
    assert (line.patient, line.prescription, line.outcome) == (patient, "", Outcome.REFUSE)
    assert line.due[0][:4] == ("prescription", "PRESCRIPTION_MISSING", Weight.REFUSE, Opens.BY_A_NEW_FACT)


def test_a_patient_who_is_not_enrolled_is_not_listed(world: World) -> None:
    world.say(world.prescriber, world.patient(), "cycle", regularity="regular")
    assert list(worklist(world.app, world.prescriber, population.PROGRAMME)) == []


def test_a_record_that_cannot_be_read_is_listed_as_such_and_hides_nobody_else(world: World) -> None:
    world.confirmed()
    spoiled = world.enrolled()
    at = "2026-01-05T14:00:00.000000Z"
    row = {"id": "f_x", "patient": spoiled, "kind": "cycle", "at": at, "recorded_at": at, "body": '{"fact":"cycle"}'}
    with world.app.db.write() as uow:
        uow.execute(insert(fact), row)
    lines = {line.patient: line for line in worklist(world.app, world.auditor, population.PROGRAMME)}
    assert [due.code for due in lines.pop(spoiled).due] == ["RECORD_UNREADABLE"]
    assert [line.outcome for line in lines.values()] == [Outcome.ALLOW]


def test_two_facts_in_one_row_are_unreadable(world: World) -> None:
    patient = world.enrolled()
    with world.app.db.read() as uow:
        [(_, texts)] = list(rows.texts(uow))
    at = "2026-01-05T14:00:00.000000Z"
    row = {"id": "f_x", "patient": patient, "kind": "cycle", "at": at, "recorded_at": at, "body": "\n".join(texts[:2])}
    with world.app.db.write() as uow:
        uow.execute(insert(fact), row)
    [line] = worklist(world.app, world.prescriber, population.PROGRAMME)
    assert [due.code for due in line.due] == ["RECORD_UNREADABLE"]


def test_looking_at_the_list_is_one_entry_of_the_log_for_each_quarter_of_an_hour(world: World) -> None:
    world.confirmed()
    before = len(world.entries())
    for _ in range(2):
        assert len(list(worklist(world.app, world.auditor, population.PROGRAMME))) == 1
    assert len(world.entries()) == before + 1
    entry = world.newest()
    assert (entry["type"], entry["actor"]) == ("record.read", world.auditor.id)
    assert entry["refs"] == {"of_site": "all", "programme": "us:lenalidomide-rems"}


def test_an_unknown_programme_is_refused_before_anything_is_logged(world: World) -> None:
    before = len(world.entries())
    with pytest.raises(Invalid, match="us/lenalidomide-rems") as refusal:
        worklist(world.app, world.prescriber, "us/none")
    assert refusal.value.code == "PROGRAMME_UNKNOWN"
    assert len(world.entries()) == before


def test_the_past_is_answered_as_it_was_then(world: World) -> None:
    world.confirmed()
    then = Instant(world.clock.now() - timedelta(days=3))
    assert list(worklist(world.app, world.auditor, population.PROGRAMME, then)) == []
    assert isinstance(world.clock, FixedClock)
