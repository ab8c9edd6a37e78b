"""Plain builders of facts with sound defaults, so that a test says only what matters to it.

Times are given as distances before `NOW`. `ready` gives a record that the policy allows at a step; tests take
something away from it, or add something.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from compliance.domain import facts as f
from compliance.domain.decision import Decision, Finding, Request
from compliance.domain.gate import decide
from compliance.domain.policy import Policy, read_policy
from compliance.domain.record import Record
from compliance.domain.span import Instant

F = TypeVar("F", bound=f.Fact)

NOW = Instant(datetime(2026, 6, 15, 16, 0, tzinfo=UTC))
"""Monday noon in New York; so are the same hours of the days around it, whatever clocks do."""

PRESCRIBER, PHARMACY, PHARMACIST = "dr-lee", "main-street", "ph-kim"
POLICY_FILE = Path(__file__).resolve().parents[1] / "policies/us/lenalidomide-rems/2023-03-24.toml"
FRP = frozenset({f.Category.ADULT_FRP, f.Category.CHILD_FRP})
FNRP = frozenset({f.Category.ADULT_FNRP, f.Category.CHILD_FNRP})
FIRST_TOPICS = frozenset({f.Topic.BENEFITS_AND_RISKS, f.Topic.BOXED_WARNING, f.Topic.SURVEY_DUTY})
EACH_TOPICS = frozenset({f.Topic.CONTRACEPTION, f.Topic.EMERGENCY_CONTRACEPTION})
PHARMACY_TOPICS = frozenset(
    {
        f.Topic.BENEFITS_AND_RISKS,
        f.Topic.NO_SHARING,
        f.Topic.NO_BLOOD_DONATION,
        f.Topic.INTACT_CAPSULES,
        f.Topic.DOSE_AND_ADMINISTRATION,
        f.Topic.READ_MATERIALS,
        f.Topic.COMPLY_WITH_PROGRAMME,
    }
)


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> Instant:
    """The moment so long before `NOW`, in elapsed time."""
    return Instant(NOW - timedelta(days=days, hours=hours, minutes=minutes))


@cache
def plain_policy_text() -> bytes:
    """The released policy file, as bytes."""
    return POLICY_FILE.read_bytes()


def plain_policy() -> dict[str, Any]:
    """A fresh copy of the released policy as plain data, to be changed at will."""
    return tomllib.loads(plain_policy_text().decode())


@cache
def policy() -> Policy:
    """The released policy."""
    return read_policy(plain_policy(), hashlib.sha256(plain_policy_text()).hexdigest())


def made(cls: type[F], defaults: dict[str, Any], changes: dict[str, Any]) -> F:
    """A fact from defaults and changes; `days_ago`, `hours_ago` and `minutes_ago` say when it was true."""
    values = defaults | changes
    distance = [values.pop(name, 0) for name in ("days_ago", "hours_ago", "minutes_ago")]
    at = values.setdefault("at", ago(*distance))
    values.setdefault("recorded_at", at)
    values.setdefault("actor", "someone")
    values.setdefault("id", f"{cls.kind}-{at:%Y%m%dT%H%M%S}")
    return cls(**values)


def negative_test(**changes: Any) -> f.PregnancyTest:
    """An accepted negative: laboratory serum test, collected twelve days ago, resulted at once."""
    changes.setdefault("days_ago", 0 if {"hours_ago", "minutes_ago"} & set(changes) else 12)
    plain: dict[str, Any] = {
        "result": f.TestResult.NEGATIVE,
        "sensitivity_miu_ml": 25,
        "test_kind": f.TestKind.SERUM,
        "place": f.TestPlace.LABORATORY,
        "reporter": f.Reporter.LABORATORY,
    }
    at = changes.get("at") or ago(changes["days_ago"], changes.get("hours_ago", 0), changes.get("minutes_ago", 0))
    plain["resulted_at"] = at
    plain["specimen"] = f"specimen-{at:%Y%m%dT%H%M%S.%f}"
    return made(f.PregnancyTest, plain, changes)


def positive_test(**changes: Any) -> f.PregnancyTest:
    """A positive test, collected a day ago."""
    return negative_test(**{"days_ago": 1, "id": "positive", "result": f.TestResult.POSITIVE} | changes)


def enrolment(category: f.Category = f.Category.ADULT_FRP, **changes: Any) -> f.Enrolment:
    """A fully signed agreement for a category, sixty days ago."""
    plain = {
        "days_ago": 60,
        "id": "agreement",
        "category": category,
        "birth_date": date(1985, 5, 5) if category.is_adult else date(2012, 5, 5),
        "patient_signed": category.is_adult,
        "guardian_signed": not category.is_adult,
        "prescriber_signed": True,
        "prescriber": PRESCRIBER,
    }
    return made(f.Enrolment, plain, changes)


def evidence(basis: f.CategoryBasis = f.CategoryBasis.HYSTERECTOMY, **changes: Any) -> f.RiskEvidence:
    """Evidence for having no reproductive potential, sixty days ago."""
    return made(f.RiskEvidence, {"days_ago": 60, "id": "evidence", "basis": basis}, changes)


def cycle(regularity: f.CycleRegularity = f.CycleRegularity.REGULAR, **changes: Any) -> f.Cycle:
    """A statement on the menstrual cycle, sixty days ago."""
    return made(f.Cycle, {"days_ago": 60, "id": "cycle", "regularity": regularity}, changes)


def in_use(method: f.Method, since: date = date(2020, 1, 1)) -> f.MethodInUse:
    """A method in use, for years unless said otherwise."""
    return f.MethodInUse(method, since)


def contraception(*methods: f.MethodInUse, **changes: Any) -> f.Contraception:
    """A statement of methods in use, sixty days ago: an implant and condoms unless said otherwise."""
    used = methods or (in_use(f.Method.HORMONAL_IMPLANT), in_use(f.Method.MALE_CONDOM))
    return made(f.Contraception, {"days_ago": 60, "id": "contraception", "methods": used}, changes)


def counselling(topics: Iterable[f.Topic], **changes: Any) -> f.Counselling:
    """A conversation held by the prescriber three hours ago, for the prescription `rx`."""
    plain = {"hours_ago": 3, "by": f.Counsellor.PRESCRIBER, "topics": frozenset(topics), "prescription": "rx"}
    return made(f.Counselling, plain, changes)


def pharmacist_counselling(**changes: Any) -> f.Counselling:
    """The pharmacist's whole checklist, gone through for the prescription `rx` forty minutes ago."""
    plain = {"hours_ago": 0, "minutes_ago": 40, "id": "ph-counselling", "by": f.Counsellor.PHARMACIST}
    return counselling(PHARMACY_TOPICS, **plain | changes)


