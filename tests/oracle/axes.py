"""The abstract state space: every axis that a setting's requirements read, and which axes each requirement reads.

The axes are those that the policy's kinds read; all others stand at one value or are not there at all, so that a small
programme has a small space. What a kind reads is claimed here; the walk checks the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.oracle import axes_care as care
from tests.oracle import axes_forms as forms
from tests.oracle import axes_numbers as numbers
from tests.oracle import axes_people as people
from tests.oracle import axes_tests as tests
from tests.oracle.axes_history import histories
from tests.oracle.settings import Setting, State
from tests.oracle.world import Plain, rules_of

BIRTH = "enrolment: birthday"
"""The part of the enrolment that some requirements look at: its classes stand for all with the same birthday."""
PARTS = {BIRTH: "enrolment"}
TEST_KINDS = (
    "test_days_before", "test_hours_before", "latest_test_negative", "test_schedule", "test_interval",
    "menses_evaluated", "tests_apart", "test_in_period", "missed_first_window", "test_before_lead_in",
    "contraception_or_urgent_start", "authorization_life",
)  # fmt: skip
ALWAYS: dict[str, Callable[[Setting], list[State]]] = {
    "history": histories,
    "tests": tests.pregnancy_tests,
    "prescription": people.prescriptions,
    "enrolment": people.enrolments,
    "evidence": people.evidences,
    "prescriber": people.certifications("prescriber", "dr-1"),
    "pharmacy": people.certifications("pharmacy", "ph-1"),
    "pharmacist": people.certifications("pharmacist", "pp-1"),
    "holds": people.holds,
    "cycle": tests.cycles,
    "missed talk": tests.missed_talks,
    "menses": tests.menses,
    "period": tests.periods,
    "contraception": care.contraceptions,
    "prescriber survey": care.prescriber_surveys,
    "patient survey": care.patient_surveys,
    "authorization": numbers.authorizations,
    "confirmation": numbers.confirmations,
    "handover": numbers.handovers,
    "declaration": forms.declarations,
    "reviews": forms.reviews,
    "reactions": forms.reactions,
}
"""Axes that are the same for all policies."""
READS: dict[str, tuple[str, ...]] = {
    "prescription_form": ("prescription",),
    "category_on_prescription": ("prescription",),
    "enrolled": ("history", "enrolment"),
    "risk_evidence": ("evidence", "menses"),
    "risk_evidence_by_age": ("evidence", "menses", BIRTH),
    "not_held": ("tests", "holds"),
    "test_days_before": ("tests",),
    "test_hours_before": ("tests",),
    "latest_test_negative": ("tests", "holds"),
    "test_schedule": ("history", "tests", "cycle", "missed talk"),
    "test_interval": ("history", "tests", "missed talk"),
    "menses_evaluated": ("tests", "menses"),
    "tests_apart": ("tests",),
    "test_in_period": ("tests", "cycle", "period"),
    "missed_first_window": ("history", "tests", "authorization"),
    "test_before_lead_in": ("tests", "contraception"),
    "contraception": ("contraception",),
    "contraception_or_urgent_start": ("tests", "contraception"),
    "prescriber_survey": ("prescriber survey",),
    "patient_survey": ("patient survey",),
    "declared": ("declaration",),
    "independent_reviews": ("reviews", BIRTH),
    "handed_over": ("handover",),
    "days_supply": ("prescription",),
    "refills": ("prescription",),
    "regimen": ("prescription",),
    "not_yet_dispensed": ("history",),
    "supply_left": ("history",),
    "authorization_held": ("authorization",),
    "authorization_life": ("authorization",),
    "confirmation_life": ("authorization", "confirmation"),
    "same_day_shipping": ("confirmation", "handover"),
}
"""Which axes the finding of each kind is claimed to depend on, within a setting; the others depend on their members."""


def named_axes(plain: Plain) -> dict[str, Callable[[Setting], list[State]]]:
    """The axes that stand for one word of the policy each: a conversation, a form, a panel, an item, a concern."""
    found: dict[str, Callable[[Setting], list[State]]] = {}
    for rule in rules_of(plain):
        for axis in own(rule):
            maker, _, word = axis.partition(": ")
            makers = {"material": care.materials, "form": forms.forms, "laboratory": forms.laboratory,
                      "concern": forms.assessments}  # fmt: skip
            if maker == "talk":
                found[axis] = care.rx_talks(rule) if rule["each_prescription"] else care.course_talks(rule)
            else:
                found[axis] = makers[maker](word)
    return found


def own(rule: Plain) -> list[str]:
    """The axes that one requirement names by a word of its own."""
    kind = rule["kind"]
    if kind == "counselling":
        return [f"talk: {rule['id']}"]
    if kind == "no_rechallenge":
        return ["concern: reaction_history"]
    for maker, kinds, member in (
        ("material", ("material",), "item"),
        ("form", ("acknowledged", "signed"), "form"),
        ("laboratory", ("lab_known", "lab_schedule", "lab_at_least"), "panel"),
        ("concern", ("considered",), "concern"),
    ):
        if kind in kinds:
            return [f"{maker}: {rule[member]}"]
    return []


def reads(rule: Plain, plain: Plain) -> tuple[str, ...]:
    """Which axes a requirement's finding is claimed to depend on."""
    kind = rule["kind"]
    found = [*READS.get(kind, ()), *own(rule)]
    if kind in ("certified", "registered"):
        found.append(rule["who"])
    if kind == "counselling":
        found += [f"talk: {other['id']}" for other in together(rule, plain)]
    if kind in ("considered", "lab_schedule") or (kind == "counselling" and not rule["each_prescription"]):
        found.append("history")
    if kind == "no_rechallenge":
        found.append("reactions")
    if kind == "authorization_life" and rule["counted_from"] == "pregnancy_test":
        found.append("tests")
    if kind in TEST_KINDS and "tests" in found and "pregnancy_test_after_first" in plain:
        found.append("history")
    return tuple(dict.fromkeys(found))


def together(rule: Plain, plain: Plain) -> Iterable[Plain]:
    """Other requirements whose conversations can cover some of this one's topics."""
    for other in rules_of(plain):
        if (
            other["kind"] == "counselling"
            and other["id"] != rule["id"]
            and other["each_prescription"] == rule["each_prescription"]
            and set(other["topics"]) & set(rule["topics"])
        ):
            yield other


def axes_of(s: Setting) -> dict[str, list[State]]:
    """Every axis of a setting with its classes; one that nothing here reads keeps its good class alone."""
    plain = s.programme.plain
    read = {PARTS.get(axis, axis) for r in rules_of(plain) if s.asks(r) for axis in reads(r, plain)}
    made = {}
    for name, states in {**ALWAYS, **named_axes(plain)}.items():
        if name in read or name in ("history", "enrolment", "prescription"):
            made[name] = states(s)
    return made
