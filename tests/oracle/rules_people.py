"""The naive gate on people: prescription, agreement, evidence, certification, holds.

Written from `policies/README.md` alone.
"""

from __future__ import annotations

from datetime import date

from tests.oracle.spans import add_months, months_in
from tests.oracle.world import Plain, Says, World, met, newest


def prescription_form(_: Plain, world: World) -> Says:
    """A known prescription for a product of ours by an accepted channel."""
    prescription = world.prescription
    rule = world.policy["prescription"]
    if prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    if prescription["product"] not in world.policy["products"]:
        return "PRODUCT_NOT_COVERED", world.now
    channel = prescription["channel"]
    if channel not in rule["channels"]:
        flexibility = rule["channels_by_flexibility"].get(channel)
        if flexibility is None or not world.flexible(flexibility, prescription["at"]):
            return "CHANNEL_NOT_ACCEPTED", world.now
    return met()


def category_on_prescription(_: Plain, world: World) -> Says:
    """The prescription's category is the enrolled one."""
    if world.prescription is None:
        return "PRESCRIPTION_MISSING", world.now
    return met() if world.prescription["category"] == world.category else ("CATEGORY_MISMATCH", world.now)


def enrolled(rule: Plain, world: World) -> Says:
    """The agreement: signed, for the age, not lapsed, before the prescription."""
    agreement = world.enrolment
    if agreement is None:
        return "ENROLMENT_MISSING", world.now
    is_child = agreement["category"].startswith("child_")
    signed = agreement["guardian_signed"] if is_child else agreement["patient_signed"]
    if not (signed and agreement["prescriber_signed"]):
        return "AGREEMENT_UNSIGNED", world.now
    birthday = add_months(agreement["birth_date"], 12 * rule["adult_age"], waiting=True)
    if is_child == (world.today >= birthday):
        return "AGE_GROUP_MISMATCH", world.now
    ends = [world.start(birthday)] if is_child else []
    _, _, off = world.supply
    if off is not None and agreement["at"] < world.start(off):
        lapses = world.start(add_months(off, months_in(rule["lapses_after_months"]), waiting=False))
        if world.now >= lapses:
            return "ENROLMENT_LAPSED", world.now
        ends.append(lapses)
    if world.prescription is None or agreement["at"] > world.prescription["at"]:
        return "ENROLMENT_AFTER_PRESCRIPTION", world.now
    return met(min(ends) if ends else None)


CONTRADICTING = ["missed_menses", "first_menses", "menses_resumed", "period_started", "abnormal_bleeding"]


def risk_evidence(rule: Plain, world: World) -> Says:
    """The newest evidence is of an accepted kind and nothing since speaks against it."""
    evidence, says = accepted_evidence(rule, world)
    if evidence is None or evidence["basis"] != "natural_menopause":
        return says
    return menopause(world, long_enough(rule, evidence), None)


def risk_evidence_by_age(rule: Plain, world: World) -> Says:
    """As risk_evidence, and menopause counts only from an age on."""
    evidence, says = accepted_evidence(rule, world)
    if evidence is None or evidence["basis"] != "natural_menopause":
        return says
    if world.enrolment is None:
        return "EVIDENCE_MISSING", world.now
    birthday = add_months(world.enrolment["birth_date"], 12 * rule["menopause_age"], waiting=True)
    return menopause(world, long_enough(rule, evidence), birthday)


def accepted_evidence(rule: Plain, world: World) -> tuple[Plain | None, Says]:
    """The newest evidence, if it is of an accepted kind, stated whole, and nothing since speaks against it."""
    evidence = newest(world.of("risk_evidence"))
    if evidence is None or evidence["basis"] not in rule["accepted"]:
        return None, ("EVIDENCE_MISSING", world.now)
    basis = evidence["basis"]
    against = [f for f in world.of("report") if f["what"] in CONTRADICTING and f["at"] >= evidence["at"]]
    if basis in ("natural_menopause", "hormonal_menopause", "ovarian_failure", "no_menarche") and against:
        return None, ("CATEGORY_CONTRADICTED", world.now)
    if basis == "natural_menopause" and evidence.get("last_menses_on") is None:
        return None, ("EVIDENCE_MISSING", world.now)
    return evidence, met()


def long_enough(rule: Plain, evidence: Plain) -> date:
    """The day on which the menopause has lasted long enough."""
    return add_months(evidence["last_menses_on"], months_in(rule["menopause_months"]), waiting=True)


def menopause(world: World, enough: date, birthday: date | None) -> Says:
    """Old enough, and long enough."""
    if birthday is not None and world.today < birthday:
        return "MENOPAUSE_TOO_YOUNG", world.start(max(birthday, enough))
    if world.today < enough:
        return "MENOPAUSE_TOO_RECENT", world.start(enough)
    return met()


def certified(rule: Plain, world: World) -> Says:
    """The newest certification of who acts: there, not revoked, not expired."""
    return certification(rule, world)[1]


def registered(rule: Plain, world: World) -> Says:
    """As certified, and the newest certification has not lasted too long."""
    fact, says = certification(rule, world)
    if fact is None or says[0] != "MET" or says[1] is None:
        return says
    ends = world.span_end(rule["lasts"], fact["at"])
    return ("REGISTRATION_LAPSED", world.now) if world.now >= ends else met(min(ends, says[1]))


def certification(rule: Plain, world: World) -> tuple[Plain | None, Says]:
    """The newest certification, and what is to be said of it."""
    role = rule["who"]
    if role == "prescriber":
        subject = world.prescription["prescriber"] if world.prescription else ""
    else:
        subject = world.request.get(role, "")
    mine = [f for f in world.facts if f.get("role") == role and f.get("subject") == subject != ""]
    fact = newest([f for f in mine if f["fact"] == "certification"])
    if fact is None:
        return None, ("CERTIFICATION_MISSING", world.now)
    if [f for f in mine if f["fact"] == "revocation" and f["at"] >= fact["at"]]:
        return fact, ("CERTIFICATION_REVOKED", world.now)
    if world.today > fact["expires_on"]:
        return fact, ("CERTIFICATION_EXPIRED", world.now)
    return fact, met(world.end(fact["expires_on"]))


def not_held(rule: Plain, world: World) -> Says:
    """Every cause was lifted by enough different people."""
    tests = [f for f in world.of("pregnancy_test") if f["result"] == "positive"]
    reports = [f for f in world.of("report") if f["what"] == "pregnancy"]
    explained = [f["id"] for f in tests + reports]
    holds = [f for f in world.of("hold") if f.get("cause", "") not in explained]
    for causes, code in ((tests, "HELD_POSITIVE_TEST"), (reports, "HELD_PREGNANCY_REPORT"), (holds, "HELD")):
        if [c for c in causes if not lifted(c, rule["reviewers"], world)]:
            return code, world.now
    return met()


def lifted(cause: Plain, reviewers: int, world: World) -> bool:
    """Whether enough people reviewed the cause and each one's last word is to lift."""
    reviews = [f for f in world.of("hold_review") if f["of"] == cause["id"] and f["at"] >= cause["at"]]
    people = {f["actor"] for f in reviews}
    last_words = [newest([f for f in reviews if f["actor"] == person]) for person in people]
    return len(people) >= reviewers and all(word and word["outcome"] == "lift" for word in last_words)