def material(item: f.Item, **changes: Any) -> f.Material:
    """A document given with the prescription `rx` forty minutes ago."""
    plain = {"minutes_ago": 40, "id": f"material-{item.value}", "item": item, "prescription": "rx"}
    return made(f.Material, plain, changes)


def survey(whose: f.Whose, **changes: Any) -> f.Survey:
    """A survey completed two hours ago; the prescriber's is for the prescription `rx`."""
    named = "rx" if whose is f.Whose.PRESCRIBER else ""
    plain = {"hours_ago": 2, "id": f"survey-{whose.value}", "whose": whose, "prescription": named}
    return made(f.Survey, plain, changes)


def prescription(category: f.Category = f.Category.ADULT_FRP, **changes: Any) -> f.Prescription:
    """The prescription `rx`: 21 capsules of a 21-of-28-days regimen, issued two hours ago."""
    plain = {
        "hours_ago": 2,
        "id": "rx",
        "product": "lenalidomide",
        "category": category,
        "prescriber": PRESCRIBER,
        "channel": f.Channel.ELECTRONIC,
        "quantity": 21,
        "units_per_day": 1,
        "days_on": 21,
        "cycle_days": 28,
        "refills": 0,
    }
    return made(f.Prescription, plain, changes)


def authorization(category: f.Category = f.Category.ADULT_FRP, **changes: Any) -> f.Authorization:
    """The authorization `an` of the prescription `rx`, ninety minutes ago."""
    plain = {"minutes_ago": 90, "id": "an", "number": "A-1", "prescription": "rx", "category": category}
    return made(f.Authorization, plain, changes)


