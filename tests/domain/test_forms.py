"""The kinds about paper: declarations, signed forms, the views of other prescribers, and how the product leaves."""

from datetime import date, timedelta
from typing import Any

import pytest

from compliance.domain import facts as f
from compliance.domain.facts import Category, Form, Handover, Statement
from compliance.domain.span import TICK, Instant
from tests import builders as b
from tests.domain.expect import met, needs, utc
from tests.domain.kinds import NAME, YEAR, found_by, policy_of, table

SAFE, IN, OFF = Statement.SAFETY_MEASURES_FOLLOWED, Statement.IN_LABEL, Statement.OFF_LABEL
FORM, OTHER = Form.ANNUAL_RISK_ACKNOWLEDGEMENT, Form.CARE_AGREEMENT

# -- declared ------------------------------------------------------------------------------------------------------

DECLARED = policy_of(
    table(
        "declared",
        statements=["safety_measures_followed", "expert_knowledge"],
        exactly_one_of=["in_label", "off_label"],
    )
)
BOTH = (SAFE, Statement.EXPERT_KNOWLEDGE)


def test_a_whole_declaration_on_this_prescription_is_met_without_an_end() -> None:
    for label in (IN, OFF):
        assert found_by(DECLARED, [b.declaration(*BOTH, label)]) == met(NAME, "declaration")
    assert found_by(DECLARED, [b.declaration(*Statement)]).code == "DECLARATION_CONTRADICTS"


def test_without_a_declaration_or_with_that_of_another_prescription_it_is_missing() -> None:
    assert found_by(DECLARED, []) == needs(NAME, "DECLARATION_MISSING")
    other = b.declaration(*BOTH, IN, prescription="rx-1")
    assert found_by(DECLARED, [other]) == needs(NAME, "DECLARATION_MISSING")


@pytest.mark.parametrize(
    ("ticked", "code"),
    [
        ((SAFE, IN), "DECLARATION_INCOMPLETE"),
        ((Statement.EXPERT_KNOWLEDGE, IN), "DECLARATION_INCOMPLETE"),
        ((IN,), "DECLARATION_INCOMPLETE"),
        ((*BOTH,), "DECLARATION_INCOMPLETE"),
        ((*BOTH, IN, OFF), "DECLARATION_CONTRADICTS"),
    ],
)
def test_a_missing_tick_and_two_ticks_for_one_block(ticked: tuple[Statement, ...], code: str) -> None:
    assert found_by(DECLARED, [b.declaration(*ticked)]) == needs(NAME, code, "declaration")


def test_the_newest_declaration_counts_whatever_stood_before() -> None:
    whole, poor = b.declaration(*BOTH, IN, hours_ago=2), b.declaration(SAFE, id="poor", hours_ago=1)
    assert found_by(DECLARED, [whole, poor]) == needs(NAME, "DECLARATION_INCOMPLETE", "poor")
    assert found_by(DECLARED, [b.declaration(SAFE, id="poor", hours_ago=3), whole]) == met(NAME, "declaration")


def test_where_nothing_excludes_another_any_further_tick_is_fine() -> None:
    plain = policy_of(table("declared", statements=["safety_measures_followed"], exactly_one_of=[]))
    assert found_by(plain, [b.declaration(SAFE, IN, OFF)]) == met(NAME, "declaration")
    assert found_by(plain, [b.declaration(SAFE)]) == met(NAME, "declaration")


# -- acknowledged --------------------------------------------------------------------------------------------------

YEARLY = policy_of(table("acknowledged", form=FORM.value, every=YEAR))
SIGNED_AT = utc(2025, 6, 15, 12)
ENDS_AT = utc(2026, 6, 16)
"""The end of the same day a year later."""


def form(**changes: Any) -> f.Acknowledgement:
    return b.acknowledgement(FORM, **{"id": "form", "at": SIGNED_AT} | changes)


def test_a_signed_form_lasts_until_the_end_of_the_same_day_a_year_later() -> None:
    assert found_by(YEARLY, [form()]) == met(NAME, "form", until=ENDS_AT)
    assert found_by(YEARLY, [form()], at=Instant(ENDS_AT - TICK)) == met(NAME, "form", until=ENDS_AT)
    assert found_by(YEARLY, [form()], at=ENDS_AT) == needs(NAME, "ACKNOWLEDGEMENT_OVERDUE", "form", at=ENDS_AT)


def test_a_form_that_is_missing_or_another_one_is_missing() -> None:
    assert found_by(YEARLY, []) == needs(NAME, "ACKNOWLEDGEMENT_MISSING")
    assert found_by(YEARLY, [b.acknowledgement(OTHER)]) == needs(NAME, "ACKNOWLEDGEMENT_MISSING")


