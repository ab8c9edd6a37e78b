"""What a record shows at a moment: both times of a fact, corrections, the order of facts, and what follows."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain import record
from compliance.domain.facts import CertifiedRole, Precision, ReportKind, Topic, TreatmentStatus
from compliance.domain.record import Record, View
from compliance.domain.requirements import base
from compliance.domain.span import TICK, Instant, Zone
from compliance.domain.visible import oldest_first
from tests import builders as b
from tests.domain.expect import utc

ZONE = b.policy().zone
STANDARD = b.policy().tests
STOPPED, INTERRUPTED, RESUMED = TreatmentStatus.STOPPED, TreatmentStatus.INTERRUPTED, TreatmentStatus.RESUMED
EARLIER, LATER = Instant(b.NOW - TICK), Instant(b.NOW + TICK)


def view(*facts: f.Fact, at: Instant = b.NOW) -> View:
    return Record(facts).as_of(at)


def ids(*facts: f.Fact) -> list[str]:
    return [fact.id for fact in facts]


def reversal(of: str, **changes: Any) -> f.Reversal:
    return b.made(f.Reversal, {"id": f"reversal-{of}", "dispense": of}, changes)


def returned(of: str) -> f.ReturnToStock:
    return b.made(f.ReturnToStock, {"id": f"returned-{of}", "of": of}, {})


# -- both times ----------------------------------------------------------------------------------------------------


def test_a_record_of_nothing_shows_nothing() -> None:
    assert Record([]).facts == ()
    assert view().all(f.Fact) == ()
    assert view().newest(f.Enrolment) is None
    assert view().causes == ()


def test_a_record_keeps_every_fact_as_given() -> None:
    wrong, right = b.cycle(id="wrong"), b.cycle(id="right", corrects="wrong", days_ago=70)
    assert Record(iter([wrong, right])).facts == (wrong, right)


@pytest.mark.parametrize(
    ("at", "recorded_at", "is_shown"),
    [
        (b.NOW, b.NOW, True),
        (EARLIER, b.NOW, True),
        (EARLIER, LATER, False),
        (b.NOW, LATER, False),
        (LATER, LATER, False),
        (LATER, EARLIER, False),
    ],
)
@pytest.mark.parametrize("others", [[], [b.cycle(id="other", days_ago=1)], [b.cycle(id="later", at=utc(2027, 1, 1))]])
def test_a_fact_shows_once_it_is_true_and_learned(
    at: Instant, recorded_at: Instant, others: list[f.Fact], *, is_shown: bool
) -> None:
    fact = b.enrolment(at=at, recorded_at=recorded_at)
    assert view(fact, *others).all(f.Enrolment) == ((fact,) if is_shown else ())


def test_a_record_gives_the_same_view_for_every_moment_after_all_is_known() -> None:
    known = Record([b.enrolment(at=EARLIER, recorded_at=b.NOW)])
    settled = known.as_of(b.NOW)
    assert known.as_of(LATER) is settled
    assert known.as_of(b.NOW) is settled
    assert known.as_of(EARLIER).all(f.Enrolment) == ()
    assert settled.newest(f.Enrolment) is not None


def test_a_past_view_is_what_was_seen_then() -> None:
    known_then = [b.enrolment(), b.dispense(id="sold", days_ago=3)]
    learned_since = [reversal("sold"), b.enrolment(id="backdated", days_ago=4, recorded_at=b.NOW)]
    then = Record(known_then + learned_since).as_of(EARLIER)
    assert ids(*then.dispenses) == ["sold"]
    assert then.enrolment == known_then[0]
    now = Record(known_then + learned_since).as_of(b.NOW)
    assert (now.dispenses, now.enrolment) == ((), learned_since[1])


# -- corrections ---------------------------------------------------------------------------------------------------


def test_a_corrected_fact_no_longer_counts_and_its_correction_does() -> None:
    wrong, right = b.cycle(id="wrong"), b.cycle(id="right", days_ago=70, recorded_at=b.NOW, corrects="wrong")
    assert view(wrong, right).all(f.Cycle) == (right,)
    assert view(wrong, right).cycle == right
    assert view(wrong, right, at=EARLIER).cycle == wrong


def test_a_retracted_fact_has_nothing_in_its_place() -> None:
    assert view(b.cycle(), b.retraction("cycle")).cycle is None


def test_a_correction_not_yet_known_corrects_nothing() -> None:
    assert view(b.cycle(), b.retraction("cycle", at=LATER)).cycle == b.cycle()
    assert view(b.cycle(), b.retraction("cycle", recorded_at=LATER)).cycle == b.cycle()


def test_what_was_corrected_stays_corrected_even_if_the_correction_is_corrected() -> None:
    first = b.cycle(id="first")
    second = b.cycle(id="second", corrects="first")
    third = b.cycle(id="third", corrects="second")
    assert view(first, second, third).all(f.Cycle) == (third,)
    assert view(b.cycle(), b.retraction("cycle"), b.retraction("retraction-cycle")).cycle is None


def test_a_fact_that_corrects_itself_or_an_unknown_one() -> None:
    assert view(b.cycle(corrects="cycle")).cycle is None
    unknown = b.cycle(corrects="somewhere-else")
    assert view(unknown).cycle == unknown


def test_two_facts_that_correct_each_other_both_count_for_nothing() -> None:
    one, two = b.cycle(id="one", corrects="two"), b.cycle(id="two", corrects="one")
    assert view(one, two).all(f.Cycle) == ()


# -- the one order of facts ----------------------------------------------------------------------------------------


def test_facts_are_ordered_by_when_they_were_true_then_learned_then_by_id() -> None:
    in_order = [
        b.cycle(id="z", at=EARLIER, recorded_at=LATER),
        b.cycle(id="y", at=b.NOW, recorded_at=b.NOW),
        b.cycle(id="a", at=b.NOW, recorded_at=LATER),
        b.cycle(id="b", at=b.NOW, recorded_at=LATER),
    ]
    assert oldest_first(in_order[0]) == (EARLIER, LATER, "z")
    for shuffled in permutations(in_order):
        assert view(*shuffled, at=LATER).all(f.Cycle) == tuple(in_order)
        assert view(*shuffled, at=LATER).newest(f.Cycle) == in_order[-1]


def test_each_newest_statement_is_the_last_of_its_kind() -> None:
    older = [b.enrolment(id="e1"), b.evidence(id="v1"), b.cycle(id="c1"), b.contraception(id="m1")]
    newer = [
        b.enrolment(id="e2", days_ago=1),
        b.evidence(id="v2", days_ago=1),
        b.cycle(id="c2", days_ago=1),
        b.contraception(id="m2", days_ago=1),
    ]
    seen = view(*newer, *older)
    assert (seen.enrolment, seen.evidence, seen.cycle, seen.contraception) == tuple(newer)


# -- pregnancy tests -----------------------------------------------------------------------------------------------


def test_tests_are_ordered_by_the_collection_of_the_specimen() -> None:
    older = b.negative_test(id="older", days_ago=3, recorded_at=b.NOW)
    newer = b.negative_test(id="newer", days_ago=2)
    assert view(newer, older).tests == (older, newer)


@pytest.mark.parametrize("result", [f.TestResult.POSITIVE, f.TestResult.INDETERMINATE, f.TestResult.INVALID])
def test_the_newest_test_that_is_not_negative_is_found_behind_negatives(result: f.TestResult) -> None:
    doubtful = b.negative_test(id="doubtful", days_ago=3, result=result)
    older = b.negative_test(id="older", days_ago=4, result=result)
    assert view(b.negative_test(days_ago=2), doubtful, older).newest_not_negative == doubtful
    assert view(b.negative_test(days_ago=2)).newest_not_negative is None


def test_specimens_claimed_twice_are_shared_and_a_correction_ends_the_claim() -> None:
    first = b.negative_test(id="first", days_ago=3, specimen="s1")
    again = b.negative_test(id="again", days_ago=2, specimen="s1")
    third = b.negative_test(id="third", days_ago=1, specimen="s1")
    other = b.negative_test(id="other", days_ago=1, specimen="s2")
    assert view(first, other).shared_specimens == frozenset()
    assert view(first, again, third, other).shared_specimens == {"s1"}
    assert view(first, again, other, b.retraction("again")).shared_specimens == frozenset()


def test_a_shared_specimen_counts_for_none_of_its_tests_whatever_the_other_says() -> None:
    negative = b.negative_test(id="negative", days_ago=2, specimen="s1")
    positive = b.positive_test(specimen="s1")
    assert view(negative).accepted_by(STANDARD) == (negative,)
    assert view(negative, positive).accepted_by(STANDARD) == ()


class Newest:
    """A standard that takes the newest test whatever it says."""

    def accepts(self, test: f.PregnancyTest, view: View) -> bool:
        return test is view.tests[-1]


def test_each_standard_has_its_own_accepted_tests_and_their_civil_days() -> None:
    late = b.negative_test(id="late", at=utc(2026, 6, 15, 3, 30))  # half past eleven at night of 14 June
    positive = b.positive_test(hours_ago=1, days_ago=0)
    seen, newest = view(late, positive), Newest()
    standards: list[tuple[record.TestStandard, tuple[f.PregnancyTest, ...]]] = [
        (STANDARD, (late,)),
        (newest, (positive,)),
    ]
    for standard, accepted in standards * 2:
        assert seen.accepted_by(standard) == accepted
    assert seen.days_accepted_by(STANDARD, ZONE) == (date(2026, 6, 14),)
    assert seen.days_accepted_by(STANDARD, Zone("Europe/London")) == (date(2026, 6, 15),)
    assert seen.days_accepted_by(newest, ZONE) == (date(2026, 6, 15),)
    assert seen.days_accepted_by(STANDARD, ZONE) is seen.days_accepted_by(STANDARD, ZONE)
    assert seen.accepted_by(STANDARD) is seen.accepted_by(STANDARD)


def test_a_standard_made_for_one_question_is_not_taken_for_a_later_one() -> None:
    seen = view(b.negative_test(id="a", sensitivity_miu_ml=25))

    def standard(least_sensitive: int) -> base.TestStandard:
        return base.TestStandard(
            least_sensitive=least_sensitive,
            kinds=STANDARD.kinds,
            reporters=STANDARD.reporters,
            places=STANDARD.places,
            relaxed_places={},
        )

    assert [len(seen.accepted_by(standard(most))) for most in (25, 24, 25, 24, 25)] == [1, 0, 1, 0, 1]


# -- what holds the patient ----------------------------------------------------------------------------------------


def test_what_holds_the_patient_is_listed_oldest_first_across_kinds() -> None:
    hold = b.hold(days_ago=3)
    report = b.report(ReportKind.PREGNANCY, days_ago=2)
    positive = b.positive_test(days_ago=1)
    assert view(positive, report, hold).causes == (hold, report, positive)


@pytest.mark.parametrize(
    "harmless",
    [
        b.negative_test(),
        b.negative_test(result=f.TestResult.INDETERMINATE),
        b.negative_test(result=f.TestResult.INVALID),
        *(b.report(what) for what in ReportKind if what is not ReportKind.PREGNANCY),
    ],
)
def test_nothing_else_holds_the_patient(harmless: f.Fact) -> None:
    assert view(harmless).causes == ()


@pytest.mark.parametrize("cause", [b.positive_test(), b.report(ReportKind.PREGNANCY), b.hold()])
@pytest.mark.parametrize("precision", list(Precision))
def test_no_correction_undoes_what_holds_the_patient(cause: f.Fact, precision: Precision) -> None:
    retraction = b.retraction(cause.id, precision=precision)
    assert view(cause, retraction).causes == (cause,)
    assert view(cause, b.cycle(corrects=cause.id)).causes == (cause,)
    assert view(cause, retraction).all(type(cause)) == ()


def test_a_positive_test_put_in_place_of_a_negative_one_holds_from_when_it_is_learned() -> None:
    negative = b.negative_test(id="negative", days_ago=1)
    positive = b.positive_test(corrects="negative", specimen=negative.specimen, recorded_at=b.NOW)
    assert view(negative, positive).causes == (positive,)
    assert view(negative, positive, at=EARLIER).causes == ()
    assert view(negative, positive).accepted_by(STANDARD) == ()


@pytest.mark.parametrize("medical", [b.positive_test(id="why"), b.report(ReportKind.PREGNANCY, id="why")])
def test_a_hold_because_of_a_known_test_or_report_is_that_ones_hold(medical: f.Fact) -> None:
    hold = b.hold(cause="why", hours_ago=1, days_ago=0)
    assert view(medical, hold).causes == (medical,)
    assert view(medical, hold, b.retraction("why")).causes == (medical,)
    assert view(hold).causes == (hold,)


def test_a_hold_because_of_anything_else_stands_for_itself() -> None:
    missed = b.report(ReportKind.MISSED_MENSES, id="why")
    first, second = b.hold(id="first", cause="why"), b.hold(id="second", cause="first", days_ago=0)
    assert view(missed, first, second).causes == (first, second)


def test_the_newest_conclusion_of_each_reviewer_on_each_cause() -> None:
    older = b.review("hold", "dr-one", id="older", hours_ago=2)
    newer = b.review("hold", "dr-one", id="newer", hours_ago=1)
    second = b.review("hold", "dr-two")
    elsewhere = b.review("positive", "dr-one")
    expected = {"hold": {"dr-one": newer, "dr-two": second}, "positive": {"dr-one": elsewhere}}
    assert view(newer, elsewhere, second, older).reviews == expected
    assert view(older, newer, b.retraction("newer")).reviews == {"hold": {"dr-one": older}}


# -- reports, counselling, material, surveys, certifications -------------------------------------------------------


def test_reports_about_menses_leave_pregnancies_out() -> None:
    menses = ["missed_menses", "abnormal_bleeding", "first_menses", "menses_resumed", "period_started"]
    reports = [b.report(what, id=what.value, at=utc(2026, 5, 1 + n)) for n, what in enumerate(ReportKind)]
    assert ids(*view(*reports).menses_reports) == menses


def test_only_missed_menses_and_abnormal_bleeding_call_for_an_evaluation() -> None:
    missed = b.report(ReportKind.MISSED_MENSES, id="missed", days_ago=5)
    bleeding = b.report(ReportKind.ABNORMAL_BLEEDING, id="bleeding", days_ago=4)
    others = [
        b.report(what, id=what.value, days_ago=3)
        for what in ReportKind
        if what not in {ReportKind.MISSED_MENSES, ReportKind.ABNORMAL_BLEEDING}
    ]
    assert view(*others, missed).to_evaluate == missed
    assert view(*others, missed, bleeding).to_evaluate == bleeding
    assert view(*others).to_evaluate is None


def test_conversations_are_found_by_prescription_and_those_for_none_under_no_name() -> None:
    one = b.counselling({Topic.CONTRACEPTION}, id="one", prescription="rx", hours_ago=4)
    two = b.counselling({Topic.CONTRACEPTION}, id="two", prescription="rx", hours_ago=3)
    none = b.counselling({Topic.CONTRACEPTION}, id="none", prescription="", hours_ago=2)
    seen = view(none, two, one)
    assert seen.counselling_for("rx") == (one, two)
    assert seen.counselling_for("") == ()
    assert seen.counselling_for("another") == ()


def test_the_prescribers_newest_conversation_on_each_topic() -> None:
    missed, menses = Topic.MISSED_TEST, Topic.MENSES_EVALUATION
    both = b.counselling({missed, menses}, id="both", hours_ago=4)
    later = b.counselling({missed}, id="later", hours_ago=3)
    by_pharmacist = b.counselling({menses}, id="other", hours_ago=2, by=f.Counsellor.PHARMACIST)
    assert view(by_pharmacist, later, both).counselled_on == {missed: later, menses: both}


def test_material_is_found_by_prescription_and_item() -> None:
    guide, checklist = f.Item.MEDICATION_GUIDE, f.Item.COUNSELLING_CHECKLIST
    older = b.material(guide, id="older", minutes_ago=50)
    newer = b.material(guide, id="newer")
    other = b.material(checklist, id="other", prescription="rx-2")
    assert view(other, newer, older).materials == {("rx", guide): newer, ("rx-2", checklist): other}


def test_surveys_are_kept_apart_by_whose_they_are() -> None:
    older = b.survey(f.Whose.PRESCRIBER, id="older", hours_ago=3)
    newer = b.survey(f.Whose.PRESCRIBER, id="newer", hours_ago=2)
    for_none = b.survey(f.Whose.PRESCRIBER, id="for-none", hours_ago=1, prescription="")
    patients = b.survey(f.Whose.PATIENT, id="patients", hours_ago=4)
    patients_older = b.survey(f.Whose.PATIENT, id="patients-older", hours_ago=5)
    seen = view(newer, for_none, patients, older, patients_older)
    assert seen.prescriber_surveys == {"rx": newer}
    assert seen.patient_survey == patients
    assert view(older, newer).patient_survey is None


def test_certifications_and_revocations_are_found_by_role_and_subject() -> None:
    role, other = CertifiedRole.PHARMACY, CertifiedRole.PHARMACIST
    older = b.certification(role, "one", id="older")
    newer = b.certification(role, "one", id="newer", days_ago=300)
    same_name = b.certification(other, "one", id="same-name")
    revoked = b.revocation(role, "one", id="revoked", days_ago=2)
    revoked_again = b.revocation(role, "one", id="revoked-again")
    seen = view(newer, older, same_name, revoked_again, revoked)
    assert seen.certifications == {(role, "one"): newer, (other, "one"): same_name}
    assert seen.revocations == {(role, "one"): revoked_again}


# -- prescriptions, numbers and dispenses --------------------------------------------------------------------------


def test_prescriptions_are_found_by_their_id_and_a_retracted_one_is_not() -> None:
    one, two = b.prescription(id="one"), b.prescription(id="two")
    assert view(one, two).prescriptions == {"one": one, "two": two}
    assert view(one, two, b.retraction("one")).prescriptions == {"two": two}


def test_a_void_and_a_return_each_end_the_number_they_name() -> None:
    voids = [
        b.made(f.AuthorizationVoid, {"id": "v1", "authorization": "an-1"}, {}),
        b.made(f.ConfirmationVoid, {"id": "v2", "confirmation": "cn-1"}, {}),
        returned("cn-2"),
        reversal("dispense-1"),
    ]
    assert view(*voids).voided == {"an-1", "cn-1", "cn-2"}
    assert view(*voids, b.retraction("v1")).voided == {"cn-1", "cn-2"}


def test_of_each_prescription_the_newest_unvoided_and_the_newest_voided_numbers() -> None:
    authorizations = [b.authorization(id=f"an-{n}", minutes_ago=90 - n) for n in range(4)]
    confirmations = [
        b.confirmation(id=f"cn-{n}", authorization=f"an-{n}", hours_ago=0, minutes_ago=60 - n) for n in range(4)
    ]
    voids = [
        *(b.made(f.AuthorizationVoid, {"id": f"v-an-{n}", "authorization": f"an-{n}"}, {}) for n in (0, 3)),
        *(b.made(f.ConfirmationVoid, {"id": f"v-cn-{n}", "confirmation": f"cn-{n}"}, {}) for n in (0, 2, 3)),
    ]
    seen = view(*reversed(confirmations), *reversed(authorizations), *voids)
    assert seen.authorizations == {"rx": authorizations[2]}
    assert seen.voided_authorizations == {"rx": authorizations[3]}
    assert seen.confirmations == {"rx": confirmations[1]}
    assert seen.voided_confirmations == {"rx": confirmations[3]}
    assert seen.confirmations_under == {"an-1": confirmations[1]}


def test_the_newest_unvoided_confirmation_under_an_authorization_whichever_prescription_it_names() -> None:
    older = b.confirmation(id="older", hours_ago=2)
    newer = b.confirmation(id="newer", prescription="rx-2")
    assert view(newer, older).confirmations_under == {"an": newer}
    assert view(newer, older, returned("newer")).confirmations_under == {"an": older}


def test_a_dispense_is_live_unless_it_was_reversed() -> None:
    one, two = b.dispense(id="one", days_ago=9), b.dispense(id="two", prescription="rx-2")
    assert view(two, one).dispenses == (one, two)
    assert view(two, one).dispensed == {"rx": one, "rx-2": two}
    assert view(two, one, reversal("one")).dispenses == (two,)
    assert view(two, one, reversal("one")).dispensed == {"rx-2": two}
    assert view(two, one, reversal("one"), b.retraction("reversal-one")).dispenses == (one, two)
    assert view(two, one, reversal("one", at=LATER)).dispenses == (one, two)
    assert view(two, one, returned("one")).dispenses == (one, two)


# -- the course of treatment ---------------------------------------------------------------------------------------


def test_the_course_is_all_live_dispenses_after_the_newest_stop() -> None:
    one, two, three = (b.dispense(id=f"d{n}", prescription=f"rx{n}", days_ago=n, minutes_ago=0) for n in (9, 6, 3))
    stop, older_stop = b.treatment(STOPPED, id="s5", days_ago=5), b.treatment(STOPPED, id="s8", days_ago=8)
    assert view(three, two, one).course == (one, two, three)
    assert view(three, two, one, older_stop).course == (two, three)
    seen = view(three, two, one, stop, older_stop)
    assert (seen.course, seen.stopped_at) == ((three,), b.ago(days=5))
    assert view(three, two, one, stop, older_stop, reversal("d3")).course == ()
    assert view(three, two, one, stop, older_stop, b.retraction("s5")).course == (two, three)


@pytest.mark.parametrize("status", [INTERRUPTED, RESUMED])
def test_only_a_stop_ends_a_course(status: TreatmentStatus) -> None:
    sold = b.dispense(id="sold", days_ago=9)
    seen = view(sold, b.treatment(status, days_ago=5))
    assert (seen.course, seen.stopped_at) == ((sold,), None)


def test_what_happened_at_the_moment_of_a_stop_belongs_to_the_course_that_ended() -> None:
    at = b.ago(days=5)
    talk = b.counselling({Topic.BOXED_WARNING}, id="talk", at=at)
    just_after = b.counselling({Topic.BOXED_WARNING}, id="after", at=Instant(at + TICK))
    sold, sold_after = b.dispense(id="sold", at=at), b.dispense(id="sold-after", at=Instant(at + TICK))
    seen = view(b.treatment(STOPPED, at=at), sold, sold_after, talk, just_after)
    assert seen.course == (sold_after,)
    assert seen.counselling_in_course == (just_after,)


def test_without_a_stop_all_conversations_belong_to_the_course() -> None:
    talk = b.counselling({Topic.BOXED_WARNING}, id="talk", days_ago=900)
    assert view(talk, b.treatment(INTERRUPTED)).counselling_in_course == (talk,)


# -- off treatment -------------------------------------------------------------------------------------------------


def sold_on(day: date, name: str = "sold") -> f.Dispense:
    at = Instant(ZONE.start_of(day) + timedelta(hours=12))
    return b.dispense(id=name, prescription=f"rx-{name}", at=at)


def changed_on(status: TreatmentStatus, day: date) -> f.TreatmentChange:
    at = Instant(ZONE.start_of(day) + timedelta(hours=13))
    return b.treatment(status, id=f"{status.value}-{day}", at=at)


@pytest.mark.parametrize(
    ("events", "off_on"),
    [
        ([], None),
        ([changed_on(STOPPED, date(2026, 1, 5))], None),
        ([sold_on(date(2026, 1, 1))], date(2026, 1, 29)),
        ([sold_on(date(2026, 6, 1))], date(2026, 6, 29)),
        ([sold_on(date(2026, 1, 1)), sold_on(date(2026, 1, 22), "two")], date(2026, 2, 26)),
        ([sold_on(date(2026, 1, 1)), changed_on(INTERRUPTED, date(2026, 1, 10))], date(2026, 1, 10)),
        ([sold_on(date(2026, 1, 1)), changed_on(STOPPED, date(2026, 1, 10))], date(2026, 1, 10)),
        (
            [
                sold_on(date(2026, 1, 1)),
                changed_on(INTERRUPTED, date(2026, 1, 10)),
                changed_on(STOPPED, date(2026, 1, 20)),
            ],
            date(2026, 1, 10),
        ),
        (
            [
                sold_on(date(2026, 1, 1)),
                changed_on(INTERRUPTED, date(2026, 1, 11)),
                changed_on(RESUMED, date(2026, 1, 21)),
            ],
            date(2026, 2, 8),
        ),
        (
            [
                changed_on(INTERRUPTED, date(2026, 1, 10)),
                sold_on(date(2026, 1, 20)),
            ],
            date(2026, 2, 17),
        ),
        (
            [
                sold_on(date(2026, 1, 1)),
                changed_on(INTERRUPTED, date(2026, 1, 11)),
                sold_on(date(2026, 1, 21), "two"),
            ],
            date(2026, 1, 11),
        ),
        (
            [
                sold_on(date(2026, 1, 1)),
                changed_on(STOPPED, date(2026, 1, 11)),
                sold_on(date(2026, 1, 21), "two"),
            ],
            date(2026, 3, 8),
        ),
        ([sold_on(date(2026, 1, 1)), changed_on(RESUMED, date(2026, 3, 1))], date(2026, 1, 29)),
        ([sold_on(date(2026, 1, 1)), changed_on(INTERRUPTED, date(2026, 3, 1))], date(2026, 1, 29)),
    ],
)
def test_the_first_day_off_treatment(events: list[f.Fact], off_on: date | None) -> None:
    assert view(*events).off_treatment_on(ZONE) == off_on


def test_the_day_off_treatment_is_the_civil_day_of_the_zone_asked_about() -> None:
    at = utc(2026, 1, 10, 3)  # 9 January in New York
    events = [sold_on(date(2026, 1, 1)), b.treatment(STOPPED, at=at)]
    seen = view(*events)
    assert seen.off_treatment_on(ZONE) == date(2026, 1, 9)
    assert seen.off_treatment_on(Zone("Europe/London")) == date(2026, 1, 10)


def test_the_supply_is_worked_out_once_for_each_zone() -> None:
    late = b.dispense(id="sold", at=utc(2026, 6, 10, 3))  # 9 June in New York
    seen = view(late)
    supplies = [seen.supply(Zone(key)) for key in ("America/New_York", "Europe/London")]
    assert [supply.since for supply in supplies if supply] == [date(2026, 6, 9), date(2026, 6, 10)]
    assert seen.supply(ZONE) is supplies[0]
    assert view().supply(ZONE) is None