def confirmation(**changes: Any) -> f.Confirmation:
    """The confirmation `cn` under the authorization `an`, an hour ago."""
    plain = {
        "hours_ago": 1,
        "id": "cn",
        "number": "C-1",
        "authorization": "an",
        "prescription": "rx",
        "pharmacy": PHARMACY,
    }
    return made(f.Confirmation, plain, changes)


def dispense(**changes: Any) -> f.Dispense:
    """A dispense of 28 days of treatment under `rx` and `cn`, thirty minutes ago."""
    plain = {
        "minutes_ago": 30,
        "prescription": "rx",
        "confirmation": "cn",
        "pharmacy": PHARMACY,
        "handover": f.Handover.IN_PERSON,
        "days_supply": 28,
    }
    return made(f.Dispense, plain, changes)


def treatment(status: f.TreatmentStatus, **changes: Any) -> f.TreatmentChange:
    """A change in whether the medicine is taken, now."""
    return made(f.TreatmentChange, {"status": status}, changes)


def report(what: f.ReportKind, **changes: Any) -> f.Report:
    """A report about menses or pregnancy, a day ago."""
    return made(f.Report, {"days_ago": 1, "id": "report", "what": what}, changes)


def hold(**changes: Any) -> f.Hold:
    """A hold placed by a person, a day ago."""
    return made(f.Hold, {"days_ago": 1, "id": "hold"}, changes)


def review(of: str, actor: str, **changes: Any) -> f.HoldReview:
    """One reviewer's conclusion an hour ago: lift."""
    plain = {
        "hours_ago": 1,
        "id": f"review-{of}-{actor}",
        "of": of,
        "actor": actor,
        "outcome": f.ReviewOutcome.LIFT,
    }
    return made(f.HoldReview, plain, changes)


def retraction(corrects: str, **changes: Any) -> f.Retraction:
    """A fact taken back, now."""
    plain = {"id": f"retraction-{corrects}", "corrects": corrects, "reason": "entered in error"}
    return made(f.Retraction, plain, changes)


def certification(role: f.CertifiedRole, subject: str, **changes: Any) -> f.Certification:
    """A certification a year ago that lasts through 2027."""
    plain = {"days_ago": 365, "id": f"certified-{role.value}-{subject}", "role": role, "subject": subject}
    return made(f.Certification, plain | {"expires_on": date(2027, 12, 31)}, changes)


def revocation(role: f.CertifiedRole, subject: str, **changes: Any) -> f.Revocation:
    """A certification withdrawn a day ago."""
    plain = {"days_ago": 1, "id": f"revoked-{role.value}-{subject}", "role": role, "subject": subject}
    return made(f.Revocation, plain, changes)


def declaration(*statements: f.Statement, **changes: Any) -> f.Declaration:
    """The prescriber's declaration on the form of `rx`, two hours ago: safe, in label, unless said otherwise."""
    made_of = statements or (f.Statement.SAFETY_MEASURES_FOLLOWED, f.Statement.IN_LABEL)
    plain = {"hours_ago": 2, "id": "declaration", "prescription": "rx", "statements": frozenset(made_of)}
    return made(f.Declaration, plain, changes)


def acknowledgement(form: f.Form = f.Form.ANNUAL_RISK_ACKNOWLEDGEMENT, **changes: Any) -> f.Acknowledgement:
    """A form that both signed, thirty days ago."""
    plain = {"days_ago": 30, "id": f"form-{form.value}", "form": form, "patient_signed": True}
    return made(f.Acknowledgement, plain | {"prescriber_signed": True}, changes)


