"""The closed table from a kind of requirement to the facts that mend it, built from its own parameters.

Nothing here decides: the gate is asked again after each mend. A kind that is not in the table, or an entry that
supplies nothing, ends the simulation with what stands in the way. Long because it is one table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.domain.facts import (
    Acknowledgement,
    Assessment,
    CategoryBasis,
    Certification,
    CertifiedRole,
    Concern,
    Contraception,
    Counselling,
    Counsellor,
    Cycle,
    CycleRegularity,
    Declaration,
    Fact,
    IndependentReview,
    LabResult,
    Material,
    Method,
    MethodInUse,
    Panel,
    PregnancyTest,
    Prescription,
    Report,
    Reporter,
    ReportKind,
    RiskEvidence,
    Statement,
    Survey,
    TestKind,
    TestPlace,
    TestResult,
    Topic,
    Whose,
)
from compliance.domain.policy import Policy
from compliance.domain.record import View
from compliance.domain.requirements.care import ContraceptionInUse, Counselled, MaterialGiven
from compliance.domain.requirements.forms import Acknowledged, Declared, IndependentReviews, Signed
from compliance.domain.requirements.monitoring import Considered, LabAtLeast, LabKnown, LabSchedule
from compliance.domain.requirements.numbers import AuthorizationLife, CountedFrom
from compliance.domain.requirements.people import Certified, Evidence
from compliance.domain.span import Instant, months_after
from compliance.policies.simulation.calendar import Lane
from compliance.policies.simulation.patient import (
    PATIENT,
    PHARMACIST,
    PHARMACY,
    PRESCRIBER,
    Patient,
    agreement,
    first_word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a mend may look at: the reason code, the record so far, and the prescription that would be issued now."""

    code: str
    policy: Policy
    patient: Patient
    view: View
    prescription: Prescription
    at: Instant
    serial: int

    def named(self, kind: type[Fact], actor: str) -> dict[str, Any]:
        """The members that all facts share, for one that is true and learned now."""
        return {"id": f"{kind.kind}-{self.serial}", "at": self.at, "recorded_at": self.at, "actor": actor}


