"""Records what becomes known of a patient. News of a pregnancy, from anybody, stops everything at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.domain.access import FACT_KINDS, Role, Verb, may_state, outranks
from compliance.domain.errors import DomainError
from compliance.domain.facts import AdverseReaction, Fact, IndependentReview, Report, ReportKind, Retraction
from compliance.domain.wire import read_fact, write_fact, write_instant
from compliance.services.actor import Actor
from compliance.services.acts import Act, Codec, new_id, perform
from compliance.services.app import App
from compliance.services.authorizing import read_reason
from compliance.services.errors import Conflict, Invalid, NotPermitted, no_such
from compliance.services.records import Held, canonical_form, hold_named
from compliance.services.voiding import hold_and_void

_SET_HERE = frozenset({"id", "recorded_at", "actor", "corrects"})
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact on record, whether it holds the patient, and the numbers of what it ended."""

    fact: Fact
    held: bool
    voided: tuple[str, ...]


_RECORDED: Codec[Recorded] = Codec(
    lambda answer: [write_fact(answer.fact), answer.held, list(answer.voided)],
    lambda plain: Recorded(read_fact(plain[0]), plain[1], tuple(plain[2])),
)


def record_fact(app: App, actor: Actor, patient: str, plain: Mapping[str, Any], *, key: str = "") -> Recorded:
    """Record a fact about a patient: by id at the own site, or by prescription id or authorization number."""

    def unit(act: Act) -> Recorded:
        held = hold_named(act, patient)
        return _store(held, _news(held, plain) if outranks(plain) else _stated(held, plain), "fact.recorded")

    given = [patient, dict(plain)]
    if not outranks(plain):
        return perform(app, actor, Verb.RECORD_FACT, unit, _RECORDED, key=key, given=given).answer
    try:
        return perform(app, actor, Verb.REPORT_PREGNANCY, unit, _RECORDED, key=key, given=given).answer
    except (Conflict, Invalid) as refused:
        if refused.field != "key":
            raise
        # A key that cannot be used is no reason to turn such news away: told twice, it holds the patient twice.
        return perform(app, actor, Verb.REPORT_PREGNANCY, unit, _RECORDED, key="", given=given).answer


def correct_fact(  # noqa: PLR0917 - one argument for each thing said
    app: App,
    actor: Actor,
    patient: str,
    fact_id: str,
    plain: Mapping[str, Any] | None,
    reason: str,
    *,
    key: str = "",
) -> Recorded:
    """Put another fact in the place of one entered in error, or none; both stay on record."""

    def unit(act: Act) -> Recorded:
        held = hold_named(act, patient)
        wrong = _correctable(held, fact_id)
        why = read_reason(reason)
        if plain is None:
            return _store(held, _retraction(held, fact_id, why), "fact.corrected")
        if plain.get("fact") != wrong.kind:
            raise Invalid("KIND_CHANGED", f"a {wrong.kind} can only be corrected by another", "fact.fact")
        return _store(held, _stated(held, plain, corrects=fact_id, reason=why), "fact.corrected")

    given = [patient, fact_id, None if plain is None else dict(plain), reason]
    return perform(app, actor, Verb.CORRECT_FACT, unit, _RECORDED, key=key, given=given).answer


def _store(held: Held, fact: Fact, entry_type: str) -> Recorded:
    voided: tuple[str, ...] = ()
    more: list[Fact] = []
    stops = outranks(write_fact(fact))
    if stops:
        voided, more = hold_and_void(held, fact)
    held.learn(fact, *more)
    refs: dict[str, object] = {"fact": fact.id}
    if fact.corrects:
        refs["corrects"] = fact.corrects
    held.act.log(
        entry_type, outcome="held" if stops else "recorded", refs=refs, patient=held.row,
        hidden={f"fact.{place}": canonical_form(one) for place, one in enumerate([fact, *more])},
    )  # fmt: skip
    return Recorded(fact, stops, voided)