def independent_review(reviewer: str, **changes: Any) -> f.IndependentReview:
    """One prescriber's own view ten days ago: in favour."""
    plain = {"days_ago": 10, "id": f"view-{reviewer}", "reviewer": reviewer, "supports": True}
    return made(f.IndependentReview, plain, changes)


def lab_result(panel: f.Panel = f.Panel.BLOOD_COUNT, **changes: Any) -> f.LabResult:
    """A laboratory result of a specimen taken five days ago."""
    return made(f.LabResult, {"days_ago": 5, "id": f"lab-{panel.value}", "panel": panel}, changes)


def adverse_reaction(reaction: f.Reaction = f.Reaction.RASH, **changes: Any) -> f.AdverseReaction:
    """A reaction to lenalidomide a year ago, not graded."""
    plain = {"days_ago": 365, "id": f"reaction-{reaction.value}", "reaction": reaction, "product": "lenalidomide"}
    return made(f.AdverseReaction, plain, changes)


def assessment(concern: f.Concern = f.Concern.REACTION_HISTORY, **changes: Any) -> f.Assessment:
    """A concern that the prescriber considered, thirty days ago."""
    return made(f.Assessment, {"days_ago": 30, "id": f"considered-{concern.value}", "concern": concern}, changes)


def referral(requirement: str, **changes: Any) -> f.Referral:
    """A task that the gate raised about `rx`, an hour ago."""
    plain = {"hours_ago": 1, "id": f"referral-{requirement}", "prescription": "rx", "requirement": requirement}
    return made(f.Referral, plain, changes)


def request(step: f.Step = f.Step.DISPENSE, **changes: Any) -> Request:
    """A step asked for `rx` by the pharmacist of the pharmacy, handed over in person."""
    plain: dict[str, Any] = {"prescription": "rx", "pharmacy": PHARMACY, "pharmacist": PHARMACIST}
    if step is f.Step.DISPENSE:
        plain["handover"] = f.Handover.IN_PERSON
    return Request(step=step, **plain | changes)


def participants() -> list[f.Fact]:
    """Certified prescriber, pharmacy and pharmacist."""
    return [
        certification(f.CertifiedRole.PRESCRIBER, PRESCRIBER),
        certification(f.CertifiedRole.PHARMACY, PHARMACY),
        certification(f.CertifiedRole.PHARMACIST, PHARMACIST),
    ]


def patient(category: f.Category, days_ago: float = 60) -> list[f.Fact]:
    """What stands before the first prescription: agreement, and evidence or contraception as the category asks."""
    found: list[f.Fact] = [enrolment(category, days_ago=days_ago)]
    if category in FNRP:
        basis = f.CategoryBasis.HYSTERECTOMY if category.is_adult else f.CategoryBasis.NO_MENARCHE
        return [*found, evidence(basis, days_ago=days_ago)]
    if category in FRP:
        found.append(cycle(days_ago=days_ago))
    return [*found, contraception(days_ago=days_ago)]


