"""The whole table of who may do what, written out a second time, so that no change of it goes unseen."""

from dataclasses import replace
from itertools import product
from typing import Any, cast

import pytest

from compliance.domain import access
from compliance.domain import facts as f
from compliance.domain.access import FACT_KINDS, Role, Verb, may, may_state, outranks
from tests import builders as b

A, D, R, H = "auditor", "administrator", "prescriber", "pharmacist"
TABLE = {
    "register_patient": {R},
    "read_patient": {R},
    "record_fact": {R, H},
    "report_pregnancy": {A, D, R, H},
    "correct_fact": {R, H},
    "prescribe": {R},
    "authorize": {R},
    "void_authorization": {R},
    "look_up": {H},
    "confirm": {H},
    "dispense": {H},
    "return_to_stock": {H},
    "reverse": {H},
    "ask": {R, H},
    "place_hold": {R, H},
    "review_hold": {R},
    "certify": {D},
    "revoke_certification": {D},
    "list_certifications": {A, D},
    "manage_accounts": {D},
    "read_log": {A, D},
    "read_receipt": {A, D, R, H},
    "export_log": {A, D},
    "list_due": {A, D, R, H},
}
KINDS = {
    "enrolment": {R},
    "risk_evidence": {R},
    "cycle": {R},
    "pregnancy_test": {R, H},
    "contraception": {R},
    "counselling": {R, H},
    "material": {H},
    "survey": {R, H},
    "treatment_change": {R, H},
    "report": {R, H},
    "declaration": {R},
    "acknowledgement": {R},
    "independent_review": {R},
    "lab_result": {R, H},
    "adverse_reaction": {R, H},
    "assessment": {R},
}


def test_every_verb_is_allowed_to_these_roles_and_no_others() -> None:
    found = {verb.value: {role.value for role in Role if may(role, verb)} for verb in Verb}
    assert found == TABLE


def test_these_kinds_of_fact_may_be_stated_by_these_roles_and_no_others_by_anybody() -> None:
    assert {kind: {role.value for role in roles} for kind, roles in FACT_KINDS.items()} == KINDS
    assert set(KINDS) < set(f.FACTS)


def test_what_stands_in_no_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "VERBS", {})
    assert not any(may(role, verb) for role, verb in product(Role, Verb))
    assert not may(cast("Role", "prescriber"), Verb.PRESCRIBE)


def _stating(fact: f.Fact) -> set[str]:
    return {role.value for role in Role if may_state(role, fact)}


@pytest.mark.parametrize(
    ("fact", "roles"),
    [
        (b.enrolment(), {R}),
        (b.evidence(), {R}),
        (b.cycle(), {R}),
        (b.contraception(), {R}),
        (b.negative_test(reporter=f.Reporter.PHARMACIST), {R, H}),
        (b.negative_test(reporter=f.Reporter.PRESCRIBER), {R}),
        (b.negative_test(reporter=f.Reporter.LABORATORY), {R}),
        (b.negative_test(reporter=f.Reporter.PATIENT), {R}),
        (b.positive_test(reporter=f.Reporter.LABORATORY), {R}),
        (b.counselling(b.EACH_TOPICS), {R}),
        (b.pharmacist_counselling(), {H}),
        (b.material(f.Item.MEDICATION_GUIDE), {H}),
        (b.survey(f.Whose.PATIENT), {R, H}),
        (b.survey(f.Whose.PRESCRIBER), {R}),
        (b.treatment(f.TreatmentStatus.STOPPED), {R, H}),
        (b.report(f.ReportKind.MISSED_MENSES), {R, H}),
        (b.prescription(), set()),
        (b.authorization(), set()),
        (b.confirmation(), set()),
        (b.dispense(), set()),
        (b.hold(), set()),
        (b.review("hold", "ann"), set()),
        (b.retraction("rx"), set()),
        (b.certification(f.CertifiedRole.PHARMACY, "x"), set()),
        (b.revocation(f.CertifiedRole.PHARMACY, "x"), set()),
        (b.made(f.AuthorizationVoid, {"authorization": "an"}, {}), set()),
        (b.made(f.ConfirmationVoid, {"confirmation": "cn"}, {}), set()),
        (b.made(f.Reversal, {"dispense": "d"}, {}), set()),
        (b.made(f.ReturnToStock, {"of": "d"}, {}), set()),
    ],
    ids=lambda value: value.kind if isinstance(value, f.Fact) else "",
)
def test_nobody_speaks_for_another_profession(fact: f.Fact, roles: set[str]) -> None:
    assert _stating(fact) == roles


def test_a_pharmacist_cannot_counsel_as_a_prescriber() -> None:
    talk = b.pharmacist_counselling()
    assert _stating(talk) == {H}
    assert _stating(replace(talk, by=f.Counsellor.PRESCRIBER)) == {R}


@pytest.mark.parametrize(
    ("plain", "is_news"),
    [
        ({"fact": "pregnancy_test", "result": "positive"}, True),
        ({"fact": "pregnancy_test", "result": "positive", "at": "yesterday", "nonsense": 1}, True),
        ({"fact": "pregnancy_test", "result": "negative"}, False),
        ({"fact": "pregnancy_test"}, False),
        ({"fact": "report", "what": "pregnancy"}, True),
        ({"fact": "report", "what": "partner_pregnancy"}, False),
        ({"fact": "report", "what": "missed_menses"}, False),
        ({"fact": "cycle", "result": "positive", "what": "pregnancy"}, False),
        ({"result": "positive"}, False),
        ({}, False),
    ],
)
def test_news_of_a_pregnancy_is_known_by_its_kind_whatever_its_form(plain: dict[str, Any], is_news: bool) -> None:
    assert outranks(plain) is is_news
