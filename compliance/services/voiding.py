"""Ends what could still lead to a dispense, in the same transaction as the news that forbids it."""

from compliance.domain.facts import AuthorizationVoid, ConfirmationVoid, Fact, Hold
from compliance.services.acts import new_id
from compliance.services.errors import Conflict
from compliance.services.records import Held
from compliance.storage import states
from compliance.storage.states import ConfirmationRow


def hold_and_void(held: Held, cause: Fact) -> tuple[tuple[str, ...], list[Fact]]:
    """Hold the patient because of a fact and void every live authorization and confirmation, at all sites."""
    authorizations, confirmations = states.live_of_patient(held.act.uow, held.row.id)
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
