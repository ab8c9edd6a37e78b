"""Patient rows: the lock that every writer takes first, and the names by which people search."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select, update

from compliance.storage.database import Prepared, Uow
from compliance.storage.tables import patient, patient_identifier, person, site, subject_key

SEARCH_LIMIT = 50


class PatientRow(NamedTuple):
    """What is stored of a patient beside the facts."""

    id: str
    site: str
    family_name: str
    given_name: str
    birth_date: str
    learned_at: str
    wrapped_key: bytes | None


_COLUMNS = (
    patient.c.id,
    patient.c.site,
    patient.c.family_name,
    patient.c.given_name,
    patient.c.birth_date,
    patient.c.learned_at,
    subject_key.c.wrapped,
)
_SELECT = select(*_COLUMNS).select_from(patient.outerjoin(subject_key))
_ONE = _SELECT.where(patient.c.id == bindparam("patient_id"))
_FIND, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update(of=patient))
_LOCK_PEOPLE = select(person.c.id).where(person.c.id.in_(bindparam("subjects", expanding=True))).order_by(person.c.id)
_LOCK_SITES = select(site.c.id).where(site.c.id.in_(bindparam("subjects", expanding=True))).order_by(site.c.id)
_SHARE_PEOPLE, _SHARE_SITES = _LOCK_PEOPLE.with_for_update(read=True), _LOCK_SITES.with_for_update(read=True)
_TAKE_PEOPLE, _TAKE_SITES = _LOCK_PEOPLE.with_for_update(), _LOCK_SITES.with_for_update()
_LEARN = Prepared(
    update(patient).where(patient.c.id == bindparam("patient_id")).values(learned_at=bindparam("new_learned_at"))
)
_IDENTIFIERS = (
    select(patient_identifier.c.patient, patient_identifier.c.system, patient_identifier.c.value)
    .where(patient_identifier.c.patient.in_(bindparam("patients", expanding=True)))
    .order_by(patient_identifier.c.system, patient_identifier.c.value)
)


def lock(uow: Uow, patient_id: str) -> PatientRow | None:
    """Read the patient's row and hold it until the end: whoever else writes about this patient waits."""
    return _row(uow.row(_LOCK, {"patient_id": patient_id}))


def find(uow: Uow, patient_id: str) -> PatientRow | None:
    """Read the patient's row without holding it."""
    return _row(uow.row(_FIND, {"patient_id": patient_id}))


def share_subjects(uow: Uow, people: Iterable[str], site_id: str) -> None:
    """Keep certifications of these people and this site from changing until the end of the transaction."""
    if uow.connection.dialect.name == "sqlite":
        return  # there is one writer at a time
    uow.execute(_SHARE_PEOPLE, {"subjects": sorted(set(people))})
    if site_id:
        uow.execute(_SHARE_SITES, {"subjects": [site_id]})


def take_subject(uow: Uow, subject: str, *, is_site: bool) -> bool:
    """Hold the person or site whose certification changes; False when there is none of that id."""
    return uow.execute(_TAKE_SITES if is_site else _TAKE_PEOPLE, {"subjects": [subject]}).first() is not None


def learn(uow: Uow, patient_id: str, learned_at: str) -> None:
    """Move the patient's order of learning on."""
    uow.do(_LEARN, {"patient_id": patient_id, "new_learned_at": learned_at})


def insert(uow: Uow, row: dict[str, Any], identifiers: Iterable[tuple[str, str]], wrapped_key: bytes) -> None:
    """Store a new patient, the identifiers and the patient's own key."""
    uow.execute(patient.insert(), row)
    uow.execute(subject_key.insert(), {"patient": row["id"], "wrapped": wrapped_key})
    for system, value in identifiers:
        uow.execute(
            patient_identifier.insert(),
            {"site": row["site"], "system": system, "value": value, "patient": row["id"]},
        )


def search(uow: Uow, site_id: str, folded: str, text: str, birth_date: str | None) -> list[PatientRow]:
    """Patients of one site whose name, birth date, identifier or id matches."""
    words = folded.split()
    by_name = [patient.c.search_name.contains(word, autoescape=True) for word in words]
    by_identifier = patient.c.id.in_(
        select(patient_identifier.c.patient).where(
            patient_identifier.c.site == site_id, patient_identifier.c.value == text
        )
    )
    matches = [by_identifier, patient.c.id == text]
    if birth_date is not None:
        matches.append(patient.c.birth_date == birth_date)
    if by_name:
        name = by_name[0]
        for more in by_name[1:]:
            name = name & more
        matches.append(name)
    statement = _SELECT.where(patient.c.site == site_id)
    if words:
        statement = statement.where(or_(*matches))
    found = uow.execute(statement.order_by(patient.c.search_name, patient.c.id).limit(SEARCH_LIMIT))
    return [PatientRow(*row) for row in found]


def identifiers(uow: Uow, patients: Iterable[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """What these patients are called elsewhere."""
    found: dict[str, list[tuple[str, str]]] = {}
    for owner, system, value in uow.execute(_IDENTIFIERS, {"patients": list(patients)}):
        found.setdefault(owner, []).append((system, value))
    return {owner: tuple(pairs) for owner, pairs in found.items()}


def _row(found: Any) -> PatientRow | None:
    return None if found is None else PatientRow(*found)
