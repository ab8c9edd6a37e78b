"""Facts to rows and back: appended, never changed, and read as one record or not at all."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select

from compliance.domain.errors import DomainError
from compliance.domain.facts import Certification, Fact, Revocation
from compliance.domain.wire import read_fact, write_fact, write_instant
from compliance.storage.database import Prepared, Uow
from compliance.storage.errors import RecordUnreadable
from compliance.storage.tables import certification_fact, fact

_INSERT = Prepared(fact.insert())
_INSERT_CERTIFICATION = Prepared(certification_fact.insert())
_OF_PATIENT = Prepared(select(fact.c.body).where(fact.c.patient == bindparam("patient_id")))
_ABOUT = Prepared(
    select(certification_fact.c.body).where(
        certification_fact.c.subject.in_([bindparam("first"), bindparam("second"), bindparam("third")])
    )
)
_ALL_CERTIFICATIONS = Prepared(select(certification_fact.c.body).order_by(certification_fact.c.recorded_at))
_PATIENT_OF = Prepared(
    select(fact.c.patient).where(fact.c.id == bindparam("fact_id"), fact.c.kind == bindparam("of_kind"))
)


def append(uow: Uow, patient: str, facts: Iterable[Fact]) -> None:
    """Store facts about a patient."""
    rows = [{"id": f.id, "patient": patient, "kind": f.kind} | _common(f) for f in facts]
    uow.do_all(_INSERT, rows)


def append_certification(uow: Uow, stated: Certification | Revocation) -> None:
    """Store a certification or its withdrawal."""
    uow.do(
        _INSERT_CERTIFICATION,
        {"id": stated.id, "subject": stated.subject, "role": stated.role.value, "kind": stated.kind} | _common(stated),
    )


def of_patient(uow: Uow, patient: str) -> list[Fact]:
    """Every fact about a patient, in one query."""
    return [_read(body) for (body,) in uow.rows(_OF_PATIENT, {"patient_id": patient})]


def about(uow: Uow, subjects: Sequence[str]) -> list[Fact]:
    """Every certification and revocation of up to three people and sites, in one query."""
    first, second, third = (*subjects, "", "", "")[:3]
    values = {"first": first, "second": second, "third": third}
    return [_read(body) for (body,) in uow.rows(_ABOUT, values)]


def certifications(uow: Uow) -> list[Fact]:
    """Every certification and revocation there is, oldest first."""
    return [_read(body) for (body,) in uow.rows(_ALL_CERTIFICATIONS)]


def patient_of(uow: Uow, fact_id: str, kind: str) -> str | None:
    """The patient whose fact of this kind bears the id."""
    row = uow.row(_PATIENT_OF, {"fact_id": fact_id, "of_kind": kind})
    return row[0] if row else None


def _common(stated: Fact) -> dict[str, str]:
    plain = write_fact(stated)
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return {"at": write_instant(stated.at), "recorded_at": write_instant(stated.recorded_at), "body": body}


def _read(body: str) -> Fact:
    try:
        return read_fact(json.loads(body))
    except (DomainError, ValueError) as error:
        raise RecordUnreadable("a stored fact cannot be read") from error
