"""Registers, finds and shows patients of one's own site."""

import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.domain.access import Verb
from compliance.domain.decision import Decision
from compliance.domain.errors import DomainError
from compliance.domain.facts import Category, Enrolment, Fact, Step
from compliance.domain.record import Record
from compliance.domain.requirements.people import NotHeld, open_causes
from compliance.domain.span import Instant
from compliance.domain.wire import read_date, read_text, write_fact, write_instant
from compliance.services.actor import Actor, permit
from compliance.services.acts import Act, Codec, guarded, moment, new_id, perform
from compliance.services.app import App
from compliance.services.deciding import decision_for, subjects
from compliance.services.errors import Invalid
from compliance.services.reading import log_read
from compliance.services.records import after, load, own_or_none
from compliance.services.standing import PrescriptionState, standing
from compliance.storage import facts, patients, people
from compliance.storage.database import Uow
from compliance.storage.patients import PatientRow

__all__ = [
    "FactView",
    "NextStep",
    "PatientSummary",
    "PatientView",
    "PrescriptionState",
    "find_patients",
    "get_patient",
    "register_patient",
    "summary_of",
]

MOST_NAME = 100
MOST_IDENTIFIERS = 8


@dataclass(frozen=True, slots=True)
class PatientSummary:
    """Who a patient is: names for people, the id for everything else."""

    id: str
    family_name: str
    given_name: str
    birth_date: date
    site: str
    external_ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as it is shown: its plain form, the name of who said it, and whether it still counts."""

    plain: dict[str, Any]
    who: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class NextStep:
    """What would come of the next step of an open prescription."""

    prescription: str
    step: Step
    decision: Decision


@dataclass(frozen=True, slots=True)
class PatientView:
    """Everything about one patient on one page."""

    summary: PatientSummary
    facts: tuple[FactView, ...]
    category: Category | None
    prescriptions: tuple[PrescriptionState, ...]
    causes: tuple[FactView, ...]
    next_steps: tuple[NextStep, ...]


def _write(summary: PatientSummary) -> Any:
    ids = [list(pair) for pair in summary.external_ids]
    return [
        summary.id, summary.family_name, summary.given_name, summary.birth_date.isoformat(), summary.site, ids
    ]  # fmt: skip


def _read(plain: Any) -> PatientSummary:
    own, family, given, born, site, ids = plain
    return PatientSummary(own, family, given, date.fromisoformat(born), site, tuple((s, v) for s, v in ids))


_SUMMARY: Codec[PatientSummary] = Codec(_write, _read)


def register_patient(
    app: App, actor: Actor, *, family_name: str, given_name: str, birth_date: date,
    external_ids: Iterable[tuple[str, str]] = (), key: str = "",
) -> PatientSummary:  # fmt: skip
    """Register a patient at the own site. Names are for people to read and never identify anybody."""
    pairs = tuple((system, value) for system, value in external_ids)

    def unit(act: Act) -> PatientSummary:
        made = PatientSummary(
            new_id("p"), _name(family_name, "family_name"), _name(given_name, "given_name"),
            _birth_date(birth_date, act.now), actor.site, _identifiers(pairs),
        )  # fmt: skip
        wrapped = app.vault.new_key(made.id)
        row = {
            "id": made.id, "site": made.site, "family_name": made.family_name, "given_name": made.given_name,
            "search_name": _folded(f"{made.family_name} {made.given_name}"), "learned_at": "",
            "birth_date": made.birth_date.isoformat(), "created_at": write_instant(act.now),
        }  # fmt: skip
        patients.insert(act.uow, row, made.external_ids, wrapped)
        stored = PatientRow(made.id, made.site, "", "", "", "", wrapped)
        act.log("patient.registered", patient=stored, hidden={"summary": _write(made)})
        return made

    given = [family_name, given_name, birth_date, pairs]
    return perform(app, actor, Verb.REGISTER_PATIENT, unit, _SUMMARY, key=key, given=given).answer


def find_patients(app: App, actor: Actor, text: str) -> list[PatientSummary]:
    """Patients of the own site by part of a name, birth date or identifier; all when nothing is asked."""
    permit(actor, Verb.READ_PATIENT)
    with guarded(), app.db.read() as uow:
        asked = _folded(read_text(text, "text")).strip()
        rows = patients.search(uow, actor.site, asked, read_text(text, "text").strip(), _day(asked))
        ids = patients.identifiers(uow, [row.id for row in rows])
    return [summary_of(row, ids.get(row.id, ())) for row in rows]


def get_patient(app: App, actor: Actor, patient_id: str) -> PatientView:
    """Everything about a patient of the own site; that somebody looked is logged."""
    permit(actor, Verb.READ_PATIENT)
    with guarded():
        with app.db.read() as uow:
            row = own_or_none(actor, patients.find(uow, patient_id))
            shown = _view(app, actor, uow, row)
        log_read(app, actor, row)
    return shown


def summary_of(row: PatientRow, external_ids: tuple[tuple[str, str], ...]) -> PatientSummary:
    """Who a patient is, from the row."""
    born = date.fromisoformat(row.birth_date)
    return PatientSummary(row.id, row.family_name, row.given_name, born, row.site, external_ids)


def _view(app: App, actor: Actor, uow: Uow, row: PatientRow) -> PatientView:
    record = load(uow, row.id)
    at = after(row, moment(app))
    view = record.as_of(at)
    names = people.names(uow, {fact.actor for fact in record.facts})
    corrected = {fact.corrects for fact in record.facts if fact.corrects}

    def shown(fact: Fact) -> FactView:
        return FactView(write_fact(fact), names.get(fact.actor, fact.actor), fact.id not in corrected)

    newest_first = sorted(record.facts, key=lambda fact: (fact.recorded_at, fact.at), reverse=True)
    states = standing(uow, row.id, view, at)
    enrolled = view.newest(Enrolment)
    return PatientView(
        summary=summary_of(row, patients.identifiers(uow, [row.id]).get(row.id, ())),
        facts=tuple(shown(fact) for fact in newest_first), category=enrolled.category if enrolled else None,
        prescriptions=states, causes=tuple(shown(fact) for fact in open_causes(view, _reviewers(app))),
        next_steps=_next_steps(app, actor, uow, record, states, at=at),
    )  # fmt: skip


def _next_steps(
    app: App, actor: Actor, uow: Uow, record: Record, states: tuple[PrescriptionState, ...], *, at: Instant
) -> tuple[NextStep, ...]:
    out = []
    for state in states:
        if state.next_step is None:
            continue
        asked = state.prescription
        whole = Record([*record.facts, *facts.about(uow, subjects(actor, asked))])
        made = decision_for(app, actor, state.next_step, asked, whole, at=at)
        out.append(NextStep(asked.id, state.next_step, made))
    return tuple(out)


def _reviewers(app: App) -> int:
    """How many people lift a hold: the most that any policy asks for; without one, nobody can."""
    asked = [r.reviewers for policy in app.policies.all() for r in policy.requirements if isinstance(r, NotHeld)]
    return max(asked, default=sys.maxsize)


def _name(text: str, field: str) -> str:
    name = " ".join(read_text(text, field).split())
    if not name or len(name) > MOST_NAME:
        raise Invalid("NAME_MISSING", f"give a name of 1 to {MOST_NAME} characters", field)
    return name


def _birth_date(value: date, now: Instant) -> date:
    born = read_date(value, "birth_date")
    if born > now.date():
        raise Invalid("BORN_IN_THE_FUTURE", "check the birth date", "birth_date", born.isoformat())
    return born


def _identifiers(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    if len(pairs) > MOST_IDENTIFIERS:
        raise Invalid("TOO_MANY", f"give {MOST_IDENTIFIERS} identifiers at most", "external_ids")
    return tuple(
        (_name(system, f"external_ids.{at}.system"), _name(value, f"external_ids.{at}.value"))
        for at, (system, value) in enumerate(pairs)
    )


def _folded(text: str) -> str:
    """A name as it is searched for: without case and accents, for that is how people type it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _day(text: str) -> str | None:
    try:
        return read_date(text, "text").isoformat()
    except DomainError:
        return None
