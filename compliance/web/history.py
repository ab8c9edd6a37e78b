"""Each fact of a patient's history as one readable line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from compliance.domain import facts
from compliance.web.request import site_zone
from compliance.web.times import spell, spell_day
from compliance.web.words import LABELS

Plain = Mapping[str, Any]


def _word(kind: type, value: str) -> str:
    return LABELS[kind][value]


def _day(text: str) -> str:
    return spell_day(date.fromisoformat(text))


def _enrolment(plain: Plain) -> str:
    signers = [who for who in ("patient", "guardian", "prescriber") if plain[f"{who}_signed"]]
    signed = "signed by " + " and ".join(signers) if signers else "not signed"
    return f"{_word(facts.Category, plain['category'])}; {signed}"


def _risk_evidence(plain: Plain) -> str:
    last = plain.get("last_menses_on")
    return _word(facts.CategoryBasis, plain["basis"]) + (f"; last menses {_day(last)}" if last else "")


def _pregnancy_test(plain: Plain) -> str:
    sensitivity = plain["sensitivity_miu_ml"]
    detects = "sensitivity not stated" if sensitivity is None else f"detects {sensitivity} mIU/mL"
    return (
        f"{_word(facts.TestResult, plain['result'])}. {_word(facts.TestKind, plain['test_kind'])}, "
        f"{_word(facts.TestPlace, plain['place']).lower()}, {detects}, specimen {plain['specimen']}; "
        f"vouched for by {_word(facts.Reporter, plain['reporter']).lower()}"
    )


def _contraception(plain: Plain) -> str:
    methods = [f"{_word(facts.Method, m['method'])} since {_day(m['since'])}" for m in plain["methods"]]
    if plain.get("abstinent_since"):
        methods.append(f"Abstinent since {_day(plain['abstinent_since'])}")
    return "; ".join(methods) or "No method"


def _counselling(plain: Plain) -> str:
    topics = ", ".join(_word(facts.Topic, topic).lower() for topic in plain["topics"])
    return f"{_word(facts.Counsellor, plain['by'])}: {topics or 'no topic'}"


def _prescription(plain: Plain) -> str:
    regimen = f"{plain['units_per_day']} a day, {plain['days_on']} of {plain['cycle_days']} days"
    return f"{plain['product']}, {plain['quantity']} capsules ({regimen}), refills: {plain['refills']}"


def _review(plain: Plain) -> str:
    return _word(facts.ReviewOutcome, plain["outcome"])


def _acknowledgement(plain: Plain) -> str:
    signers = [who for who in ("patient", "prescriber") if plain[f"{who}_signed"]]
    signed = "signed by " + " and ".join(signers) if signers else "not signed"
    return f"{_word(facts.Form, plain['form'])}; {signed}"


def _lab_result(plain: Plain) -> str:
    value = plain.get("value")
    return _word(facts.Panel, plain["panel"]) + ("" if value is None else f": {value}")


def _reaction(plain: Plain) -> str:
    grade = plain.get("grade")
    graded = "not graded" if grade is None else f"grade {grade}"
    return f"{_word(facts.Reaction, plain['reaction'])} to {plain['product']}, {graded}"


_LINES: dict[str, Callable[[Plain], str]] = {
    "enrolment": _enrolment,
    "risk_evidence": _risk_evidence,
    "cycle": lambda plain: _word(facts.CycleRegularity, plain["regularity"]),
    "pregnancy_test": _pregnancy_test,
    "contraception": _contraception,
    "counselling": _counselling,
    "material": lambda plain: _word(facts.Item, plain["item"]),
    "survey": lambda plain: _word(facts.Whose, plain["whose"]),
    "prescription": _prescription,
    "dispense": lambda plain: f"{_word(facts.Handover, plain['handover'])}, {plain['days_supply']} days of treatment",
    "treatment_change": lambda plain: _word(facts.TreatmentStatus, plain["status"]),
    "report": lambda plain: _word(facts.ReportKind, plain["what"]),
    "hold": lambda plain: "Because of the news recorded with it" if plain.get("cause") else "By a person",
    "hold_review": _review,
    "declaration": lambda plain: ", ".join(_word(facts.Statement, said) for said in plain["statements"]) or "Nothing",
    "acknowledgement": _acknowledgement,
    "independent_review": lambda plain: (
        f"{plain['reviewer']} {'supports' if plain['supports'] else 'does not support'} it"
    ),
    "lab_result": lambda plain: (
        _word(facts.Panel, plain["panel"]) + (f": {plain['value']}" if "value" in plain else "")
    ),
    "adverse_reaction": _reaction,
    "assessment": lambda plain: _word(facts.Concern, plain["concern"]),
    "referral": lambda plain: f"Somebody must see to: {plain['requirement'].replace('-', ' ')}",
}


def line(plain: Plain) -> str:
    """What one fact says; its reason, where it carries one, stands at the end."""
    write = _LINES.get(plain["fact"])
    text = write(plain) if write else ""
    reason = plain.get("reason", "")
    return f"{text}. Reason: {reason}".removeprefix(". ") if reason else text


def true_at(plain: Plain) -> str:
    """When a fact was true, only as exactly as it is known."""
    at = datetime.fromisoformat(plain["at"])
    if plain.get("precision") == "day":
        return spell_day(at.astimezone(ZoneInfo(site_zone())).date())
    return spell(at, site_zone())


def learned_at(plain: Plain) -> str:
    """When a fact was recorded."""
    return spell(datetime.fromisoformat(plain["recorded_at"]), site_zone())
