"""Undoes what did not happen after all: product back to stock, dispenses that reached nobody."""

from typing import Any

from compliance.domain.access import Verb
from compliance.domain.facts import AuthorizationVoid, ConfirmationVoid, Fact, ReturnToStock, Reversal
from compliance.domain.wire import read_fact, write_fact, write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, Codec, new_id, perform
from compliance.services.app import App
from compliance.services.authorizing import read_reason
from compliance.services.errors import Conflict, no_such
from compliance.services.records import Held, canonical_form, hold, readable_number
from compliance.storage import states
from compliance.storage.states import DispenseRow


def _read(plain: Any) -> Fact:
    return read_fact(plain)


FACT: Codec[Fact] = Codec(write_fact, _read)


def return_to_stock(app: App, actor: Actor, name: str, reason: str, *, key: str = "") -> Fact:
    """Take back product: unused product of a dispense, or what was set aside under a confirmation.

    `name` is a dispense id or number, or the authorization number whose confirmation is given up.
    """

    def unit(act: Act) -> Fact:
        dispensed = states.dispense_named(act.uow, readable_number(name) or name)
        if dispensed is not None:
            return _return_dispensed(act, dispensed, reason)
        return _return_confirmed(act, name, reason)

    return perform(app, actor, Verb.RETURN_TO_STOCK, unit, FACT, key=key, given=[name, reason]).answer


def reverse(app: App, actor: Actor, dispense_id: str, reason: str, *, key: str = "") -> Fact:
    """Undo a dispense whose product never reached the patient; a new supply needs a new confirmation."""

    def unit(act: Act) -> Fact:
        held, row = _take_dispense(act, states.dispense_named(act.uow, readable_number(dispense_id) or dispense_id))
        if not states.move(act.uow, "dispense", [row.id], "dispensed", "reversed"):
            raise Conflict("ALREADY_REVERSED", "the dispense was reversed already")
        why, at = read_reason(reason), held.tick()
        fact = Reversal(id=new_id("r"), at=at, recorded_at=at, actor=actor.id, reason=why, dispense=row.id)
        more = _free(held, row, why)
        held.learn(fact, *more)
        act.log(
            "dispense.reversed", refs={"dispense": row.id}, patient=held.row,
            hidden={f"fact.{place}": canonical_form(one) for place, one in enumerate([fact, *more])},
        )  # fmt: skip
        return fact

    return perform(app, actor, Verb.REVERSE, unit, FACT, key=key, given=[dispense_id, reason]).answer


def _free(held: Held, row: DispenseRow, why: str) -> list[Fact]:
    """The confirmation is used up; the authorization lives again, unless the patient was held meanwhile."""
    act, actor = held.act, held.act.actor.id
    at = held.tick()
    made: list[Fact] = [
        ConfirmationVoid(id=new_id("v"), at=at, recorded_at=at, actor=actor, reason=why, confirmation=row.confirmation)
    ]
    states.move(act.uow, "confirmation", [row.confirmation], "dispensed", "voided")
    under = states.authorization_of(act.uow, states.confirmation_of(act.uow, row.confirmation).authorization)
    causes = held.record().as_of(held.at).causes
    if any(write_instant(cause.recorded_at) >= under.issued_at for cause in causes):
        at = held.tick()
        states.move(act.uow, "authorization", [under.id], "dispensed", "voided")
        made.append(
            AuthorizationVoid(id=new_id("v"), at=at, recorded_at=at, actor=actor, reason=why, authorization=under.id)
        )
    else:
        states.move(act.uow, "authorization", [under.id], "dispensed", "active")
    return made


def _return_dispensed(act: Act, dispensed: DispenseRow, reason: str) -> Fact:
    held, row = _take_dispense(act, dispensed, "authorization or dispense")
    if row.status != "dispensed":
        raise Conflict("ALREADY_REVERSED", "the dispense was reversed already")
    if any(isinstance(f, ReturnToStock) and f.of == row.id for f in held.record().facts):
        raise Conflict("ALREADY_RETURNED", "the product was returned already")
    return _returned(held, row.id, reason)


def _return_confirmed(act: Act, number: str, reason: str) -> Fact:
    authorization = states.authorization_by_number(act.uow, readable_number(number))
    if authorization is None:
        raise no_such("authorization or dispense")
    held = hold(act, authorization.patient)
    confirmed = states.live_confirmation(act.uow, authorization.id)
    if confirmed is None or confirmed.pharmacy != act.actor.site:
        raise no_such("confirmation of this pharmacy")
    states.move(act.uow, "confirmation", [confirmed.id], "active", "returned")
    return _returned(held, confirmed.id, reason)


def _returned(held: Held, of: str, reason: str) -> Fact:
    why, at = read_reason(reason), held.tick()
    fact = ReturnToStock(id=new_id("r"), at=at, recorded_at=at, actor=held.act.actor.id, reason=why, of=of)
    held.learn(fact)
    held.act.log("stock.returned", refs={"of": of}, patient=held.row, hidden={"fact": canonical_form(fact)})
    return fact


def _take_dispense(act: Act, row: DispenseRow | None, what: str = "dispense") -> tuple[Held, DispenseRow]:
    if row is None or row.pharmacy != act.actor.site:
        raise no_such(what)
    held = hold(act, row.patient, "dispense")
    again = states.dispense_named(act.uow, row.id)  # read again now that the patient is held
    return held, again or row