def _stated(held: Held, plain: Mapping[str, Any], **said: str) -> Fact:
    actor = held.act.actor
    given = sorted(_SET_HERE & set(plain))
    if given:
        raise Invalid("SET_HERE", "this is set by the programme; leave it out", f"fact.{given[0]}")
    kind = plain.get("fact")
    if isinstance(kind, str) and actor.role not in FACT_KINDS.get(kind, frozenset(Role)):
        raise NotPermitted("NOT_PERMITTED", f"a {actor.role.value} may not record a {kind[:40]}")
    at = write_instant(held.tick())
    fact = read_fact({"at": at, **plain, **said, "id": new_id("f"), "recorded_at": at, "actor": actor.id})
    if not may_state(actor.role, fact):
        raise NotPermitted("NOT_PERMITTED", f"a {actor.role.value} may not record this {fact.kind}")
    _check_prescription(held, fact)
    _check_programme(held, fact)
    if isinstance(fact, AdverseReaction):
        _check_medicine(held, fact)
    if isinstance(fact, IndependentReview) and fact.reviewer != actor.id:
        raise NotPermitted("NOT_THE_REVIEWER", "each reviewer records a view in person")
    return fact


def _news(held: Held, plain: Mapping[str, Any]) -> Fact:
    """News of a pregnancy as it was told; what cannot be read becomes a bare report, never a refusal."""
    actor = held.act.actor
    moment = held.tick()
    at = write_instant(moment)
    told = {name: value for name, value in plain.items() if name not in _SET_HERE}
    try:
        return read_fact({"at": at, **told, "id": new_id("f"), "recorded_at": at, "actor": actor.id})
    except DomainError as error:
        unread = f"{plain['fact']} told without readable details: {error.code} {error.field}"
        return Report(
            id=new_id("f"), at=moment, recorded_at=moment, actor=actor.id, what=ReportKind.PREGNANCY,
            reason=unread[:_MOST_REASON],
        )  # fmt: skip


def _retraction(held: Held, fact_id: str, why: str) -> Retraction:
    at = held.tick()
    actor = held.act.actor.id
    return Retraction(id=new_id("f"), at=at, recorded_at=at, actor=actor, corrects=fact_id, reason=why)


def _correctable(held: Held, fact_id: str) -> Fact:
    facts = held.record().facts
    wrong = next((fact for fact in facts if fact.id == fact_id), None)
    if wrong is None:
        raise no_such("fact")
    if not may_state(held.act.actor.role, wrong):
        raise NotPermitted("NOT_PERMITTED", f"a {held.act.actor.role.value} may not correct this {wrong.kind}")
    if any(fact.corrects == fact_id for fact in facts):
        raise Conflict("ALREADY_CORRECTED", "this fact was corrected already; correct the newer one")
    return wrong


def _check_prescription(held: Held, fact: Fact) -> None:
    named = getattr(fact, "prescription", "")
    if named and not any(f.kind == "prescription" and f.id == named for f in held.record().facts):
        raise Invalid("PRESCRIPTION_UNKNOWN", "name a prescription of this patient", "fact.prescription", named)


def _check_programme(held: Held, fact: Fact) -> None:
    """What is agreed or answered for one programme says for which; what goes with a prescription goes with its own."""
    named = getattr(fact, "programme", None)
    if named is None:
        return
    known = held.act.app.policies.programmes()
    if named and named not in known:
        raise Invalid("PROGRAMME_UNKNOWN", f"give one of: {', '.join(known)}", "fact.programme", named)
    if not named and not getattr(fact, "prescription", ""):
        raise Invalid("PROGRAMME_MISSING", "say for which programme it is", "fact.programme")


def _check_medicine(held: Held, fact: AdverseReaction) -> None:
    """A reaction to a misspelt medicine would bar nothing, so the medicine is one that some programme covers."""
    known = sorted({product for policy in held.act.app.policies.all() for product in policy.products})
    if fact.product not in known:
        raise Invalid("PRODUCT_UNKNOWN", f"give one of: {', '.join(known)}", "fact.product", fact.product)
