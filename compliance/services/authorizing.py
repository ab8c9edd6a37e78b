"""Leave to prescribe: one live authorization for each prescription, decided afresh and voidable."""

from dataclasses import dataclass

from compliance.domain.access import Verb
from compliance.domain.decision import Decision
from compliance.domain.facts import Authorization, AuthorizationVoid, Category, Prescription, Step
from compliance.domain.span import Instant
from compliance.domain.wire import read_text, write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, Codec, new_id, perform
from compliance.services.app import App
from compliance.services.deciding import ENTRY, decision_for, log_decision, take
from compliance.services.decisions import write_moment
from compliance.services.errors import Conflict, Invalid, NotPermitted, no_such
from compliance.services.outcomes import OUTCOME, Outcome, released
from compliance.services.records import Held, canonical_form, hold_own, readable_number
from compliance.services.referring import refer
from compliance.services.voiding import void_confirmations
from compliance.storage import states
from compliance.storage.states import AuthorizationRow

__all__ = ["Outcome", "Voided", "authorize", "void_authorization"]


@dataclass(frozen=True, slots=True)
class Voided:
    """What ended before its time: the authorization and the confirmations under it."""

    numbers: tuple[str, ...]


_VOIDED: Codec[Voided] = Codec(lambda answer: list(answer.numbers), lambda plain: Voided(tuple(plain)))


def authorize(app: App, actor: Actor, prescription_id: str, *, key: str = "") -> Outcome:
    """Ask for an authorization. A refusal is an outcome with its reasons, and is logged like any other."""

    def unit(act: Act) -> Outcome:
        held, record, prescription = take(act, prescription_id, own_site=True)
        if prescription.prescriber != actor.id:
            raise NotPermitted("NOT_THE_PRESCRIBER", "only the prescriber of a prescription may have it authorized")
        made = decision_for(app, actor, Step.AUTHORIZE, prescription, record, at=held.at)
        if not made.is_allowed or made.category is None:
            log_decision(act, held, record, made, ENTRY[Step.AUTHORIZE])
            return Outcome(made)
        fact = _issue(held, prescription, made.category, made)
        raised = refer(held, record, made)
        log_decision(
            act, held, record, made, ENTRY[Step.AUTHORIZE], releases="authorization",
            hidden={"fact": canonical_form(fact), **raised}, authorization=fact.id,
        )  # fmt: skip
        return Outcome(made, ends_at=made.authorization_ends_at, fact=fact.id)

    return released(perform(app, actor, Verb.AUTHORIZE, unit, OUTCOME, key=key, given=prescription_id))


def _issue(held: Held, prescription: Prescription, category: Category, made: Decision) -> Authorization:
    act, at = held.act, held.tick()
    _end_expired(act, states.live_authorization(act.uow, prescription.id), at)
    fact = Authorization(
        id=new_id("a"), at=at, recorded_at=at, actor=act.actor.id, number=act.txn,
        prescription=prescription.id, category=category,
    )  # fmt: skip
    held.learn(fact)
    states.insert_authorization(
        act.uow, id=fact.id, txn=act.txn, number=None, patient=held.row.id, prescription=prescription.id,
        issued_at=write_instant(at), ends_at=write_moment(made.authorization_ends_at), status="active",
    )  # fmt: skip
    return fact


def _end_expired(act: Act, row: AuthorizationRow | None, at: Instant) -> None:
    """An authorization past its end gives way; one that is not is never replaced, only voided by a person."""
    if row is None or not row.ends_at or row.ends_at > write_instant(at):
        return
    states.move(act.uow, "authorization", [row.id], "active", "expired")
    under = states.live_confirmations_of(act.uow, row.id)
    states.move(act.uow, "confirmation", [c.id for c in under], "active", "expired")


def void_authorization(app: App, actor: Actor, number: str, reason: str, *, key: str = "") -> Voided:
    """End an authorization before its time, and every confirmation under it."""

    def unit(act: Act) -> Voided:
        row = states.authorization_by_number(act.uow, readable_number(number))
        if row is None:
            raise no_such("authorization")
        held = hold_own(act, row.patient, "authorization")
        why = read_reason(reason)
        if not states.move(act.uow, "authorization", [row.id], "active", "voided"):
            raise Conflict("AUTHORIZATION_NOT_LIVE", "the authorization has ended or was used already")
        at = held.tick()
        void = AuthorizationVoid(
            id=new_id("v"), at=at, recorded_at=at, actor=actor.id, reason=why, authorization=row.id
        )
        ended, facts = void_confirmations(held, states.live_confirmations_of(act.uow, row.id), why)
        held.learn(void, *facts)
        act.log(
            "authorization.voided", refs={"authorization": row.id}, patient=held.row,
            hidden={f"fact.{place}": canonical_form(fact) for place, fact in enumerate([void, *facts])},
        )  # fmt: skip
        return Voided((row.number or row.id, *ended))

    given = [readable_number(number), reason]
    return perform(app, actor, Verb.VOID_AUTHORIZATION, unit, _VOIDED, key=key, given=given).answer


def read_reason(reason: str) -> str:
    """Read the reason without which nothing is undone."""
    text = read_text(reason, "reason").strip()
    if not text:
        raise Invalid("REASON_MISSING", "say why", "reason")
    return text