Make = Callable[[Any, Need], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class Mend:
    """How one kind is mended.

    `keeps_up` says that a compliant patient renews it on its last day, whether a supply is near or not.
    """

    lane: Lane
    make: Make
    keeps_up: bool = False


def nothing(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001 - all mends share one signature
    """No fact: for kinds that the prescription, the steps or waiting meet, and for those nobody can mend alone."""
    return ()


def negative_test(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001
    """An accepted negative, collected now, just as sensitive as the policy asks; or the talk on a missed one."""
    if need.code == "TEST_MISSED":
        return [_talk(need, PRESCRIBER, Counsellor.PRESCRIBER, frozenset({Topic.MISSED_TEST}), "")]
    standard = need.policy.tests_after_first if need.view.course else need.policy.tests
    if not (standard.kinds and standard.places and standard.reporters):
        return ()
    return [
        PregnancyTest(
            **need.named(PregnancyTest, PRESCRIBER), result=TestResult.NEGATIVE, resulted_at=need.at,
            sensitivity_miu_ml=standard.least_sensitive, test_kind=first_word(TestKind, standard.kinds),
            place=first_word(TestPlace, standard.places), reporter=first_word(Reporter, standard.reporters),
            specimen=f"specimen-{need.serial}",
        )
    ]  # fmt: skip


def _talk(need: Need, actor: str, by: Counsellor, topics: frozenset[Topic], prescription: str) -> Counselling:
    return Counselling(**need.named(Counselling, actor), by=by, topics=topics, prescription=prescription)


def _authorization(requirement: AuthorizationLife, need: Need) -> Sequence[Fact]:
    """What its life is counted from, where that is a test: a prescription issued now is new enough by itself."""
    return negative_test(requirement, need) if requirement.counted_from is CountedFrom.PREGNANCY_TEST else ()


def _in_period(requirement: object, need: Need) -> Sequence[Fact]:
    """How regular the cycle is; then a period that starts now, and a test in it."""
    if need.code == "CYCLE_UNKNOWN":
        stated = need.patient.cycles or CycleRegularity.REGULAR
        return [Cycle(**need.named(Cycle, PRESCRIBER), regularity=stated)]
    if need.code == "TEST_NOT_IN_PERIOD":
        started = Report(**need.named(Report, PATIENT), what=ReportKind.PERIOD_STARTED)
        return [started, *negative_test(requirement, need)]
    return negative_test(requirement, need)


def _agreement(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001
    return [agreement(need.patient, need.at, need.serial)]


def _evidence(requirement: Evidence, need: Need) -> Sequence[Fact]:
    """The first accepted evidence that does not depend on time; for menopause, last menses just long enough ago."""
    lasting = requirement.accepted - {CategoryBasis.NATURAL_MENOPAUSE}
    basis, last = first_word(CategoryBasis, lasting or requirement.accepted), None
    if basis is CategoryBasis.NATURAL_MENOPAUSE and requirement.menopause_months is not None:
        today = need.policy.zone.date_of(need.at)
        last = months_after(today, -requirement.menopause_months, when_absent="earlier")
    return [RiskEvidence(**need.named(RiskEvidence, PRESCRIBER), basis=basis, last_menses_on=last)]


def _certification(requirement: Certified, need: Need) -> Sequence[Fact]:
    subjects = {
        CertifiedRole.PRESCRIBER: PRESCRIBER,
        CertifiedRole.PHARMACY: PHARMACY,
        CertifiedRole.PHARMACIST: PHARMACIST,
    }
    subject = subjects[requirement.who]
    named = need.named(Certification, subject)
    return [Certification(**named, subject=subject, role=requirement.who, expires_on=need.patient.certified_through)]


def _contraception(requirement: ContraceptionInUse, need: Need) -> Sequence[Fact]:
    """All methods stated before, and as many accepted ones as are still needed, in use from today."""
    stated = need.view.contraception
    used = {one.method: one.since for one in stated.methods} if stated is not None else {}
    high = [m for m in Method if m in requirement.highly_effective][: requirement.of_them_highly_effective]
    others = [m for m in Method if m in requirement.additional - requirement.highly_effective]
    others += [m for m in Method if m in requirement.highly_effective and m not in high]
    for method in [*high, *others[: requirement.methods - len(high)]]:
        used.setdefault(method, need.policy.zone.date_of(need.at))
    methods = tuple(MethodInUse(method, since) for method, since in used.items())
    return [Contraception(**need.named(Contraception, PATIENT), methods=methods)]


def _counselling(requirement: Counselled, need: Need) -> Sequence[Fact]:
    actor = PHARMACIST if requirement.by is Counsellor.PHARMACIST else PRESCRIBER
    about = need.prescription.id if requirement.each_prescription else ""
    return [_talk(need, actor, requirement.by, requirement.topics, about)]


def _material(requirement: MaterialGiven, need: Need) -> Sequence[Fact]:
    return [Material(**need.named(Material, PHARMACIST), item=requirement.item, prescription=need.prescription.id)]


def _prescriber_survey(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001
    named = need.named(Survey, PRESCRIBER)
    return [Survey(**named, whose=Whose.PRESCRIBER, prescription=need.prescription.id)]


def _patient_survey(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001
    return [Survey(**need.named(Survey, PATIENT), whose=Whose.PATIENT)]


def _declaration(requirement: Declared, need: Need) -> Sequence[Fact]:
    """Every statement that is asked for, and one of those of which exactly one is ticked."""
    asked = [r for r in need.policy.requirements if isinstance(r, Declared)]  # one form answers them all
    ticked = frozenset(word for rule in asked for word in rule.statements)
    if requirement.exactly_one_of and not requirement.exactly_one_of & ticked:
        ticked |= {first_word(Statement, requirement.exactly_one_of)}
    named = need.named(Declaration, PRESCRIBER)
    return [Declaration(**named, prescription=need.prescription.id, statements=ticked)]


def _acknowledgement(requirement: Acknowledged | Signed, need: Need) -> Sequence[Fact]:
    named = need.named(Acknowledgement, PRESCRIBER)
    return [Acknowledgement(**named, form=requirement.form, patient_signed=True, prescriber_signed=True)]


def _reviews(requirement: IndependentReviews, need: Need) -> Sequence[Fact]:
    reviewers = [f"reviewer-{number}" for number in range(1, requirement.reviewers + 1)]
    named = need.named(IndependentReview, PRESCRIBER)
    return [
        IndependentReview(**named | {"id": f"{named['id']}-{who}", "actor": who}, reviewer=who, supports=True)
        for who in reviewers
    ]


def _lab_result(requirement: LabKnown | LabSchedule | LabAtLeast, need: Need) -> Sequence[Fact]:
    """A result of the panel; where the policy asks for a value, just that value."""
    panel: Panel = requirement.panel
    asked = [r.at_least for r in need.policy.requirements if isinstance(r, LabAtLeast) and r.panel is panel]
    return [LabResult(**need.named(LabResult, PRESCRIBER), panel=panel, value=max(asked, default=None))]


def _considered(requirement: Considered, need: Need) -> Sequence[Fact]:
    return [Assessment(**need.named(Assessment, PRESCRIBER), concern=requirement.concern)]


def _reaction_history(requirement: object, need: Need) -> Sequence[Fact]:  # noqa: ARG001
    return [Assessment(**need.named(Assessment, PRESCRIBER), concern=Concern.REACTION_HISTORY)]


MENDS: dict[str, Mend] = {
    # met by the prescription that is issued, or by the steps themselves
    "prescription_form": Mend(Lane.AUTHORIZATION, nothing),
    "category_on_prescription": Mend(Lane.AUTHORIZATION, nothing),
    "days_supply": Mend(Lane.AUTHORIZATION, nothing),
    "refills": Mend(Lane.AUTHORIZATION, nothing),
    "not_yet_dispensed": Mend(Lane.SUPPLY, nothing),
    "confirmation_life": Mend(Lane.SUPPLY, nothing),
    "same_day_shipping": Mend(Lane.SUPPLY, nothing),
    "handed_over": Mend(Lane.SUPPLY, nothing),
    "regimen": Mend(Lane.AUTHORIZATION, nothing),
    "authorization_held": Mend(Lane.AUTHORIZATION, nothing),
    # met by waiting
    "supply_left": Mend(Lane.SUPPLY, nothing),
    # nothing of the kind happens to a compliant patient
    "not_held": Mend(Lane.AGREEMENT, nothing),
    "menses_evaluated": Mend(Lane.TESTS, nothing),
    # met by a fact
    "enrolled": Mend(Lane.AGREEMENT, _agreement),
    "risk_evidence": Mend(Lane.AGREEMENT, _evidence),
    "certified": Mend(Lane.AGREEMENT, _certification),
    "test_days_before": Mend(Lane.TESTS, negative_test),
    "test_hours_before": Mend(Lane.TESTS, negative_test),
    "latest_test_negative": Mend(Lane.TESTS, negative_test),
    "test_schedule": Mend(Lane.TESTS, negative_test, keeps_up=True),
    "test_interval": Mend(Lane.TESTS, negative_test, keeps_up=True),
    "tests_apart": Mend(Lane.TESTS, negative_test),
    "test_in_period": Mend(Lane.TESTS, _in_period),
    "test_before_lead_in": Mend(Lane.TESTS, negative_test),
    "missed_first_window": Mend(Lane.TESTS, negative_test),
    "authorization_life": Mend(Lane.TESTS, _authorization),
    "registered": Mend(Lane.AGREEMENT, _certification, keeps_up=True),
    "risk_evidence_by_age": Mend(Lane.AGREEMENT, _evidence),
    "declared": Mend(Lane.AUTHORIZATION, _declaration),
    "acknowledged": Mend(Lane.AGREEMENT, _acknowledgement, keeps_up=True),
    "signed": Mend(Lane.AGREEMENT, _acknowledgement),
    "independent_reviews": Mend(Lane.MONITORING, _reviews),
    "lab_known": Mend(Lane.MONITORING, _lab_result),
    "lab_schedule": Mend(Lane.MONITORING, _lab_result, keeps_up=True),
    "lab_at_least": Mend(Lane.MONITORING, _lab_result),
    "no_rechallenge": Mend(Lane.MONITORING, _reaction_history),
    "considered": Mend(Lane.MONITORING, _considered),
    "contraception_or_urgent_start": Mend(Lane.CONTRACEPTION, _contraception),
    "contraception": Mend(Lane.CONTRACEPTION, _contraception),
    "counselling": Mend(Lane.COUNSELLING, _counselling),
    "material": Mend(Lane.COUNSELLING, _material),
    "prescriber_survey": Mend(Lane.SURVEYS, _prescriber_survey),
    "patient_survey": Mend(Lane.SURVEYS, _patient_survey, keeps_up=True),
}
"""One entry for each kind that a compliant patient can mend."""
