"""Everybody's facts in one ordered scan, so that a question about all patients is not a question for each."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from compliance.domain.facts import Fact
from compliance.storage.database import Uow
from compliance.storage.errors import RecordUnreadable
from compliance.storage.stored import read_stored
from compliance.storage.tables import confirmation, fact, patient

_BETWEEN = "\n"
"""Stands in no stored text: JSON writes a line's end as two other characters."""

_AT_ONCE = 200
_BODIES = (
    select(fact.c.patient, func.count(), func.aggregate_strings(fact.c.body, _BETWEEN))
    .where(fact.c.patient > bindparam("after"))
    .group_by(fact.c.patient)
    .order_by(fact.c.patient)
    .execution_options(yield_per=_AT_ONCE)
)
_OF_CLINIC = select(patient.c.id).where(patient.c.site == bindparam("of_site"))
_OF_PHARMACY = select(confirmation.c.patient).where(confirmation.c.pharmacy == bindparam("of_site"))
_IDS = select(patient.c.id).order_by(patient.c.id)


def texts(uow: Uow, *, site: str = "", after: str = "", upto: str = "") -> Iterator[tuple[str, list[str]]]:
    """The stored texts of each patient's facts, in the order of ids, from one id (exclusive) to another.

    With a site, its own patients: those of a clinic, and those for whom a pharmacy has ever had a confirmation.
    """
    statement: Select[Any] = _BODIES
    values = {"after": after}
    if upto:
        statement, values = statement.where(fact.c.patient <= bindparam("upto")), values | {"upto": upto}
    if site:
        own = fact.c.patient.in_(_OF_CLINIC) | fact.c.patient.in_(_OF_PHARMACY)
        statement, values = statement.where(own), values | {"of_site": site}
    for owner, count, joined in uow.execute(statement, values):
        found = joined.split(_BETWEEN)
        yield owner, found if len(found) == count else [joined]  # the latter nobody can read as a fact


def histories(uow: Uow, *, site: str = "", after: str = "", upto: str = "") -> Iterator[tuple[str, list[Fact] | None]]:
    """Each patient's facts, unordered; None for a patient of whom one cannot be read."""
    for owner, found in texts(uow, site=site, after=after, upto=upto):
        try:
            yield owner, [read_stored(text) for text in found]
        except RecordUnreadable:
            yield owner, None


def cuts(uow: Uow, size: int) -> list[str]:
    """The ids that end each run of so many patients, the last one included."""
    ids = uow.execute(_IDS).scalars().all()
    return [*ids[size - 1 :: size], *ids[-1:]] if len(ids) % size else list(ids[size - 1 :: size])
