"""The bodies that requests may have, each a closed form."""

from __future__ import annotations

from typing import Any

from compliance.api.forms import FactForm, Form, Member, PlainForm, fact_forms, fact_members
from compliance.api.readers import or_none, read_external_ids, read_name, read_reason, read_word
from compliance.api.schemas import DATE, NAME, SAYING, TOKEN, closed, nullable, words
from compliance.domain.access import FACT_KINDS
from compliance.domain.facts import Handover, Prescription, ReviewOutcome, Step
from compliance.domain.wire import read_date, read_token
from compliance.services.patients import MOST_IDENTIFIERS

FACT = FactForm("NewFact", fact_forms(FACT_KINDS), takes_news=True)
"""A fact as it is first learned."""

REPLACEMENT = FactForm("Replacement", fact_forms(FACT_KINDS), takes_news=False)
"""A fact that takes the place of another."""


def _read_replacement(value: Any, field: str) -> dict[str, Any]:
    return REPLACEMENT.read(value, (field,))


NOTHING = Form("Nothing", ())
REASON = Form("Reason", (Member("reason", SAYING, read_reason),))
REGISTER = Form(
    "NewPatient",
    (
        Member("family_name", NAME, read_name),
        Member("given_name", NAME, read_name),
        Member("birth_date", DATE, read_date),
        Member(
            "external_ids",
            {"type": "array", "maxItems": MOST_IDENTIFIERS, "items": closed(system=NAME, value=NAME)},
            read_external_ids,
            required=False,
        ),
    ),
)
CORRECTION = Form(
    "Correction",
    (
        Member("replacement", nullable(REPLACEMENT.schema()), or_none(_read_replacement)),
        Member("reason", SAYING, read_reason),
    ),
)
PRESCRIPTION = PlainForm("NewPrescription", fact_members(Prescription, besides={"prescriber", "reason", "precision"}))
HOLD_REVIEW = Form(
    "NewHoldReview",
    (
        Member("of", TOKEN, read_token),
        Member("outcome", words(ReviewOutcome), read_word(ReviewOutcome)),
        Member("reason", SAYING, read_reason),
    ),
)
QUESTION = Form(
    "Question",
    (
        Member("step", words(Step), read_word(Step)),
        Member("handover", nullable(words(Handover)), or_none(read_word(Handover)), required=False),
    ),
)
DISPENSE = Form("NewDispense", (Member("handover", words(Handover), read_word(Handover)),))