def supply_round(
    category: f.Category,
    *,
    days_ago: float = 0,
    name: str = "",
    through: f.Step | None = None,
    first: bool = False,
) -> list[f.Fact]:
    """One round from test to dispense; `through` ends it with what must stand before that step.

    `name` is added to all ids, so that each earlier round keeps its own prescription.
    """
    rx, an, cn = f"rx{name}", f"an{name}", f"cn{name}"

    def when(hours: float) -> dict[str, Any]:
        return {"days_ago": days_ago, "hours_ago": hours}

    found: list[f.Fact] = []
    if category in FRP:
        found.append(negative_test(id=f"test{name}", **when(4)))
        if first:
            found.append(negative_test(id=f"test{name}-before", days_ago=days_ago + 12))
    topics = (FIRST_TOPICS | EACH_TOPICS) if first else EACH_TOPICS
    found += [
        counselling(topics, id=f"counselling{name}", prescription=rx, **when(3)),
        prescription(category, id=rx, **when(2)),
        survey(f.Whose.PRESCRIBER, id=f"survey-prescriber{name}", prescription=rx, **when(2)),
        survey(f.Whose.PATIENT, id=f"survey-patient{name}", **when(2)),
    ]
    if through is f.Step.AUTHORIZE:
        return found
    number = f"{name}".upper()
    found.append(authorization(category, id=an, number=f"A-1{number}", prescription=rx, minutes_ago=0, **when(1.5)))
    if through is f.Step.CONFIRM:
        return found
    found += [
        confirmation(id=cn, number=f"C-1{number}", authorization=an, prescription=rx, **when(1)),
        pharmacist_counselling(id=f"ph-counselling{name}", prescription=rx, minutes_ago=0, **when(0.7)),
        *(
            material(item, id=f"material-{item.value}{name}", prescription=rx, minutes_ago=0, **when(0.7))
            for item in f.Item
        ),
    ]
    if through is f.Step.DISPENSE:
        return found
    return [
        *found,
        dispense(id=f"dispense{name}", prescription=rx, confirmation=cn, minutes_ago=0, **when(0.5)),
    ]


def ready(
    category: f.Category = f.Category.ADULT_FRP, step: f.Step = f.Step.DISPENSE, *, cycles: int = 0
) -> list[f.Fact]:
    """All that the policy asks at a step, after so many earlier rounds of 28 days, each tested as scheduled."""
    found = [*participants(), *patient(category, days_ago=60 + 28 * cycles)]
    for back in range(cycles, 0, -1):
        days_ago, is_first = 28 * back, back == cycles
        found += supply_round(category, days_ago=days_ago, name=f"-{back}", first=is_first)
        if is_first and category in FRP:
            found += [negative_test(id=f"weekly-{week}", days_ago=days_ago - 7 * week) for week in (1, 2, 3)]
    return found + supply_round(category, through=step, first=not cycles)


def a_ready_frp(step: f.Step = f.Step.DISPENSE, *, cycles: int = 0) -> list[f.Fact]:
    """A woman of reproductive potential for whom everything stands before a step."""
    return ready(f.Category.ADULT_FRP, step, cycles=cycles)


def without(facts: Iterable[f.Fact], *ids: str) -> list[f.Fact]:
    """The facts but for those named; each must be there, so that no test takes away nothing."""
    kept = list(facts)
    for name in ids:
        [found] = [fact for fact in kept if fact.id == name]
        kept.remove(found)
    return kept


def decided(facts: Iterable[f.Fact], step: f.Step = f.Step.DISPENSE, *, at: Instant = NOW, **changes: Any) -> Decision:
    """The released policy's decision on some facts."""
    return decide(policy(), Record(facts), request(step, **changes), at)


def finding(
    facts: Iterable[f.Fact],
    requirement: str,
    step: f.Step = f.Step.DISPENSE,
    *,
    at: Instant = NOW,
    **changes: Any,
) -> Finding:
    """What the released policy finds about one of its requirements."""
    [found] = [one for one in decided(facts, step, at=at, **changes).findings if one.requirement == requirement]
    return found


def changed(facts: Iterable[f.Fact], name: str, **changes: Any) -> list[f.Fact]:
    """The facts with one of them built differently, as if it had always been so."""
    kept = list(facts)
    [found] = [fact for fact in kept if fact.id == name]
    return [replace(fact, **changes) if fact is found else fact for fact in kept]


def rule(plain: dict[str, Any], name: str) -> dict[str, Any]:
    """One requirement of a plain policy, to be changed."""
    [found] = [table for table in plain["requirement"] if table["id"] == name]
    return cast("dict[str, Any]", found)


def decided_under(
    plain: dict[str, Any],
    facts: Iterable[f.Fact],
    step: f.Step = f.Step.DISPENSE,
    *,
    at: Instant = NOW,
    **changes: Any,
) -> Decision:
    """The decision under a changed policy."""
    return decide(read_policy(plain, "0" * 64), Record(facts), request(step, **changes), at)
