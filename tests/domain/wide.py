"""A programme that uses every kind of requirement, with all weights, and the facts that it asks for.

The released policy with the newer kinds behind it: once all refusing, once mixed, once without a gate for males and
ending by prescription, and once with the newer kinds as a layer.
"""

from datetime import date
from functools import cache
from typing import Any

from compliance.domain import facts as f
from compliance.domain.policy import Policy, read_policy
from tests import builders as b

_FRP = {"categories": ["adult_frp", "child_frp"]}
_FIRST = {"when": _FRP | {"first": True}}
_LATER = {"when": _FRP | {"first": False}}
_WEEK = {"span": "P7D", "start_day": "day 1", "last_day": "included"}
_RULES: dict[str, dict[str, Any]] = {
    "registered": {"who": "prescriber", "lasts": {"span": "P24M", "last_day": "included"}},
    "risk_evidence_by_age": {"accepted": ["hysterectomy", "natural_menopause"], "menopause_months": "P12M",
                             "menopause_age": 50, "when": {"categories": ["adult_fnrp"]}},
    "tests_apart": {"at_least": "P10D"} | _FIRST,
    "test_in_period": {"first_days": 5, "when": _FRP},
    "missed_first_window": {"window": _WEEK, "wait": "P19D"} | _FIRST,
    "test_before_lead_in": {"at_least": "P28D", "or_abstinent_for": "P28D"} | _FIRST,
    "contraception_or_urgent_start": {
        "methods": 1, "of_them_highly_effective": 1, "highly_effective": ["hormonal_implant"], "additional": [],
        "abstinence_counts": True, "lead_in": "P28D", "urgent_lead_in": "P7D", "urgent_also": ["male_condom"],
    } | _FIRST,
    "test_interval": {"every": "P28D"} | _LATER,
    "declared": {"statements": ["safety_measures_followed"], "exactly_one_of": ["in_label", "off_label"]},
    "acknowledged": {"form": "annual_risk_acknowledgement", "every": {"span": "P12M", "last_day": "included"}},
    "signed": {"form": "care_agreement"},
    "independent_reviews": {"reviewers": 2, "under_age": 55},
    "handed_over": {"accepted": ["in_person", "shipped"], "when": {"steps": ["dispense"]}},
    "lab_known": {"panel": "blood_count", "within": "P30D", "when": {"first": True}},
    "lab_schedule": {"panel": "blood_count", "often_for": "P56D", "often_every": "P14D", "then_every": "P28D"},
    "lab_at_least": {"panel": "creatinine_clearance", "at_least": 60},
    "no_rechallenge": {"reactions": ["dress"], "graded": ["rash"], "from_grade": 4, "to_products": ["lenalidomide"]},
    "considered": {"concern": "thrombosis_prophylaxis"},
    "regimen": {"days_on": 21, "cycle_days": 28},
    "authorization_held": {},
    "authorization_life": {"lasts": {"span": "P30D", "start_day": "day 0", "last_day": "included"},
                           "counted_from": "prescription", "when": {"categories": ["adult_male", "child_male"]}},
}  # fmt: skip
MIXED = {
    "acknowledged": "refer", "independent-reviews": "refer", "lab-at-least": "advise", "lab-schedule": "refer",
    "considered": "advise", "regimen": "advise", "supply-left": "refer", "contraception-or-urgent-start": "refer",
    "risk-evidence-by-age": "refer", "test-before-lead-in": "advise",
}  # fmt: skip
HELD_ONLY_REFERS = MIXED | {"not-held": "refer", "contraception-lead-in": "refer", "monthly-survey": "refer"}


def _rules() -> list[dict[str, Any]]:
    common = {"text": "x", "source": "rems#1", "confidence": "house"}
    return [{"id": kind.replace("_", "-"), "kind": kind} | common | own for kind, own in _RULES.items()]


def _weighed(tables: list[dict[str, Any]], weights: dict[str, str]) -> list[dict[str, Any]]:
    return [one | ({"if_unmet": weights[one["id"]]} if one["id"] in weights else {}) for one in tables]


