"""The kinds about care: contraception in use, counselling, written material and surveys."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import Category, Method, Step
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits

FRP, FNRP, MALE = Category.ADULT_FRP, Category.ADULT_FNRP, Category.ADULT_MALE
ISSUED_AT = b.ago(hours=2)
"""When the ready prescription is issued: ten in the morning in New York."""
IMPLANT, CONDOM, PILL = Method.HORMONAL_IMPLANT, Method.MALE_CONDOM, Method.COMBINED_PILL
LEAD_IN, LATER = "contraception-lead-in", "contraception"
LONG_AGO = date(2020, 1, 1)


def using(
    *methods: f.MethodInUse, category: Category = FRP, cycles: int = 0, abstinent_since: date | None = None
) -> list[f.Fact]:
    """All that is needed to dispense, with these methods in use."""
    facts = b.ready(category, cycles=cycles)
    return b.changed(facts, "contraception", methods=methods, abstinent_since=abstinent_since)


def asked(facts: Sequence[f.Fact], step: Step = Step.DISPENSE) -> list[str]:
    """Which requirements are asked."""
    return [found.requirement for found in b.decided(facts, step).findings]


# -- contraception -------------------------------------------------------------------------------------------------


def test_two_methods_in_use_for_years_are_met_by_the_statement_and_without_an_end() -> None:
    assert b.finding(b.ready(), LEAD_IN) == met(LEAD_IN, "contraception")
    assert b.finding(b.ready(cycles=1), LATER) == met(LATER, "contraception")


def test_the_lead_in_is_asked_for_a_first_supply_only_and_of_no_one_who_cannot_become_pregnant() -> None:
    about = {LEAD_IN, LATER, "condom"}
    assert [name for name in asked(b.ready()) if name in about] == [LEAD_IN]
    assert [name for name in asked(b.ready(cycles=1)) if name in about] == [LATER]
    assert [name for name in asked(b.ready(MALE)) if name in about] == ["condom"]
    assert [name for name in asked(b.ready(FNRP)) if name in about] == []


def test_without_a_statement_a_first_supply_opens_after_the_lead_in_and_a_later_one_at_once() -> None:
    first, later = (b.without(b.ready(cycles=n), "contraception") for n in (0, 1))
    assert b.decided(first).unmet == (needs(LEAD_IN, "CONTRACEPTION_MISSING", at=utc(2026, 7, 13)),)
    assert b.decided(later).unmet == (needs(LATER, "CONTRACEPTION_MISSING"),)


def test_too_few_methods_open_after_the_lead_in_from_today_or_at_once() -> None:
    too_few = "CONTRACEPTION_TOO_FEW"
    only = b.in_use(IMPLANT)
    assert b.decided(using(only)).unmet == (needs(LEAD_IN, too_few, "contraception", at=utc(2026, 7, 13)),)
    assert b.decided(using(only, cycles=1)).unmet == (needs(LATER, too_few, "contraception"),)


def test_enough_methods_without_a_highly_effective_one_open_after_the_lead_in_or_at_once() -> None:
    code = "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE"
    methods = b.in_use(CONDOM), b.in_use(Method.DIAPHRAGM)
    assert b.decided(using(*methods)).unmet == (needs(LEAD_IN, code, "contraception", at=utc(2026, 7, 13)),)
    assert b.decided(using(*methods, cycles=1)).unmet == (needs(LATER, code, "contraception"),)


def test_a_method_counts_from_the_start_of_the_day_28_days_after_it_was_begun() -> None:
    counts_from = utc(2026, 6, 16)
    facts = using(b.in_use(IMPLANT), b.in_use(CONDOM, date(2026, 5, 19)))
    waiting = waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=counts_from)
    assert b.decided(facts).unmet == (waiting,)
    assert b.finding(facts, LEAD_IN, at=Instant(counts_from - TICK)) == waiting
    assert b.finding(facts, LEAD_IN, at=counts_from) == met(LEAD_IN, "contraception")
    a_day_earlier = using(b.in_use(IMPLANT), b.in_use(CONDOM, date(2026, 5, 18)))
    assert b.finding(a_day_earlier, LEAD_IN) == met(LEAD_IN, "contraception")


def test_the_lead_in_counts_calendar_days_when_clocks_change() -> None:
    facts = [b.contraception(b.in_use(IMPLANT, date(2026, 2, 20)), b.in_use(CONDOM), at=utc(2026, 2, 20, 5))]
    opens_at = utc(2026, 3, 20, 4)  # begun in winter time, in effect in summer time
    at = Instant(opens_at - TICK)
    assert b.finding(facts, LEAD_IN, at=at) == waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=opens_at)
    assert b.finding(facts, LEAD_IN, at=opens_at) == met(LEAD_IN, "contraception")


@pytest.mark.parametrize(
    ("implant", "condom", "opens_at"),
    [
        (date(2026, 6, 1), LONG_AGO, utc(2026, 6, 29)),
        (LONG_AGO, date(2026, 6, 1), utc(2026, 6, 29)),
        (date(2026, 6, 1), date(2026, 6, 3), utc(2026, 7, 1)),
        (date(2026, 6, 3), date(2026, 6, 1), utc(2026, 7, 1)),
    ],
)
def test_of_two_methods_the_later_one_decides(implant: date, condom: date, opens_at: Instant) -> None:
    facts = using(b.in_use(IMPLANT, implant), b.in_use(CONDOM, condom))
    assert b.finding(facts, LEAD_IN) == waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=opens_at)


@pytest.mark.parametrize(
    "methods",
    [
        [b.in_use(IMPLANT), b.in_use(CONDOM), b.in_use(Method.DIAPHRAGM, date(2026, 6, 14))],
        [b.in_use(IMPLANT), b.in_use(CONDOM, date(2026, 6, 14)), b.in_use(Method.DIAPHRAGM)],
        [b.in_use(IMPLANT), b.in_use(PILL, date(2026, 6, 14)), b.in_use(CONDOM)],
        [b.in_use(PILL, date(2026, 6, 14)), b.in_use(IMPLANT), b.in_use(Method.TUBAL_LIGATION)],
        [b.in_use(IMPLANT), b.in_use(PILL)],
    ],
)
def test_a_method_begun_later_does_not_undo_two_that_suffice(methods: list[f.MethodInUse]) -> None:
    assert b.finding(using(*methods), LEAD_IN) == met(LEAD_IN, "contraception")


def test_no_number_of_older_barriers_stands_for_the_highly_effective_method() -> None:
    facts = using(b.in_use(CONDOM), b.in_use(Method.DIAPHRAGM), b.in_use(IMPLANT, date(2026, 6, 10)))
    expected = waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=utc(2026, 7, 8))
    assert b.finding(facts, LEAD_IN) == expected


def test_a_method_that_is_not_accepted_counts_for_nothing() -> None:
    facts = using(b.in_use(IMPLANT), b.in_use(Method.WITHDRAWAL))
    assert b.decided(facts).codes == ("CONTRACEPTION_TOO_FEW",)


def test_one_method_with_two_dates_counts_once_from_the_later_date() -> None:
    later = b.in_use(CONDOM, date(2026, 6, 1))
    twice_alone = using(b.in_use(IMPLANT), b.in_use(IMPLANT, date(2026, 6, 1)))
    assert b.finding(twice_alone, LEAD_IN).code == "CONTRACEPTION_TOO_FEW"
    expected = waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=utc(2026, 6, 29))
    assert b.finding(using(b.in_use(IMPLANT), b.in_use(CONDOM), later), LEAD_IN) == expected
    assert b.finding(using(b.in_use(IMPLANT), later, b.in_use(CONDOM)), LEAD_IN) == expected


def test_without_a_lead_in_a_method_begun_today_counts_and_one_begun_tomorrow_waits() -> None:
    today = using(b.in_use(IMPLANT), b.in_use(CONDOM, date(2026, 6, 15)), cycles=1)
    tomorrow = using(b.in_use(IMPLANT), b.in_use(CONDOM, date(2026, 6, 16)), cycles=1)
    assert b.decided(today).codes == ()
    expected = waits(LATER, "CONTRACEPTION_LEAD_IN", "contraception", at=utc(2026, 6, 16))
    assert b.decided(tomorrow).unmet == (expected,)


def test_abstinence_counts_after_the_same_lead_in() -> None:
    long_enough = using(abstinent_since=date(2026, 5, 18))
    too_short = using(abstinent_since=date(2026, 5, 19))
    assert b.finding(long_enough, LEAD_IN) == met(LEAD_IN, "contraception")
    expected = waits(LEAD_IN, "CONTRACEPTION_LEAD_IN", "contraception", at=utc(2026, 6, 16))
    assert b.finding(too_short, LEAD_IN) == expected


def test_of_abstinence_and_methods_what_is_in_effect_earlier_counts() -> None:
    young = b.in_use(CONDOM, date(2026, 6, 1))
    assert b.finding(using(b.in_use(IMPLANT), young, abstinent_since=LONG_AGO), LEAD_IN).is_met
    assert b.finding(using(b.in_use(IMPLANT), b.in_use(CONDOM), abstinent_since=date(2026, 6, 1)), LEAD_IN).is_met
    both_young = using(b.in_use(IMPLANT), young, abstinent_since=date(2026, 6, 2))
    assert b.finding(both_young, LEAD_IN).opens_at == utc(2026, 6, 29)


@pytest.mark.parametrize(
    ("methods", "code"),
    [
        ((), "CONTRACEPTION_TOO_FEW"),
        ((b.in_use(CONDOM), b.in_use(Method.DIAPHRAGM)), "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE"),
        ((b.in_use(CONDOM), b.in_use(IMPLANT)), "MET"),
    ],
)
def test_where_abstinence_does_not_count_methods_are_asked(methods: tuple[f.MethodInUse, ...], code: str) -> None:
    plain = b.plain_policy()
    b.rule(plain, LEAD_IN)["abstinence_counts"] = False
    facts = using(*methods, abstinent_since=LONG_AGO)
    assert b.decided_under(plain, facts).codes == (() if code == "MET" else (code,))


def test_a_method_in_both_tiers_counts_once_as_a_highly_effective_one() -> None:
    plain = b.plain_policy()
    b.rule(plain, LEAD_IN)["additional"] = ["male_condom", "hormonal_implant"]
    assert b.decided_under(plain, using(b.in_use(IMPLANT))).codes == ("CONTRACEPTION_TOO_FEW",)
    assert b.decided_under(plain, using(b.in_use(IMPLANT), b.in_use(CONDOM))).codes == ()


def test_a_policy_may_ask_for_more_methods_and_more_highly_effective_ones() -> None:
    plain = b.plain_policy()
    b.rule(plain, LEAD_IN).update(methods=3, of_them_highly_effective=2)
    two_good = [b.in_use(IMPLANT), b.in_use(PILL)]
    assert b.decided_under(plain, using(*two_good)).codes == ("CONTRACEPTION_TOO_FEW",)
    one_good = [b.in_use(IMPLANT), b.in_use(CONDOM), b.in_use(Method.DIAPHRAGM)]
    assert b.decided_under(plain, using(*one_good)).codes == ("CONTRACEPTION_NOT_HIGHLY_EFFECTIVE",)
    young_third = using(*two_good, b.in_use(CONDOM, date(2026, 6, 1)))
    assert b.decided_under(plain, young_third).earliest_at == utc(2026, 6, 29)
    assert b.decided_under(plain, using(*two_good, b.in_use(CONDOM))).codes == ()
    assert b.decided_under(plain, using(*two_good, b.in_use(Method.TUBAL_LIGATION))).codes == ()


def test_the_newest_statement_replaces_the_one_before_even_if_it_is_worse() -> None:
    newer = b.contraception(b.in_use(CONDOM), id="newer", days_ago=1)
    expected = needs(LEAD_IN, "CONTRACEPTION_TOO_FEW", "newer", at=utc(2026, 7, 13))
    assert b.decided([*b.ready(), newer]).unmet == (expected,)


@pytest.mark.parametrize("category", [MALE, Category.CHILD_MALE])
def test_a_male_patient_uses_a_condom_even_after_a_vasectomy_or_is_abstinent(category: Category) -> None:
    vasectomy = b.in_use(Method.OWN_VASECTOMY)
    unmet = (needs("condom", "CONTRACEPTION_TOO_FEW", "contraception"),)
    assert b.decided(using(vasectomy, category=category)).unmet == unmet
    assert b.decided(using(category=category)).unmet == unmet
    assert b.decided(using(b.in_use(CONDOM, date(2026, 6, 15)), category=category)).codes == ()
    assert b.decided(using(vasectomy, category=category, abstinent_since=date(2026, 6, 15))).codes == ()
    missing = b.without(b.ready(category), "contraception")
    assert b.decided(missing).unmet == (needs("condom", "CONTRACEPTION_MISSING"),)


# -- counselling ---------------------------------------------------------------------------------------------------

FIRST_TALK, EACH_TALK, PHARMACY_TALK = "first-counselling", "contraception-counselling", "pharmacist-counselling"


def test_each_counselling_rests_on_the_conversations_that_covered_it() -> None:
    assert b.finding(b.ready(MALE), FIRST_TALK) == met(FIRST_TALK, "counselling")
    assert b.finding(b.ready(MALE), EACH_TALK) == met(EACH_TALK, "counselling")
    assert b.finding(b.ready(MALE), PHARMACY_TALK) == met(PHARMACY_TALK, "ph-counselling")


@pytest.mark.parametrize("topic", [topic for topic in f.Topic if topic in b.FIRST_TOPICS])
def test_a_topic_left_out_of_the_first_counselling_blocks(topic: f.Topic) -> None:
    facts = b.changed(b.ready(MALE), "counselling", topics=(b.FIRST_TOPICS | b.EACH_TOPICS) - {topic})
    assert b.decided(facts).unmet == (needs(FIRST_TALK, "COUNSELLING_MISSING", "counselling"),)


@pytest.mark.parametrize("topic", [topic for topic in f.Topic if topic in b.EACH_TOPICS])
def test_a_topic_left_out_of_the_counselling_on_contraception_blocks(topic: f.Topic) -> None:
    facts = b.changed(b.ready(MALE), "counselling", topics=(b.FIRST_TOPICS | b.EACH_TOPICS) - {topic})
    assert b.decided(facts).unmet == (needs(EACH_TALK, "COUNSELLING_MISSING", "counselling"),)


@pytest.mark.parametrize("topic", [topic for topic in f.Topic if topic in b.PHARMACY_TOPICS])
def test_a_topic_left_out_by_the_pharmacist_blocks(topic: f.Topic) -> None:
    facts = b.changed(b.ready(MALE), "ph-counselling", topics=b.PHARMACY_TOPICS - {topic})
    assert b.decided(facts).unmet == (needs(PHARMACY_TALK, "PHARMACY_COUNSELLING_MISSING", "ph-counselling"),)


def test_topics_covered_in_several_conversations_add_up_and_other_conversations_are_no_evidence() -> None:
    risks, warning = f.Topic.BENEFITS_AND_RISKS, f.Topic.BOXED_WARNING
    facts = [
        *b.changed(b.ready(MALE), "counselling", topics=b.EACH_TOPICS | {f.Topic.SURVEY_DUTY}),
        b.counselling({risks}, id="older", days_ago=40, hours_ago=0, prescription=""),
        b.counselling({f.Topic.NO_SHARING}, id="other", days_ago=20, hours_ago=0),
        b.counselling({warning, risks}, id="newer", days_ago=10, hours_ago=0, prescription="rx-before"),
    ]
    assert b.finding(facts, FIRST_TALK) == met(FIRST_TALK, "older", "newer", "counselling")


def test_what_was_said_in_part_is_named_when_topics_are_missing() -> None:
    facts = [
        *b.without(b.ready(MALE), "counselling"),
        b.counselling({f.Topic.BOXED_WARNING}, id="part"),
        b.counselling({f.Topic.NO_SHARING}, id="other", hours_ago=2.5),
    ]
    assert b.decided(facts).unmet == (
        needs(FIRST_TALK, "COUNSELLING_MISSING", "part", "other"),
        needs(EACH_TALK, "COUNSELLING_MISSING", "part", "other"),
    )


def test_nobody_speaks_for_another_profession() -> None:
    by_pharmacist = b.changed(b.ready(MALE), "counselling", by=f.Counsellor.PHARMACIST)
    assert b.decided(by_pharmacist).unmet == (
        needs(FIRST_TALK, "COUNSELLING_MISSING"),
        needs(EACH_TALK, "COUNSELLING_MISSING"),
    )
    by_prescriber = b.changed(b.ready(MALE), "ph-counselling", by=f.Counsellor.PRESCRIBER)
    assert b.decided(by_prescriber).unmet == (needs(PHARMACY_TALK, "PHARMACY_COUNSELLING_MISSING"),)


def test_the_first_counselling_is_no_later_than_the_prescription() -> None:
    at_once = b.changed(b.ready(MALE), "counselling", at=ISSUED_AT, recorded_at=ISSUED_AT)
    later = Instant(ISSUED_AT + TICK)
    too_late = b.changed(b.ready(MALE), "counselling", at=later, recorded_at=later)
    assert b.decided(at_once).codes == ()
    assert b.decided(too_late).unmet == (needs(FIRST_TALK, "COUNSELLING_MISSING"),)


def test_the_first_counselling_belongs_to_the_course_and_follows_the_newest_stop() -> None:
    held_at = b.ago(hours=3)
    stopped = f.TreatmentStatus.STOPPED
    at_the_stop = [*b.ready(MALE), b.treatment(stopped, at=held_at)]
    after_it = [*b.ready(MALE), b.treatment(stopped, at=Instant(held_at - TICK))]
    assert b.decided(at_the_stop).unmet == (needs(FIRST_TALK, "COUNSELLING_MISSING"),)
    assert b.decided(after_it).codes == ()
    assert b.decided([*b.ready(MALE), b.treatment(f.TreatmentStatus.INTERRUPTED, at=held_at)]).codes == ()


def test_without_a_prescription_no_first_counselling_counts() -> None:
    facts = b.without(b.ready(MALE), "rx")
    assert b.finding(facts, FIRST_TALK) == needs(FIRST_TALK, "COUNSELLING_MISSING")
    assert b.finding(facts, EACH_TALK) == met(EACH_TALK, "counselling")


def test_the_first_counselling_is_not_asked_again_in_the_same_course() -> None:
    assert FIRST_TALK not in asked(b.ready(MALE, cycles=1))
    stopped = b.treatment(f.TreatmentStatus.STOPPED, days_ago=2)
    again = [*b.ready(MALE, cycles=1), stopped]
    assert b.finding(again, FIRST_TALK) == needs(FIRST_TALK, "COUNSELLING_MISSING", "counselling")


@pytest.mark.parametrize("prescription", ["rx-before", ""])
def test_counselling_for_each_prescription_is_for_this_one(prescription: str) -> None:
    prescriber = b.changed(b.ready(MALE), "counselling", prescription=prescription)
    assert b.decided(prescriber).unmet == (needs(EACH_TALK, "COUNSELLING_MISSING"),)
    pharmacist = b.changed(b.ready(MALE), "ph-counselling", prescription=prescription)
    assert b.decided(pharmacist).unmet == (needs(PHARMACY_TALK, "PHARMACY_COUNSELLING_MISSING"),)


def test_a_conversation_for_no_prescription_does_not_serve_a_request_that_names_none() -> None:
    facts = b.changed(b.ready(MALE), "counselling", prescription="")
    assert b.finding(facts, EACH_TALK, prescription="") == needs(EACH_TALK, "COUNSELLING_MISSING")


def test_counselling_for_the_prescription_may_follow_its_issue() -> None:
    later = Instant(ISSUED_AT + TICK)
    talk = b.counselling(b.EACH_TOPICS, id="later", at=later)
    facts = [*b.changed(b.ready(MALE), "counselling", topics=b.FIRST_TOPICS), talk]
    assert b.finding(facts, EACH_TALK) == met(EACH_TALK, "later")


# -- material ------------------------------------------------------------------------------------------------------

MATERIAL = [
    ("counselling-checklist", f.Item.COUNSELLING_CHECKLIST),
    ("medication-guide", f.Item.MEDICATION_GUIDE),
]


@pytest.mark.parametrize(("requirement", "item"), MATERIAL)
def test_each_document_goes_with_the_prescription_it_was_given_for(requirement: str, item: f.Item) -> None:
    name = f"material-{item.value}"
    assert b.finding(b.ready(), requirement) == met(requirement, name)
    missing = (needs(requirement, "MATERIAL_MISSING"),)
    assert b.decided(b.without(b.ready(), name)).unmet == missing
    assert b.decided(b.changed(b.ready(), name, prescription="rx-before")).unmet == missing


@pytest.mark.parametrize(("requirement", "item"), MATERIAL)
def test_the_newest_piece_is_the_evidence_and_is_asked_at_dispense_only(requirement: str, item: f.Item) -> None:
    again = b.material(item, id="again", minutes_ago=1)
    assert b.finding([*b.ready(), again], requirement) == met(requirement, "again")
    assert requirement not in asked(b.ready(step=Step.CONFIRM), Step.CONFIRM)


# -- surveys -------------------------------------------------------------------------------------------------------

PRESCRIBERS, MONTHLY, HALF_YEARLY, OF_MALES = (
    "prescriber-survey",
    "monthly-survey",
    "half-yearly-survey",
    "male-survey",
)


def test_the_prescribers_survey_is_for_this_prescription() -> None:
    missing = (needs(PRESCRIBERS, "PRESCRIBER_SURVEY_MISSING"),)
    assert b.finding(b.ready(), PRESCRIBERS) == met(PRESCRIBERS, "survey-prescriber")
    assert b.decided(b.without(b.ready(), "survey-prescriber")).unmet == missing
    assert b.decided(b.changed(b.ready(), "survey-prescriber", prescription="rx-before")).unmet == missing
    assert b.decided(b.changed(b.ready(), "survey-prescriber", whose=f.Whose.PATIENT)).unmet == missing


def test_the_prescribers_newest_survey_is_the_evidence() -> None:
    again = b.survey(f.Whose.PRESCRIBER, id="again", hours_ago=1)
    assert b.finding([*b.ready(), again], PRESCRIBERS) == met(PRESCRIBERS, "again")


def test_a_survey_for_no_prescription_does_not_serve_a_request_that_names_none() -> None:
    facts = b.changed(b.ready(), "survey-prescriber", prescription="")
    assert b.finding(facts, PRESCRIBERS, prescription="") == needs(PRESCRIBERS, "PRESCRIBER_SURVEY_MISSING")


@pytest.mark.parametrize(
    ("category", "cycles", "requirement"),
    [
        (FRP, 0, MONTHLY),
        (FRP, 1, MONTHLY),
        (Category.CHILD_FRP, 0, MONTHLY),
        (Category.CHILD_FNRP, 0, MONTHLY),
        (FNRP, 0, HALF_YEARLY),
        (FNRP, 1, HALF_YEARLY),
        (MALE, 1, OF_MALES),
        (Category.CHILD_MALE, 1, OF_MALES),
    ],
)
def test_every_category_has_its_survey(category: Category, cycles: int, requirement: str) -> None:
    facts = b.ready(category, cycles=cycles)
    assert {MONTHLY, HALF_YEARLY, OF_MALES} & set(asked(facts)) == {requirement}
    gone = b.without(facts, *(fact.id for fact in facts if fact.id.startswith("survey-patient")))
    assert b.decided(gone).unmet == (needs(requirement, "PATIENT_SURVEY_MISSING"),)


@pytest.mark.parametrize("category", [MALE, Category.CHILD_MALE])
def test_no_survey_is_asked_of_a_male_patient_before_the_first_supply(category: Category) -> None:
    assert {MONTHLY, HALF_YEARLY, OF_MALES} & set(asked(b.ready(category))) == set()
    assert b.decided(b.without(b.ready(category), "survey-patient")).codes == ()


@pytest.mark.parametrize(
    ("category", "cycles", "requirement", "done_at"),
    [
        (FRP, 0, MONTHLY, datetime(2026, 5, 16, 3, 59, tzinfo=UTC)),  # 15 May, a minute to midnight in New York
        (FRP, 0, MONTHLY, datetime(2026, 5, 15, 4, 0, tzinfo=UTC)),  # the first moment of that day
        (MALE, 1, OF_MALES, datetime(2026, 5, 15, 4, 0, tzinfo=UTC)),
        (FNRP, 0, HALF_YEARLY, datetime(2025, 12, 15, 5, 0, tzinfo=UTC)),
    ],
)
def test_a_survey_lasts_through_the_same_day_of_the_last_month(
    category: Category, cycles: int, requirement: str, done_at: datetime
) -> None:
    at, ends_at = Instant(done_at), utc(2026, 6, 16)
    earlier = Instant(at - timedelta(days=1))
    facts = [fact for fact in b.ready(category, cycles=cycles) if not fact.id.startswith("survey-patient")]
    survey = b.survey(f.Whose.PATIENT, id="survey", at=at)
    lasting = met(requirement, "survey", until=ends_at)
    assert b.finding([*facts, survey], requirement) == lasting
    assert b.finding([*facts, survey], requirement, at=Instant(ends_at - TICK)) == lasting
    overdue = needs(requirement, "PATIENT_SURVEY_OVERDUE", "survey", at=ends_at)
    assert b.finding([*facts, survey], requirement, at=ends_at) == overdue
    a_day_older = b.survey(f.Whose.PATIENT, id="survey", at=earlier)
    assert b.decided([*facts, a_day_older]).unmet == (needs(requirement, "PATIENT_SURVEY_OVERDUE", "survey"),)


def test_a_survey_of_31_january_lasts_through_the_end_of_february() -> None:
    facts: list[f.Fact] = [b.survey(f.Whose.PATIENT, id="survey", at=utc(2026, 1, 31, 17))]
    ends_at = utc(2026, 3, 1, 5)
    assert b.finding(facts, MONTHLY, at=Instant(ends_at - TICK)) == met(MONTHLY, "survey", until=ends_at)
    assert b.finding(facts, MONTHLY, at=ends_at).code == "PATIENT_SURVEY_OVERDUE"


@pytest.mark.parametrize("change", [{"whose": f.Whose.PRESCRIBER}, {"at": utc(2026, 5, 1)}])
def test_the_patients_newest_survey_counts_and_no_one_elses(change: dict[str, Any]) -> None:
    older = b.survey(f.Whose.PATIENT, id="older", at=utc(2026, 5, 2))
    facts = [*b.changed(b.ready(), "survey-patient", **change), older]
    assert b.decided(facts).unmet == (needs(MONTHLY, "PATIENT_SURVEY_OVERDUE", "older"),)
    newer = b.survey(f.Whose.PATIENT, id="newer", hours_ago=1)
    assert b.finding([*facts, newer], MONTHLY) == met(MONTHLY, "newer", until=utc(2026, 7, 16))