@pytest.mark.parametrize("lacks", ["patient_signed", "prescriber_signed"])
def test_a_form_that_one_of_them_has_not_signed_blocks_although_an_older_one_was(lacks: str) -> None:
    newest = form(id="newest", at=b.ago(days=1), **{lacks: False})
    assert found_by(YEARLY, [form(), newest]) == needs(NAME, "ACKNOWLEDGEMENT_UNSIGNED", "newest")


# -- signed --------------------------------------------------------------------------------------------------------

ONCE = policy_of(table("signed", form=FORM.value))
RX = b.prescription()


def test_a_form_signed_by_the_prescription_is_met_for_ever() -> None:
    assert found_by(ONCE, [RX, form()]) == met(NAME, "form")
    assert found_by(ONCE, [RX, form(at=RX.at)]) == met(NAME, "form")


def test_a_form_signed_after_the_prescription_or_for_no_prescription_is_missing() -> None:
    late = form(at=Instant(RX.at + TICK))
    for facts in ([RX], [form()], [RX, late], [RX, form(), form(id="again", at=Instant(RX.at + TICK))], []):
        assert found_by(ONCE, facts) == needs(NAME, "ACKNOWLEDGEMENT_MISSING")
    assert found_by(ONCE, [RX, b.acknowledgement(OTHER)]) == needs(NAME, "ACKNOWLEDGEMENT_MISSING")


@pytest.mark.parametrize("lacks", ["patient_signed", "prescriber_signed"])
def test_a_form_without_both_signatures_is_not_signed(lacks: str) -> None:
    assert found_by(ONCE, [RX, form(**{lacks: False})]) == needs(NAME, "ACKNOWLEDGEMENT_UNSIGNED", "form")


# -- independent_reviews -------------------------------------------------------------------------------------------

REVIEWED = policy_of(table("independent_reviews", reviewers=2, under_age=55))
ANN, BEN = b.independent_review("ann"), b.independent_review("ben", days_ago=9)


def test_two_different_reviewers_must_agree() -> None:
    assert found_by(REVIEWED, [ANN, BEN]) == met(NAME, "view-ann", "view-ben")
    assert found_by(REVIEWED, []) == needs(NAME, "REVIEW_MISSING")
    assert found_by(REVIEWED, [ANN]) == needs(NAME, "REVIEW_MISSING", "view-ann")
    again = b.independent_review("ann", id="again", days_ago=8)
    assert found_by(REVIEWED, [ANN, again]) == needs(NAME, "REVIEW_MISSING", "again")


def test_one_view_against_blocks_until_that_reviewer_has_a_new_one() -> None:
    against = b.independent_review("cem", days_ago=5, supports=False)
    assert found_by(REVIEWED, [ANN, BEN, against]) == needs(NAME, "REVIEW_AGAINST", "view-cem")
    settled = b.independent_review("cem", id="settled", days_ago=4)
    assert found_by(REVIEWED, [ANN, BEN, against, settled]) == met(NAME, "view-ann", "view-ben", "settled")
    turned = b.independent_review("ann", id="turned", days_ago=4, supports=False)
    assert found_by(REVIEWED, [ANN, turned]) == needs(NAME, "REVIEW_AGAINST", "turned")


@pytest.mark.parametrize(
    ("born", "of_age_at"),
    [(date(1971, 6, 16), utc(2026, 6, 16)), (date(1972, 2, 29), utc(2027, 3, 1, 5))],
)
def test_from_the_55th_birthday_on_no_review_is_asked(born: date, of_age_at: Instant) -> None:
    agreement = b.enrolment(birth_date=born)
    against = b.independent_review("cem", supports=False)
    assert found_by(REVIEWED, [agreement, against], at=of_age_at) == met(NAME, "agreement")
    just_before = Instant(of_age_at - TICK)
    assert found_by(REVIEWED, [agreement], at=just_before) == needs(NAME, "REVIEW_MISSING", at=just_before)


def test_without_an_agreement_the_age_is_not_known() -> None:
    assert found_by(REVIEWED, [], at=Instant(b.NOW + timedelta(days=30_000))).code == "REVIEW_MISSING"


# -- handed_over ---------------------------------------------------------------------------------------------------

IN_PERSON = policy_of(table("handed_over", accepted=["in_person"]))


def test_the_product_leaves_in_an_accepted_way_only() -> None:
    assert found_by(IN_PERSON, [], handover=Handover.IN_PERSON) == met(NAME)
    assert found_by(IN_PERSON, [], handover=Handover.SHIPPED) == needs(NAME, "HANDOVER_NOT_ACCEPTED")
    assert found_by(IN_PERSON, [], handover=None) == needs(NAME, "HANDOVER_UNKNOWN")
    both = policy_of(table("handed_over", accepted=["in_person", "shipped"]))
    assert found_by(both, [], handover=Handover.SHIPPED) == met(NAME)


def test_a_category_is_nothing_that_these_kinds_look_at() -> None:
    for category in Category:
        facts = [b.enrolment(category), b.declaration(*BOTH, IN)]
        assert found_by(DECLARED, facts) == met(NAME, "declaration")
