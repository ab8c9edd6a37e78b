"""Facts in a few words, so that a calendar says "Pregnancy test" and not what a fact is called on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from compliance.domain.facts import (
    Acknowledgement,
    Assessment,
    Certification,
    Contraception,
    Counselling,
    Cycle,
    Declaration,
    Enrolment,
    Fact,
    IndependentReview,
    LabResult,
    Material,
    PregnancyTest,
    Prescription,
    Report,
    RiskEvidence,
    Survey,
)
from compliance.policies.simulation.patient import treated_days


def _words(values: Sequence[Any]) -> str:
    return ", ".join(value.value.replace("_", " ") for value in values)


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: value.value)


_SAYS: dict[type[Fact], Callable[[Any], str]] = {
    Enrolment: lambda f: f"Agreement signed: {f.category.value}",
    RiskEvidence: lambda f: f"Evidence recorded: {_words([f.basis])}",
    Certification: lambda f: f"Certification of the {f.role.value} on record",
    PregnancyTest: lambda f: f"Pregnancy test ({_words([f.test_kind, f.place])}), negative",
    Contraception: lambda f: f"Contraception stated: {_words([one.method for one in f.methods])}",
    Counselling: lambda f: f"Counselling by the {f.by.value}: {_words(_sorted(f.topics))}",
    Material: lambda f: f"{_words([f.item]).capitalize()} given",
    Survey: lambda f: f"{f.whose.value.capitalize()} survey completed",
    Cycle: lambda f: f"Menstrual cycles stated: {f.regularity.value}",
    Report: lambda f: f"{_words([f.what]).capitalize()}",
    Declaration: lambda f: f"Declared on the form: {_words(_sorted(f.statements))}",
    Acknowledgement: lambda f: f"{_words([f.form]).capitalize()} form signed",
    IndependentReview: lambda f: f"Independent review by {f.reviewer.replace('-', ' ')}: supports",
    LabResult: lambda f: f"Laboratory: {_words([f.panel])}" + ("" if f.value is None else f", {f.value}"),
    Assessment: lambda f: f"Considered: {_words([f.concern])}",
    Prescription: lambda f: (
        f"Prescription {f.id.partition('-')[2]} issued: {f.quantity} units for {treated_days(f)} days"
    ),
}


def said(fact: Fact) -> str:
    """The fact in a few words; a kind without words of its own is named as it is."""
    words = _SAYS.get(type(fact))
    return words(fact) if words is not None else f"Recorded: {fact.kind.replace('_', ' ')}"