@cache
def wide_policies() -> tuple[Policy, ...]:
    """The programme in its variants, and two of them with an end."""
    head = {name: value for name, value in b.plain_policy().items() if name not in {"requirement", "example"}}
    own = b.plain_policy()["requirement"]
    no_gate = {"categories": ["adult_male", "child_male"], "text": "x", "source": "rems#1", "confidence": "house"}
    soon: dict[str, Any] = {"in_force_until": date(2026, 6, 15), "transition": "by_prescription"}
    layer = head | {"id": "layers/wide", "layer_over": [head["id"]], "requirement": _weighed(_rules(), MIXED)}
    variants: list[dict[str, Any]] = [
        {"requirement": own + _rules()},
        {"requirement": _weighed(own + _rules(), MIXED)},
        {"requirement": _weighed(own + _rules(), HELD_ONLY_REFERS)},
        {"requirement": _weighed(own + _rules(), MIXED), "no_gate": no_gate},
        {"requirement": _weighed(own + _rules(), MIXED), "no_gate": no_gate} | soon,
    ]
    found = [read_policy(head | one, "0" * 64) for one in variants]
    return (*found, read_policy(head | {"requirement": own}, "0" * 64).under(read_policy(layer, "1" * 64)))


def wide_facts(category: f.Category, step: f.Step, cycles: int) -> list[f.Fact]:
    """All that the programme asks at a step, after so many earlier rounds."""
    before = 28 * cycles
    found = b.ready(category, step, cycles=cycles)
    found += [
        b.declaration(), b.acknowledgement(), b.acknowledgement(f.Form.CARE_AGREEMENT, days_ago=70 + before),
        b.independent_review("dr-ann"), b.independent_review("dr-ben", days_ago=9), b.lab_result(),
        b.lab_result(f.Panel.CREATININE_CLEARANCE, value=70), b.assessment(),
        b.assessment(f.Concern.THROMBOSIS_PROPHYLAXIS),
    ]  # fmt: skip
    if category in b.FRP:
        found.append(b.negative_test(id="test-early", days_ago=40 + before))
        found.append(b.report(f.ReportKind.PERIOD_STARTED, id="period", days_ago=2))
    return found


FLAWS: dict[type[f.Fact], list[dict[str, Any]]] = {
    f.Declaration: [
        {"statements": frozenset({f.Statement.IN_LABEL})},
        {"statements": frozenset({f.Statement.SAFETY_MEASURES_FOLLOWED})},
        {"prescription": "rx-9"},
    ],
    f.Acknowledgement: [{"patient_signed": False}, {"prescriber_signed": False}, {"form": f.Form.TRAINING}],
    f.IndependentReview: [{"supports": False}, {"reviewer": "dr-ann"}],
    f.LabResult: [{"value": 59}, {"value": None}, {"panel": f.Panel.LIVER}],
    f.Assessment: [{"concern": f.Concern.SECOND_CANCERS}],
}


@cache
def others() -> tuple[f.Fact, ...]:
    """What may happen beside the ordinary course and matters to the newer kinds."""
    return (
        b.adverse_reaction(id="other-mild", grade=3, days_ago=3),
        b.adverse_reaction(id="other-grave", days_ago=3),
        b.independent_review("dr-cem", id="other-view", days_ago=2, supports=False),
        b.independent_review("dr-cem", id="other-view-since", days_ago=1),
        b.lab_result(f.Panel.CREATININE_CLEARANCE, id="other-lab", days_ago=1, value=40),
        b.lab_result(id="other-count", days_ago=1),
        b.acknowledgement(id="other-form", days_ago=1, patient_signed=False),
        b.declaration(f.Statement.OFF_LABEL, f.Statement.IN_LABEL, id="other-declaration", hours_ago=1),
        b.authorization(id="other-old-an", prescription="rx-0", days_ago=11, minutes_ago=0),
        b.referral("acknowledged", id="other-referral"),
    )
