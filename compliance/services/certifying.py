"""Certifies prescribers, pharmacists and pharmacies, and withdraws certifications at once."""

from dataclasses import dataclass
from datetime import date

from compliance.domain.access import Role, Verb
from compliance.domain.facts import Certification, CertifiedRole, Fact, Revocation
from compliance.domain.record import Record, View
from compliance.domain.span import TICK, Instant, zone
from compliance.domain.wire import read_date
from compliance.services.actor import Actor, permit
from compliance.services.acts import Act, guarded, moment, new_id, perform
from compliance.services.app import App
from compliance.services.authorizing import read_reason
from compliance.services.errors import Conflict, Invalid, no_such
from compliance.services.returning import FACT
from compliance.storage import facts, patients, people

_SUBJECTS = {CertifiedRole.PRESCRIBER: Role.PRESCRIBER, CertifiedRole.PHARMACIST: Role.PHARMACIST}


@dataclass(frozen=True, slots=True)
class CertificationView:
    """How a certification stands: certified, expired or revoked."""

    subject: str
    name: str
    role: CertifiedRole
    expires_on: date
    state: str


def certify(app: App, actor: Actor, subject: str, role: CertifiedRole, expires_on: date, *, key: str = "") -> Fact:
    """Certify a person or a pharmacy through the end of a day."""

    def unit(act: Act) -> Fact:
        at = _take(act, subject, role)
        until = read_date(expires_on, "expires_on")
        if until < act.now.date():
            raise Invalid("ALREADY_EXPIRED", "give a day that has not passed", "expires_on", until.isoformat())
        fact = Certification(
            id=new_id("k"), at=at, recorded_at=at, actor=actor.id, subject=subject, role=role,
            expires_on=until,
        )  # fmt: skip
        return _state(act, fact, "certification.recorded")

    return perform(app, actor, Verb.CERTIFY, unit, FACT, key=key, given=[subject, role, expires_on]).answer


def revoke(app: App, actor: Actor, subject: str, role: CertifiedRole, reason: str, *, key: str = "") -> Fact:
    """Withdraw a certification; every step that rests on it is refused from now on."""

    def unit(act: Act) -> Fact:
        at = _take(act, subject, role)
        if not any(isinstance(f, Certification) and f.role is role for f in facts.about(act.uow, [subject])):
            raise Conflict("NOT_CERTIFIED", "there is no certification to revoke")
        fact = Revocation(
            id=new_id("k"), at=at, recorded_at=at, actor=actor.id, reason=read_reason(reason),
            subject=subject, role=role,
        )  # fmt: skip
        return _state(act, fact, "certification.revoked")

    given = [subject, role, reason]
    return perform(app, actor, Verb.REVOKE_CERTIFICATION, unit, FACT, key=key, given=given).answer


def list_certifications(app: App, actor: Actor) -> list[CertificationView]:
    """How every certification stands today."""
    permit(actor, Verb.LIST_CERTIFICATIONS)
    at = moment(app)
    with guarded(), app.db.read() as uow:
        view = Record(facts.certifications(uow)).as_of(at)
        names = people.names(uow, {subject for _, subject in view.certifications})
    return [
        CertificationView(subject, names.get(subject, subject), role, held.expires_on, _standing(view, held, at))
        for (role, subject), held in sorted(
            view.certifications.items(), key=lambda item: (item[0][0].value, item[0][1])
        )
    ]


def _take(act: Act, subject: str, role: CertifiedRole) -> Instant:
    """Hold the subject, so that no decision rests on what is changing; then look at the clock."""
    if role is CertifiedRole.PHARMACY:
        found = people.site_of(act.uow, subject)
        fits = found is not None and found.kind == "pharmacy"
    else:
        person = people.by_id(act.uow, subject)
        fits = person is not None and Role(person.role) is _SUBJECTS[role]
    if not fits or not patients.take_subject(act.uow, subject, is_site=role is CertifiedRole.PHARMACY):
        raise no_such(role.value)
    known = [Instant(fact.recorded_at + TICK) for fact in facts.about(act.uow, [subject])]
    return max([moment(act.app), *known])


def _state(act: Act, fact: Certification | Revocation, entry_type: str) -> Fact:
    facts.append_certification(act.uow, fact)
    refs = {"fact": fact.id, "subject": fact.subject, "role": fact.role.value}
    if isinstance(fact, Certification):
        refs["expires_on"] = fact.expires_on.isoformat()
    act.log(entry_type, refs=refs)
    return fact


def _standing(view: View, held: Certification, at: Instant) -> str:
    """What the gate would say of it, but for the zone of the policy: a page shows the day in UTC."""
    revoked = view.revocations.get((held.role, held.subject))
    if revoked is not None and revoked.at >= held.at:
        return "revoked"
    return "expired" if at >= zone("UTC").end_of(held.expires_on) else "certified"
