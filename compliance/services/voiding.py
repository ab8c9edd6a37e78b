"""Ends what could still lead to a dispense, in the same transaction as the news that forbids it."""

from compliance.domain.errors import DomainError
from compliance.domain.facts import AuthorizationVoid, ConfirmationVoid, Fact, Hold, Prescription
from compliance.services.acts import new_id
from compliance.services.errors import Conflict
from compliance.services.records import Held
from compliance.storage import states
from compliance.storage.states import AuthorizationRow, ConfirmationRow


def hold_and_void(held: Held, cause: Fact) -> tuple[tuple[str, ...], list[Fact]]:
    """Hold the patient because of a fact and void every live authorization and confirmation, at all sites.

    Those of a programme that does not stop on pregnancy stand: there a sudden stop is the greater danger, and the
    gate refers the patient at every further step.
    """
    authorizations, confirmations = _stopping(held, *states.live_of_patient(held.act.uow, held.row.id))
    at = held.tick()
    actor = held.act.actor.id
    made: list[Fact] = [Hold(id=new_id("h"), at=at, recorded_at=at, actor=actor, cause=cause.id)]
    if not states.move(held.act.uow, "authorization", [row.id for row in authorizations], "active", "voided"):
        raise _moved()
    for row in authorizations:
        at = held.tick()
        made.append(
            AuthorizationVoid(
                id=new_id("v"), at=at, recorded_at=at, actor=actor, reason="pregnancy", authorization=row.id
            )
        )
    ended, voids = void_confirmations(held, confirmations, "pregnancy")
    return (*(row.number or row.id for row in authorizations), *ended), [*made, *voids]


def _stopping(
    held: Held, authorizations: list[AuthorizationRow], confirmations: list[ConfirmationRow]
) -> tuple[list[AuthorizationRow], list[ConfirmationRow]]:
    if not authorizations and not confirmations:
        return authorizations, confirmations
    going_on = {fact.id for fact in held.record().facts if isinstance(fact, Prescription) and _goes_on(held, fact)}
    return (
        [row for row in authorizations if row.prescription not in going_on],
        [row for row in confirmations if row.prescription not in going_on],
    )


def _goes_on(held: Held, prescription: Prescription) -> bool:
    """Whether the programme lets supply go on; where that cannot be told, it does not."""
    try:
        policy = held.act.app.policies.for_product(prescription.product, held.at, prescription.at)
    except DomainError:
        return False
    return not policy.stops_on_pregnancy


def void_confirmations(held: Held, rows: list[ConfirmationRow], reason: str) -> tuple[list[str], list[Fact]]:
    """Void confirmations; give their numbers, and the facts that say so, for the caller to store."""
    if not states.move(held.act.uow, "confirmation", [row.id for row in rows], "active", "voided"):
        raise _moved()
    made: list[Fact] = []
    for row in rows:
        at = held.tick()
        made.append(
            ConfirmationVoid(
                id=new_id("v"),
                at=at,
                recorded_at=at,
                actor=held.act.actor.id,
                reason=reason,
                confirmation=row.id,
            )
        )
    return [row.number or row.id for row in rows], made


def _moved() -> Conflict:
    return Conflict("CONTRADICTED", "ask again: something happened meanwhile")
