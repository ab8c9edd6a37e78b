"""The kinds that add to older ones: registrations, menopause by age, an urgent start, and lives counted otherwise."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import Category, CategoryBasis, CertifiedRole, Method, Step
from compliance.domain.gate import decide
from compliance.domain.record import Record
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc, waits
from tests.domain.kinds import NAME, WEEK, found_by, policy_of, table

AUTHORIZE, CONFIRM = Step.AUTHORIZE, Step.CONFIRM
RX = b.prescription()
TODAY = date(2026, 6, 15)


def start(days: int) -> Instant:
    """The start of the day so many days from today in New York."""
    return b.policy().zone.start_of(TODAY + timedelta(days=days))


# -- registered ----------------------------------------------------------------------------------------------------

REGISTERED = policy_of(table("registered", who="pharmacy", lasts={"span": "P24M", "last_day": "excluded"}))


def registered(at: Instant, expires_on: date = date(2027, 12, 31)) -> f.Certification:
    return b.certification(CertifiedRole.PHARMACY, b.PHARMACY, id="registered", at=at, expires_on=expires_on)


def test_a_registration_ends_two_years_after_it_was_made() -> None:
    facts = [registered(utc(2024, 6, 16, 12))]
    lapses_at = utc(2026, 6, 16)
    assert found_by(REGISTERED, facts) == met(NAME, "registered", until=lapses_at)
    assert found_by(REGISTERED, facts, at=Instant(lapses_at - TICK)) == met(NAME, "registered", until=lapses_at)
    assert found_by(REGISTERED, facts, at=lapses_at) == needs(NAME, "REGISTRATION_LAPSED", "registered", at=lapses_at)


def test_or_with_its_own_last_day_if_that_is_earlier() -> None:
    facts = [registered(utc(2025, 6, 16, 12), date(2026, 6, 15))]
    ends_at = utc(2026, 6, 16)
    assert found_by(REGISTERED, facts) == met(NAME, "registered", until=ends_at)
    assert found_by(REGISTERED, facts, at=ends_at) == needs(NAME, "CERTIFICATION_EXPIRED", "registered", at=ends_at)


def test_what_is_asked_of_a_certification_is_asked_first() -> None:
    assert found_by(REGISTERED, []) == needs(NAME, "CERTIFICATION_MISSING")
    lapsed = registered(utc(2020, 6, 16, 12))
    revoked = b.revocation(CertifiedRole.PHARMACY, b.PHARMACY, id="revoked")
    assert found_by(REGISTERED, [lapsed]).code == "REGISTRATION_LAPSED"
    assert found_by(REGISTERED, [lapsed, revoked]) == needs(NAME, "CERTIFICATION_REVOKED", "registered", "revoked")


@pytest.mark.parametrize(("who", "subject"), [("prescriber", b.PRESCRIBER), ("pharmacist", b.PHARMACIST)])
def test_each_role_is_registered_for_itself(who: str, subject: str) -> None:
    policy = policy_of(table("registered", who=who, lasts={"span": "P24M", "last_day": "included"}))
    held = b.certification(CertifiedRole(who), subject, id="held", at=utc(2024, 6, 16, 12))
    assert found_by(policy, [RX, held]) == met(NAME, "held", until=utc(2026, 6, 17))
    other = b.certification(CertifiedRole(who), "another", id="held")
    assert found_by(policy, [RX, other]) == needs(NAME, "CERTIFICATION_MISSING")


# -- risk_evidence_by_age ------------------------------------------------------------------------------------------

BY_AGE = policy_of(
    table(
        "risk_evidence_by_age", accepted=["natural_menopause", "hysterectomy"], menopause_months="P12M",
        menopause_age=50,
    )
)  # fmt: skip
MENOPAUSE = CategoryBasis.NATURAL_MENOPAUSE


def menopause(last: date | None, born: date | None = date(1970, 1, 1), basis: Any = MENOPAUSE) -> list[f.Fact]:
    found: list[f.Fact] = [b.evidence(basis, last_menses_on=last)]
    return found if born is None else [*found, b.enrolment(Category.ADULT_FNRP, birth_date=born)]


def test_menopause_counts_at_50_after_a_year_without_menses() -> None:
    assert found_by(BY_AGE, menopause(date(2025, 6, 15))) == met(NAME, "evidence", "agreement")
    recent = menopause(date(2025, 6, 16))
    assert found_by(BY_AGE, recent) == waits(NAME, "MENOPAUSE_TOO_RECENT", "evidence", at=utc(2026, 6, 16))
    assert found_by(BY_AGE, recent, at=utc(2026, 6, 16)) == met(NAME, "evidence", "agreement")


@pytest.mark.parametrize(
    ("born", "of_age_at"), [(date(1976, 6, 16), utc(2026, 6, 16)), (date(1976, 12, 1), utc(2026, 12, 1, 5))]
)
def test_before_the_50th_birthday_it_is_waited_for(born: date, of_age_at: Instant) -> None:
    facts = menopause(date(2020, 1, 1), born)
    young = waits(NAME, "MENOPAUSE_TOO_YOUNG", "evidence", "agreement", at=of_age_at)
    assert found_by(BY_AGE, facts) == young
    assert found_by(BY_AGE, facts, at=Instant(of_age_at - TICK)) == young
    assert found_by(BY_AGE, facts, at=of_age_at) == met(NAME, "evidence", "agreement")


def test_born_on_29_february_fifty_is_reached_on_1_march() -> None:
    facts = menopause(date(2020, 1, 1), date(1976, 2, 29))
    assert found_by(BY_AGE, facts) == met(NAME, "evidence", "agreement")
    leapless = policy_of(
        table("risk_evidence_by_age", accepted=["natural_menopause"], menopause_months="P12M", menopause_age=51)
    )
    young = menopause(date(2020, 1, 1), date(1976, 2, 29))
    assert found_by(leapless, young) == waits(
        NAME, "MENOPAUSE_TOO_YOUNG", "evidence", "agreement", at=utc(2027, 3, 1, 5)
    )


def test_of_two_waits_the_later_is_named() -> None:
    both = menopause(date(2026, 1, 10), date(1976, 8, 1))
    assert found_by(BY_AGE, both) == waits(NAME, "MENOPAUSE_TOO_YOUNG", "evidence", "agreement", at=utc(2027, 1, 10, 5))
    other = menopause(date(2025, 7, 10), date(1976, 12, 1))
    assert found_by(BY_AGE, other) == waits(
        NAME, "MENOPAUSE_TOO_YOUNG", "evidence", "agreement", at=utc(2026, 12, 1, 5)
    )


def test_without_an_agreement_or_last_menses_the_evidence_is_missing() -> None:
    for last, born in ((date(2020, 1, 1), None), (None, date(1970, 1, 1)), (date(2026, 1, 1), None)):
        assert found_by(BY_AGE, menopause(last, born)) == needs(NAME, "EVIDENCE_MISSING", "evidence")


def test_other_evidence_asks_for_no_age() -> None:
    young = menopause(None, date(1999, 1, 1), CategoryBasis.HYSTERECTOMY)
    assert found_by(BY_AGE, young) == met(NAME, "evidence")
    assert found_by(BY_AGE, []) == needs(NAME, "EVIDENCE_MISSING")


# -- contraception_or_urgent_start ---------------------------------------------------------------------------------

URGENT: dict[str, Any] = {
    "methods": 1, "of_them_highly_effective": 1, "highly_effective": ["hormonal_implant"], "additional": [],
    "abstinence_counts": True, "lead_in": "P28D", "urgent_lead_in": "P7D", "urgent_also": ["male_condom"],
}  # fmt: skip
START = policy_of(table("contraception_or_urgent_start", **URGENT))
IMPLANT, CONDOM = Method.HORMONAL_IMPLANT, Method.MALE_CONDOM


def using(implant: int, condom: int | None = None) -> f.Contraception:
    """Methods in use for so many days."""
    used = [b.in_use(IMPLANT, TODAY - timedelta(days=implant))]
    used += [] if condom is None else [b.in_use(CONDOM, TODAY - timedelta(days=condom))]
    return b.contraception(*used)


def serum(days_ago: int, hour: int = 9, **changes: Any) -> f.PregnancyTest:
    day = TODAY - timedelta(days=days_ago)
    at = Instant(datetime(day.year, day.month, day.day, hour, tzinfo=b.policy().zone.tz).astimezone(UTC))
    return b.negative_test(**{"id": f"serum-{days_ago}", "at": at} | changes)


def lead_in(days_left: int) -> Any:
    return waits(NAME, "CONTRACEPTION_LEAD_IN", "contraception", at=start(days_left))


def test_the_ordinary_lead_in_is_met_without_any_test() -> None:
    assert found_by(START, [using(28)]) == met(NAME, "contraception")
    assert found_by(START, [using(27)]) == lead_in(1)


def test_an_urgent_start_is_met_between_two_serum_negatives_seven_days_apart() -> None:
    assert found_by(START, [using(7, 7), serum(7), serum(0)]) == met(NAME, "contraception", "serum-7", "serum-0")
    several = [using(10, 10), serum(10), serum(5), serum(0)]
    assert found_by(START, several) == met(NAME, "contraception", "serum-10", "serum-0")


@pytest.mark.parametrize(
    ("stated", "tests"),
    [
        (using(6, 7), [serum(7), serum(0)]),  # the method is too new
        (using(7, 6), [serum(7), serum(0)]),  # the barrier is too new
        (using(20), [serum(20), serum(0)]),  # no barrier
        (using(7, 7), [serum(6), serum(0)]),  # the tests are six days apart
        (using(7, 7), [serum(8), serum(1)]),  # the newest came before the week was over
        (using(10, 7), [serum(8), serum(1)]),  # the same, counted from the barrier
        (using(7, 7), [serum(0)]),  # one test
        (using(7, 7), []),  # none
        (using(7, 7), [serum(7, test_kind=f.TestKind.URINE), serum(0)]),  # one of them in urine
        (using(7, 7), [serum(7), serum(0, test_kind=f.TestKind.URINE)]),
    ],
)
def test_an_urgent_start_that_lacks_anything_waits_for_the_ordinary_lead_in(
    stated: f.Contraception, tests: list[f.Fact]
) -> None:
    since = stated.methods[0].since
    assert found_by(START, [stated, *tests]) == lead_in(28 - (TODAY - since).days)


def test_the_days_of_the_tests_are_civil_days() -> None:
    assert found_by(START, [using(7, 7), serum(7, hour=23), serum(0, hour=0)]).is_met
    assert not found_by(START, [using(7, 7), serum(6, hour=0), serum(0, hour=11)]).is_met


def test_what_is_begun_today_opens_after_the_shorter_lead_in() -> None:
    assert found_by(START, []) == needs(NAME, "CONTRACEPTION_MISSING", at=start(7))
    only = b.contraception(b.in_use(CONDOM))
    assert found_by(START, [only]) == needs(NAME, "CONTRACEPTION_TOO_FEW", "contraception", at=start(7))
    longer = policy_of(table("contraception_or_urgent_start", **URGENT | {"urgent_lead_in": "P40D"}))
    assert found_by(longer, []) == needs(NAME, "CONTRACEPTION_MISSING", at=start(28))
    at = start(7)
    facts = [b.contraception(b.in_use(IMPLANT, TODAY), b.in_use(CONDOM, TODAY), days_ago=0), serum(0)]
    assert found_by(START, [*facts, b.negative_test(id="then", at=at)], at=at).is_met
    early = Instant(at - TICK)
    assert not found_by(START, [*facts, b.negative_test(id="then", at=early)], at=early).is_met


# -- authorization_held, and a life counted from the prescription --------------------------------------------------

HELD = policy_of(table("authorization_held"))
AN = b.authorization()


def test_an_authorization_without_an_end_is_held_for_ever() -> None:
    facts = [b.enrolment(), RX, AN]
    assert found_by(HELD, facts, CONFIRM) == met(NAME, "an")
    assert found_by(HELD, facts, CONFIRM, at=Instant(b.NOW + timedelta(days=4000))) == met(NAME, "an")
    assert decide(HELD, Record(facts[:2]), b.request(AUTHORIZE), b.NOW).authorization_ends_at is None


def test_it_is_missing_voided_or_for_another_category_as_one_with_an_end() -> None:
    facts = [b.enrolment(), RX]
    void = b.made(f.AuthorizationVoid, {"id": "void", "authorization": "an"}, {})
    assert found_by(HELD, facts, CONFIRM) == needs(NAME, "AUTHORIZATION_MISSING")
    assert found_by(HELD, [*facts, AN, void], CONFIRM) == needs(NAME, "AUTHORIZATION_VOIDED", "an")
    other = b.authorization(Category.ADULT_MALE)
    assert found_by(HELD, [*facts, other], CONFIRM) == needs(NAME, "AUTHORIZATION_CATEGORY_MISMATCH", "an")


def test_beside_one_without_an_end_no_second_is_given_until_it_is_voided() -> None:
    facts = [b.enrolment(), RX, AN]
    assert found_by(HELD, facts, AUTHORIZE) == needs(NAME, "ALREADY_AUTHORIZED", "an")
    void = b.made(f.AuthorizationVoid, {"id": "void", "authorization": "an"}, {})
    assert found_by(HELD, [*facts, void], AUTHORIZE) == met(NAME)


FROM_RX = policy_of(table("authorization_life", lasts=WEEK, counted_from="prescription"))
RX_ENDS_AT = utc(2026, 6, 23)
"""The end of the seventh day after the day of the prescription."""


def test_a_life_counted_from_the_prescription_ends_with_it_whenever_it_was_given() -> None:
    facts = [b.enrolment(), RX, b.authorization(at=utc(2026, 6, 20, 12))]
    last = Instant(RX_ENDS_AT - TICK)
    assert found_by(FROM_RX, facts, CONFIRM, at=last) == met(NAME, "an", until=RX_ENDS_AT)
    over = needs(NAME, "AUTHORIZATION_EXPIRED", "an", at=RX_ENDS_AT)
    assert found_by(FROM_RX, facts, CONFIRM, at=RX_ENDS_AT) == over


def test_when_asked_for_it_rests_on_the_prescription_until_that_end() -> None:
    facts = [b.enrolment(), RX]
    last = Instant(RX_ENDS_AT - TICK)
    for at in (b.NOW, last):
        assert found_by(FROM_RX, facts, AUTHORIZE, at=at) == met(NAME, "rx", until=RX_ENDS_AT)
    over = needs(NAME, "AUTHORIZATION_WOULD_BE_OVER", at=RX_ENDS_AT)
    assert found_by(FROM_RX, facts, AUTHORIZE, at=RX_ENDS_AT) == over
    assert decide(FROM_RX, Record(facts), b.request(AUTHORIZE), b.NOW).authorization_ends_at == RX_ENDS_AT


def test_without_the_prescription_there_is_nothing_to_count_from() -> None:
    assert found_by(FROM_RX, [b.enrolment()], AUTHORIZE) == needs(NAME, "AUTHORIZATION_WOULD_BE_OVER")
    assert found_by(FROM_RX, [b.enrolment(), AN], CONFIRM) == needs(NAME, "AUTHORIZATION_EXPIRED", "an")


def test_a_live_one_cannot_be_waited_out_because_the_next_would_end_with_it() -> None:
    assert found_by(FROM_RX, [b.enrolment(), RX, AN], AUTHORIZE) == needs(NAME, "ALREADY_AUTHORIZED", "an")


def test_of_a_held_one_and_a_life_the_life_ends_it() -> None:
    both = policy_of(table("authorization_held"), table("authorization_life", "life", lasts=WEEK, counted_from="issue"))
    decision = decide(both, Record([b.enrolment(), RX]), b.request(AUTHORIZE), b.NOW)
    assert decision.authorization_ends_at == utc(2026, 6, 23)
