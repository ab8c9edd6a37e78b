"""Who may do what: one table of verbs and one of facts, so that no door has rules of its own.

One person has one role. Whatever stands in neither table is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from compliance.domain.facts import Counselling, Counsellor, Fact, PregnancyTest, Reporter, Survey, Whose


class Role(Enum):
    """What somebody is to the programme."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Verb(Enum):
    """Everything that can be done in the programme."""

    REGISTER_PATIENT = "register_patient"
    READ_PATIENT = "read_patient"
    RECORD_FACT = "record_fact"
    REPORT_PREGNANCY = "report_pregnancy"
    CORRECT_FACT = "correct_fact"
    PRESCRIBE = "prescribe"
    AUTHORIZE = "authorize"
    VOID_AUTHORIZATION = "void_authorization"
    LOOK_UP = "look_up"
    CONFIRM = "confirm"
    DISPENSE = "dispense"
    RETURN_TO_STOCK = "return_to_stock"
    REVERSE = "reverse"
    ASK = "ask"
    PLACE_HOLD = "place_hold"
    REVIEW_HOLD = "review_hold"
    CERTIFY = "certify"
    REVOKE_CERTIFICATION = "revoke_certification"
    LIST_CERTIFICATIONS = "list_certifications"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_LOG = "read_log"
    READ_RECEIPT = "read_receipt"
    EXPORT_LOG = "export_log"
    LIST_DUE = "list_due"


_PRESCRIBER = frozenset({Role.PRESCRIBER})
_PHARMACIST = frozenset({Role.PHARMACIST})
_CLINICIANS = frozenset({Role.PRESCRIBER, Role.PHARMACIST})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_OVERSIGHT = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
_EVERYBODY = frozenset(Role)

VERBS: Mapping[Verb, frozenset[Role]] = {
    Verb.REGISTER_PATIENT: _PRESCRIBER,
    Verb.READ_PATIENT: _PRESCRIBER,
    Verb.RECORD_FACT: _CLINICIANS,
    Verb.REPORT_PREGNANCY: _EVERYBODY,
    Verb.CORRECT_FACT: _CLINICIANS,
    Verb.PRESCRIBE: _PRESCRIBER,
    Verb.AUTHORIZE: _PRESCRIBER,
    Verb.VOID_AUTHORIZATION: _PRESCRIBER,
    Verb.LOOK_UP: _PHARMACIST,
    Verb.CONFIRM: _PHARMACIST,
    Verb.DISPENSE: _PHARMACIST,
    Verb.RETURN_TO_STOCK: _PHARMACIST,
    Verb.REVERSE: _PHARMACIST,
    Verb.ASK: _CLINICIANS,
    Verb.PLACE_HOLD: _CLINICIANS,
    Verb.REVIEW_HOLD: _PRESCRIBER,
    Verb.CERTIFY: _ADMINISTRATOR,
    Verb.REVOKE_CERTIFICATION: _ADMINISTRATOR,
    Verb.LIST_CERTIFICATIONS: _OVERSIGHT,
    Verb.MANAGE_ACCOUNTS: _ADMINISTRATOR,
    Verb.READ_LOG: _OVERSIGHT,
    Verb.READ_RECEIPT: _EVERYBODY,
    Verb.EXPORT_LOG: _OVERSIGHT,
    Verb.LIST_DUE: _EVERYBODY,
}
"""Which roles may do what. Closed: every verb stands here."""

FACT_KINDS: Mapping[str, frozenset[Role]] = {
    "enrolment": _PRESCRIBER,
    "risk_evidence": _PRESCRIBER,
    "cycle": _PRESCRIBER,
    "pregnancy_test": _CLINICIANS,
    "contraception": _PRESCRIBER,
    "counselling": _CLINICIANS,
    "material": _PHARMACIST,
    "survey": _CLINICIANS,
    "treatment_change": _CLINICIANS,
    "report": _CLINICIANS,
    "declaration": _PRESCRIBER,
    "acknowledgement": _PRESCRIBER,
    "independent_review": _PRESCRIBER,
    "lab_result": _CLINICIANS,
    "adverse_reaction": _CLINICIANS,
    "assessment": _PRESCRIBER,
}
"""Which roles may state which kinds of fact. All others come to be only through the verb that makes them."""


def may(role: Role, verb: Verb) -> bool:
    """Whether a role may do something at all."""
    return role in VERBS.get(verb, frozenset())


def may_state(role: Role, fact: Fact) -> bool:
    """Whether a role may state this fact: nobody speaks for another profession."""
    if role not in FACT_KINDS.get(fact.kind, frozenset()):
        return False
    if isinstance(fact, Counselling):
        return fact.by is (Counsellor.PRESCRIBER if role is Role.PRESCRIBER else Counsellor.PHARMACIST)
    if isinstance(fact, Survey) and fact.whose is Whose.PRESCRIBER:
        return role is Role.PRESCRIBER
    if isinstance(fact, PregnancyTest) and role is Role.PHARMACIST:
        return fact.reporter is Reporter.PHARMACIST
    return True


def outranks(plain: Mapping[str, Any]) -> bool:
    """Whether this is news of a pregnancy, which is taken from anybody and never turned away for its form."""
    if plain.get("fact") == "pregnancy_test":
        return plain.get("result") == "positive"
    return plain.get("fact") == "report" and plain.get("what") == "pregnancy"
