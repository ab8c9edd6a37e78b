"""Certifies prescribers, pharmacists and pharmacies, and withdraws certifications at once."""

from dataclasses import dataclass
from datetime import date

from compliance.domain.access import Role, Verb
from compliance.domain.facts import Certification, CertifiedRole, Fact, Revocation
from compliance.domain.record import Record, View
from compliance.domain.span import TICK, Instant, zone
from compliance.domain.visible import Scope
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
    programme: str


def certify(  # noqa: PLR0917 - one argument for each thing said
    app: App, actor: Actor, subject: str, role: CertifiedRole, expires_on: date, programme: str, *, key: str = ""
) -> Fact:
    """Certify a person or a pharmacy for one programme through the end of a day."""

    def unit(act: Act) -> Fact:
        _check_programme(app, programme)
        at = _take(act, subject, role)
        until = read_date(expires_on, "expires_on")
        if until < act.now.date():
            raise Invalid("ALREADY_EXPIRED", "give a day that has not passed", "expires_on", until.isoformat())
        fact = Certification(
            id=new_id("k"), at=at, recorded_at=at, actor=actor.id, subject=subject, role=role,
            expires_on=until, programme=programme,
        )  # fmt: skip
        return _state(act, fact, "certification.recorded")

    return perform(app, actor, Verb.CERTIFY, unit, FACT, key=key, given=[subject, role, expires_on, programme]).answer


def revoke(  # noqa: PLR0917 - one argument for each thing said
    app: App, actor: Actor, subject: str, role: CertifiedRole, reason: str, programme: str, *, key: str = ""
) -> Fact:
    """Withdraw a certification for a programme; every step that rests on it is refused from now on."""

    def unit(act: Act) -> Fact:
        at = _take(act, subject, role)
        held = [f for f in facts.about(act.uow, [subject]) if isinstance(f, Certification)]
        if not any((f.role, f.programme) == (role, programme) for f in held):
            raise Conflict("NOT_CERTIFIED", "there is no certification to revoke")
        fact = Revocation(
            id=new_id("k"), at=at, recorded_at=at, actor=actor.id, reason=read_reason(reason),
            subject=subject, role=role, programme=programme,
        )  # fmt: skip
        return _state(act, fact, "certification.revoked")

    given = [subject, role, reason, programme]
    return perform(app, actor, Verb.REVOKE_CERTIFICATION, unit, FACT, key=key, given=given).answer


def list_certifications(app: App, actor: Actor) -> list[CertificationView]:
    """How every certification stands today."""
    permit(actor, Verb.LIST_CERTIFICATIONS)
    at = moment(app)
    with guarded(), app.db.read() as uow:
        record = Record(facts.certifications(uow))
        names = people.names(uow, {f.subject for f in record.facts if isinstance(f, Certification)})
    found = []
    for programme in app.policies.programmes():
        view = record.as_of(at, Scope(programme, frozenset()))
        for (role, subject), held in view.certifications.items():
            standing = _standing(view, held, at)
            name = names.get(subject, subject)
            found.append(CertificationView(subject, name, role, held.expires_on, standing, programme))
    return sorted(found, key=lambda one: (one.role.value, one.subject, one.programme))


def _check_programme(app: App, programme: str) -> None:
    known = app.policies.programmes()
    if programme not in known:
        raise Invalid("PROGRAMME_UNKNOWN", f"give one of: {', '.join(known)}", "programme", programme)


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
    programme = fact.programme.replace("/", ":")  # a reference holds no slash
    refs = {"fact": fact.id, "subject": fact.subject, "role": fact.role.value, "programme": programme}
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
