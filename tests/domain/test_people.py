"""The kinds about who takes part: prescription, agreement, evidence, certification and holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import (
    Category,
    CategoryBasis,
    CertifiedRole,
    Channel,
    Precision,
    ReportKind,
    ReviewOutcome,
    Step,
    TreatmentStatus,
)
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits

FRP, FNRP, MALE = Category.ADULT_FRP, Category.ADULT_FNRP, Category.ADULT_MALE


# -- prescription_form, category_on_prescription -------------------------------------------------------------------


def test_a_prescription_for_a_product_of_the_programme_is_met_by_itself() -> None:
    assert b.finding(b.ready(), "prescription") == met("prescription", "rx")


def test_without_a_prescription_all_that_rests_on_it_is_needs() -> None:
    decision = b.decided(b.without(b.ready(MALE, Step.AUTHORIZE), "rx"), Step.AUTHORIZE)
    assert decision.codes == (
        "PRESCRIPTION_MISSING",
        "PRESCRIPTION_MISSING",
        "ENROLMENT_AFTER_PRESCRIPTION",
        "CERTIFICATION_MISSING",
        "COUNSELLING_MISSING",
        "DAYS_SUPPLY_UNKNOWN",
        "PRESCRIPTION_MISSING",
    )
    assert decision.findings[1] == needs("prescription", "PRESCRIPTION_MISSING")
    assert decision.earliest_at == b.NOW


def test_a_product_outside_the_programme_blocks() -> None:
    facts = b.changed(b.ready(), "rx", product="thalidomide")
    assert b.decided(facts).codes == ("PRODUCT_NOT_COVERED", "COUNSELLING_MISSING")
    assert b.finding(facts, "prescription") == needs("prescription", "PRODUCT_NOT_COVERED", "rx")


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_is_accepted_while_its_flexibility_is_in_force(channel: Channel) -> None:
    assert b.decided(b.changed(b.ready(), "rx", channel=channel)).codes == ()


def test_a_telephoned_prescription_blocks_once_the_flexibility_has_ended_before_its_issue() -> None:
    plain = b.plain_policy()
    plain["flexibility"]["telephone-prescription"]["in_force_until"] = date(2026, 6, 14)
    facts = b.changed(b.ready(), "rx", channel=Channel.TELEPHONE)
    assert b.decided_under(plain, facts).codes == ("CHANNEL_NOT_ACCEPTED",)
    plain["flexibility"]["telephone-prescription"]["in_force_until"] = date(2026, 6, 15)
    assert b.decided_under(plain, facts).codes == ()


def test_a_flexibility_that_is_switched_off_or_not_yet_begun_relaxes_nothing() -> None:
    facts = b.changed(b.ready(), "rx", channel=Channel.TELEPHONE)
    plain = b.plain_policy()
    plain["flexibility"]["telephone-prescription"]["switched_on"] = False
    assert b.decided_under(plain, facts).codes == ("CHANNEL_NOT_ACCEPTED",)
    plain = b.plain_policy()
    plain["flexibility"]["telephone-prescription"]["in_force_from"] = date(2026, 6, 16)
    assert b.decided_under(plain, facts).codes == ("CHANNEL_NOT_ACCEPTED",)


def test_a_category_on_the_prescription_other_than_the_enrolled_one_blocks() -> None:
    facts = b.changed(b.ready(MALE), "rx", category=FNRP)
    assert b.decided(facts).codes == ("CATEGORY_MISMATCH",)
    assert b.finding(facts, "category-on-prescription") == needs("category-on-prescription", "CATEGORY_MISMATCH", "rx")


def test_a_prescription_for_someone_not_enrolled_has_the_wrong_category() -> None:
    facts = b.without(b.ready(), "agreement")
    assert b.finding(facts, "category-on-prescription").code == "CATEGORY_MISMATCH"


# -- enrolled ------------------------------------------------------------------------------------------------------


def test_an_adults_agreement_has_no_end_before_the_first_supply() -> None:
    assert b.finding(b.ready(), "enrolled") == met("enrolled", "agreement")


def test_without_an_agreement_the_strictest_category_is_asked() -> None:
    decision = b.decided(b.without(b.ready(MALE, Step.AUTHORIZE), "agreement"), Step.AUTHORIZE)
    assert decision.category is None
    assert decision.codes == (
        "CATEGORY_MISMATCH",
        "ENROLMENT_MISSING",
        "TEST_NOT_IN_WINDOW",
        "TEST_NOT_IN_WINDOW",
        "TEST_MISSING",
        "AUTHORIZATION_WOULD_BE_OVER",
    )
    assert decision.authorization_ends_at is None


@pytest.mark.parametrize(
    ("category", "signature", "code"),
    [
        (FRP, "patient_signed", ("AGREEMENT_UNSIGNED",)),
        (FRP, "prescriber_signed", ("AGREEMENT_UNSIGNED",)),
        (Category.CHILD_FRP, "guardian_signed", ("AGREEMENT_UNSIGNED",)),
        (Category.CHILD_FRP, "prescriber_signed", ("AGREEMENT_UNSIGNED",)),
    ],
)
def test_a_missing_signature_blocks(category: Category, signature: str, code: tuple[str, ...]) -> None:
    facts = b.changed(b.ready(category), "agreement", **{signature: False})
    assert b.decided(facts).codes == code
    assert b.finding(facts, "enrolled") == needs("enrolled", "AGREEMENT_UNSIGNED", "agreement")


def test_a_guardians_signature_stands_for_a_childs_and_not_for_an_adults() -> None:
    child = b.changed(b.ready(Category.CHILD_MALE), "agreement", patient_signed=False, guardian_signed=True)
    adult = b.changed(b.ready(MALE), "agreement", patient_signed=False, guardian_signed=True)
    assert b.decided(child).codes == ()
    assert b.decided(adult).codes == ("AGREEMENT_UNSIGNED",)


def test_a_childs_agreement_ends_at_the_start_of_the_eighteenth_birthday() -> None:
    facts = b.changed(b.ready(Category.CHILD_MALE), "agreement", birth_date=date(2008, 6, 16))
    birthday = utc(2026, 6, 16)
    assert b.finding(facts, "enrolled") == met("enrolled", "agreement", until=birthday)
    assert b.finding(facts, "enrolled", at=Instant(birthday - TICK)).is_met
    assert b.finding(facts, "enrolled", at=birthday) == needs(
        "enrolled", "AGE_GROUP_MISMATCH", "agreement", at=birthday
    )


def test_an_adult_category_before_the_eighteenth_birthday_blocks() -> None:
    facts = b.changed(b.ready(MALE), "agreement", birth_date=date(2008, 6, 16))
    assert b.decided(facts).codes == ("AGE_GROUP_MISMATCH",)
    assert b.decided(b.changed(facts, "agreement", birth_date=date(2008, 6, 15))).codes == ()


def test_who_was_born_on_29_february_comes_of_age_on_1_march() -> None:
    facts = b.changed(b.ready(Category.CHILD_MALE), "agreement", birth_date=date(2012, 2, 29))
    assert b.finding(facts, "enrolled").until == utc(2030, 3, 1, 5)


def test_an_agreement_older_than_the_supply_lapses_twelve_months_after_it_ran_out() -> None:
    facts = [
        *b.patient(MALE, 800),
        *b.participants(),
        b.dispense(at=utc(2025, 5, 18, 16)),
        b.prescription(MALE),
    ]
    lapses_at = utc(2026, 6, 15)  # 28 days from 18 May 2025 run out on 15 June 2025
    assert b.finding(facts, "enrolled", at=Instant(lapses_at - TICK)).code == "ENROLMENT_AFTER_PRESCRIPTION"
    assert b.finding(facts, "enrolled") == needs("enrolled", "ENROLMENT_LAPSED", "agreement")
    renewed = [*facts, b.enrolment(MALE, id="renewed", days_ago=1)]
    assert b.finding(renewed, "enrolled") == met("enrolled", "renewed")


def test_the_lapse_to_come_ends_the_finding() -> None:
    facts = [*b.patient(MALE, 800), b.dispense(at=utc(2025, 5, 19, 16)), b.prescription(MALE)]
    assert b.finding(facts, "enrolled") == met("enrolled", "agreement", until=utc(2026, 6, 16))


def test_an_agreement_of_the_first_day_off_treatment_or_later_does_not_lapse() -> None:
    ran_out_at = utc(2025, 6, 15)
    base = [b.dispense(at=utc(2025, 5, 18, 16)), b.prescription(MALE)]
    on_that_day = [*base, b.enrolment(MALE, at=ran_out_at)]
    before_it = [*base, b.enrolment(MALE, at=Instant(ran_out_at - TICK))]
    assert b.finding(on_that_day, "enrolled") == met("enrolled", "agreement")
    assert b.finding(before_it, "enrolled").code == "ENROLMENT_LAPSED"


def test_an_interruption_counts_as_off_treatment_from_its_day_on() -> None:
    facts = [
        *b.patient(MALE, 800),
        b.dispense(at=utc(2025, 6, 1, 16)),
        b.treatment(TreatmentStatus.INTERRUPTED, at=utc(2025, 6, 10, 16)),
        b.prescription(MALE),
    ]
    assert b.finding(facts, "enrolled").code == "ENROLMENT_LAPSED"
    assert b.finding(facts, "enrolled", at=utc(2026, 6, 10)).code == "ENROLMENT_LAPSED"
    early = b.changed(facts, "rx", at=utc(2026, 6, 9), recorded_at=utc(2026, 6, 9))
    assert b.finding(early, "enrolled", at=Instant(utc(2026, 6, 10) - TICK)).until == utc(2026, 6, 10)


def test_an_agreement_after_the_prescription_blocks_and_one_at_the_same_moment_does_not() -> None:
    issued_at = b.ago(hours=2)
    later = Instant(issued_at + TICK)
    assert b.decided(b.changed(b.ready(MALE), "agreement", at=issued_at, recorded_at=issued_at)).codes == ()
    after = b.changed(b.ready(MALE), "agreement", at=later, recorded_at=later)
    assert b.decided(after).codes == ("ENROLMENT_AFTER_PRESCRIPTION",)
    assert b.finding(after, "enrolled") == needs("enrolled", "ENROLMENT_AFTER_PRESCRIPTION", "agreement")


def test_the_newest_agreement_counts_even_if_it_is_worse() -> None:
    facts = [*b.ready(MALE), b.enrolment(MALE, id="newer", days_ago=30, patient_signed=False)]
    assert b.finding(facts, "enrolled") == needs("enrolled", "AGREEMENT_UNSIGNED", "newer")


# -- risk_evidence -------------------------------------------------------------------------------------------------

CANNOT = "adult-cannot-become-pregnant"


@pytest.mark.parametrize(
    ("basis", "code"),
    [
        (CategoryBasis.HYSTERECTOMY, "MET"),
        (CategoryBasis.BILATERAL_OOPHORECTOMY, "MET"),
        (CategoryBasis.NATURAL_MENOPAUSE, "EVIDENCE_MISSING"),  # the last menses are not stated
        (CategoryBasis.NO_MENARCHE, "EVIDENCE_MISSING"),
        (CategoryBasis.CHEMOTHERAPY_AMENORRHOEA, "EVIDENCE_MISSING"),
        (CategoryBasis.TUBAL_LIGATION, "EVIDENCE_MISSING"),
        (CategoryBasis.INFERTILITY, "EVIDENCE_MISSING"),
        (CategoryBasis.OTHER, "EVIDENCE_MISSING"),
    ],
)
def test_only_accepted_evidence_counts(basis: CategoryBasis, code: str) -> None:
    facts = b.changed(b.ready(FNRP), "evidence", basis=basis)
    found = b.finding(facts, CANNOT)
    assert found == (met(CANNOT, "evidence") if code == "MET" else needs(CANNOT, code, "evidence"))
    assert b.decided(facts).codes == (() if code == "MET" else (code,))


def test_no_evidence_at_all_blocks() -> None:
    assert b.finding(b.without(b.ready(FNRP), "evidence"), CANNOT) == needs(CANNOT, "EVIDENCE_MISSING")


def test_menopause_counts_from_the_start_of_the_day_24_months_after_the_last_menses() -> None:
    facts = b.changed(
        b.ready(FNRP), "evidence", basis=CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2024, 6, 16)
    )
    counts_from = utc(2026, 6, 16)
    too_recent = waits(CANNOT, "MENOPAUSE_TOO_RECENT", "evidence", at=counts_from)
    assert b.finding(facts, CANNOT) == too_recent
    assert b.finding(facts, CANNOT, at=Instant(counts_from - TICK)) == too_recent
    assert b.finding(facts, CANNOT, at=counts_from) == met(CANNOT, "evidence")


def test_menopause_from_29_february_waits_until_1_march() -> None:
    facts = b.changed(
        b.ready(FNRP), "evidence", basis=CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2024, 2, 29)
    )
    at = Instant(utc(2026, 3, 1, 5) - TICK)
    early = b.changed(facts, "evidence", at=utc(2026, 2, 1), recorded_at=utc(2026, 2, 1))
    early = b.changed(early, "agreement", at=utc(2026, 2, 1), recorded_at=utc(2026, 2, 1))
    assert b.finding(early, CANNOT, at=at).opens_at == utc(2026, 3, 1, 5)


@pytest.mark.parametrize(
    "what",
    [
        ReportKind.MISSED_MENSES,
        ReportKind.ABNORMAL_BLEEDING,
        ReportKind.FIRST_MENSES,
        ReportKind.MENSES_RESUMED,
    ],
)
def test_a_report_of_menses_at_or_after_the_evidence_contradicts_menopause(what: ReportKind) -> None:
    facts = b.changed(b.ready(FNRP), "evidence", basis=CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2020, 1, 1))
    at_once = [*facts, b.report(what, days_ago=60)]
    before = [*facts, b.report(what, days_ago=60, minutes_ago=1)]
    assert b.decided(at_once).codes == ("CATEGORY_CONTRADICTED",)
    assert b.finding(at_once, CANNOT) == needs(CANNOT, "CATEGORY_CONTRADICTED", "evidence", "report")
    assert b.decided(before).codes == ()


def test_a_first_bleeding_contradicts_a_girl_before_menarche_at_once() -> None:
    facts = [*b.ready(Category.CHILD_FNRP), b.report(ReportKind.FIRST_MENSES)]
    assert b.decided(facts).codes == ("CATEGORY_CONTRADICTED",)


def test_reports_of_bleeding_do_not_contradict_a_hysterectomy_nor_a_partners_pregnancy_menopause() -> None:
    assert b.decided([*b.ready(FNRP), b.report(ReportKind.ABNORMAL_BLEEDING)]).codes == ()
    menopause = b.changed(
        b.ready(FNRP), "evidence", basis=CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2020, 1, 1)
    )
    assert b.decided([*menopause, b.report(ReportKind.PARTNER_PREGNANCY)]).codes == ()


def test_where_the_policy_knows_no_menopause_it_counts_for_nothing() -> None:
    plain = b.plain_policy()
    b.rule(plain, CANNOT)["menopause_months"] = "none"
    facts = b.changed(b.ready(FNRP), "evidence", basis=CategoryBasis.NATURAL_MENOPAUSE, last_menses_on=date(2000, 1, 1))
    assert b.decided_under(plain, facts).codes == ("EVIDENCE_MISSING",)


# -- certified -----------------------------------------------------------------------------------------------------

CERTIFIED = [
    ("prescriber-certified", CertifiedRole.PRESCRIBER, b.PRESCRIBER),
    ("pharmacy-certified", CertifiedRole.PHARMACY, b.PHARMACY),
    ("pharmacist-certified", CertifiedRole.PHARMACIST, b.PHARMACIST),
]


@pytest.mark.parametrize(("requirement", "role", "subject"), CERTIFIED)
def test_a_certification_lasts_through_its_last_day(requirement: str, role: CertifiedRole, subject: str) -> None:
    name = f"certified-{role.value}-{subject}"
    facts = b.changed(b.ready(), name, expires_on=date(2026, 6, 15))
    ends_at = utc(2026, 6, 16)
    assert b.finding(facts, requirement) == met(requirement, name, until=ends_at)
    assert b.finding(facts, requirement, at=Instant(ends_at - TICK)).is_met
    assert b.finding(facts, requirement, at=ends_at) == needs(requirement, "CERTIFICATION_EXPIRED", name, at=ends_at)


@pytest.mark.parametrize(("requirement", "role", "subject"), CERTIFIED)
def test_a_missing_certification_blocks(requirement: str, role: CertifiedRole, subject: str) -> None:
    decision = b.decided(b.without(b.ready(), f"certified-{role.value}-{subject}"))
    assert decision.unmet == (needs(requirement, "CERTIFICATION_MISSING"),)


@pytest.mark.parametrize(("requirement", "role", "subject"), CERTIFIED)
def test_a_revocation_at_or_after_the_certification_blocks(requirement: str, role: CertifiedRole, subject: str) -> None:
    certified, revoked = f"certified-{role.value}-{subject}", f"revoked-{role.value}-{subject}"
    at_once = [*b.ready(), b.revocation(role, subject, days_ago=365)]
    earlier = [*b.ready(), b.revocation(role, subject, days_ago=366)]
    assert b.decided(at_once).unmet == (needs(requirement, "CERTIFICATION_REVOKED", certified, revoked),)
    assert b.decided(earlier).codes == ()


def test_a_new_certification_after_a_revocation_counts() -> None:
    role, subject = CertifiedRole.PHARMACY, b.PHARMACY
    facts = [
        *b.ready(),
        b.revocation(role, subject),
        b.certification(role, subject, id="anew", hours_ago=1, days_ago=0),
    ]
    assert b.finding(facts, "pharmacy-certified").evidence == ("anew",)
    assert b.decided(facts).codes == ()


def test_another_roles_certification_does_not_count() -> None:
    facts = b.changed(b.ready(), f"certified-pharmacist-{b.PHARMACIST}", role=CertifiedRole.PRESCRIBER)
    assert b.decided(facts).codes == ("CERTIFICATION_MISSING",)


def test_the_pharmacy_that_asks_must_be_the_certified_one() -> None:
    assert b.finding(b.ready(), "pharmacy-certified", pharmacy="high-street").code == "CERTIFICATION_MISSING"
    assert b.finding(b.ready(), "pharmacist-certified", pharmacist="").code == "CERTIFICATION_MISSING"


# -- not_held ------------------------------------------------------------------------------------------------------


def test_nothing_holds_a_patient_without_a_cause() -> None:
    assert b.finding(b.ready(MALE), "not-held") == met("not-held")


@pytest.mark.parametrize("category", list(Category))
def test_a_positive_test_holds_every_category(category: Category) -> None:
    facts = [*b.ready(category), b.positive_test()]
    assert b.finding(facts, "not-held") == needs("not-held", "HELD_POSITIVE_TEST", "positive")


def test_a_later_negative_test_does_not_lift_the_hold() -> None:
    facts = [*b.ready(), b.positive_test(days_ago=1)]
    assert b.decided(facts).codes == ("HELD_POSITIVE_TEST",)


def test_a_pregnancy_report_and_a_hold_each_hold_the_patient() -> None:
    assert b.decided([*b.ready(MALE), b.report(ReportKind.PREGNANCY)]).unmet == (
        needs("not-held", "HELD_PREGNANCY_REPORT", "report"),
    )
    assert b.decided([*b.ready(MALE), b.hold()]).unmet == (needs("not-held", "HELD", "hold"),)
    assert b.decided([*b.ready(MALE), b.report(ReportKind.PARTNER_PREGNANCY)]).codes == ()


def test_the_gravest_cause_gives_the_code_and_all_are_named_oldest_first() -> None:
    facts = [
        *b.ready(MALE),
        b.hold(days_ago=3),
        b.report(ReportKind.PREGNANCY, days_ago=2),
        b.positive_test(days_ago=1),
    ]
    assert b.finding(facts, "not-held") == needs("not-held", "HELD_POSITIVE_TEST", "hold", "report", "positive")
    assert b.finding(b.without(facts, "positive"), "not-held").code == "HELD_PREGNANCY_REPORT"


def test_a_hold_placed_because_of_a_known_cause_asks_for_no_review_of_its_own() -> None:
    lifted = [b.review("positive", "dr-one"), b.review("positive", "dr-two")]
    facts = [*b.ready(MALE), b.positive_test(), b.hold(cause="positive"), *lifted]
    assert b.decided(facts).codes == ()
    assert b.finding(facts, "not-held") == met("not-held", "positive")


def test_a_hold_whose_cause_is_not_known_stands_for_itself() -> None:
    assert b.decided([*b.ready(MALE), b.hold(cause="elsewhere")]).codes == ("HELD",)


def test_two_different_reviewers_lift_a_hold_and_one_alone_does_not() -> None:
    facts = [*b.ready(), b.positive_test(), b.review("positive", "dr-one")]
    assert b.decided(facts).codes == ("HELD_POSITIVE_TEST",)
    again = [*facts, b.review("positive", "dr-one", id="again", hours_ago=0)]
    assert b.decided(again).codes == ("HELD_POSITIVE_TEST",)
    assert b.decided([*facts, b.review("positive", "dr-two")]).codes == ()


def test_the_newest_conclusion_of_each_reviewer_counts() -> None:
    held = [*b.ready(), b.positive_test()]
    keeps = b.review("positive", "dr-two", id="keeps", hours_ago=1, outcome=ReviewOutcome.KEEP)
    lifts = b.review("positive", "dr-two", id="lifts", hours_ago=2)
    facts = [*held, b.review("positive", "dr-one"), lifts]
    assert b.decided(facts).codes == ()
    assert b.decided([*facts, keeps]).codes == ("HELD_POSITIVE_TEST",)
    third = b.review("positive", "dr-three")
    assert b.decided([*facts, keeps, third]).codes == ("HELD_POSITIVE_TEST",)
    relents = b.review("positive", "dr-two", id="relents", hours_ago=0)
    assert b.decided([*facts, keeps, relents]).codes == ()


def test_a_review_before_the_cause_does_not_count_and_one_at_its_moment_does() -> None:
    held = [*b.ready(MALE), b.hold(days_ago=1), b.review("hold", "dr-one")]
    assert b.decided([*held, b.review("hold", "dr-two", days_ago=1, hours_ago=0)]).codes == ()
    assert b.decided([*held, b.review("hold", "dr-two", days_ago=1, hours_ago=1)]).codes == ("HELD",)


@pytest.mark.parametrize("precision", list(Precision))
def test_correcting_or_retracting_a_positive_test_lifts_nothing(precision: Precision) -> None:
    positive = b.positive_test(precision=precision)
    corrected = b.negative_test(id="corrected", days_ago=1, corrects="positive", specimen=positive.specimen)
    assert b.decided([*b.ready(), positive, b.retraction("positive")]).codes == ("HELD_POSITIVE_TEST",)
    assert b.decided([*b.ready(), positive, corrected]).codes == ("HELD_POSITIVE_TEST",)


def test_retracting_a_hold_or_a_pregnancy_report_lifts_nothing_but_retracting_a_review_takes_it_back() -> None:
    assert b.decided([*b.ready(MALE), b.hold(), b.retraction("hold")]).codes == ("HELD",)
    report = b.report(ReportKind.PREGNANCY)
    assert b.decided([*b.ready(MALE), report, b.retraction("report")]).codes == ("HELD_PREGNANCY_REPORT",)
    reviews = [b.review("hold", "dr-one"), b.review("hold", "dr-two")]
    assert b.decided([*b.ready(MALE), b.hold(), *reviews]).codes == ()
    assert b.decided([*b.ready(MALE), b.hold(), *reviews, b.retraction("review-hold-dr-two")]).codes == ("HELD",)


@pytest.mark.parametrize("result", [f.TestResult.INDETERMINATE, f.TestResult.INVALID])
def test_an_unclear_test_does_not_hold_but_is_no_negative(result: f.TestResult) -> None:
    unclear = b.negative_test(id="unclear", hours_ago=1, result=result)
    assert b.decided([*b.ready(), unclear]).codes == ("LATEST_TEST_NOT_NEGATIVE",)


def test_the_eighteenth_birthday_is_counted_in_the_policys_zone() -> None:
    facts = b.changed(b.ready(Category.CHILD_MALE), "agreement", birth_date=date(2008, 6, 15))
    midnight_utc = Instant(datetime(2026, 6, 15, 0, 0, tzinfo=UTC))
    assert midnight_utc + timedelta(hours=4) == utc(2026, 6, 15)
    early = [fact for fact in facts if fact.at <= midnight_utc]
    assert b.finding(early, "enrolled", at=midnight_utc).code == "ENROLMENT_AFTER_PRESCRIPTION"
    assert b.finding(early, "enrolled", at=utc(2026, 6, 15)).code == "AGE_GROUP_MISMATCH"
