"""The shapes of what the API reads and answers, as JSON schemas made from the domain's own types."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, get_args, get_type_hints

from compliance.domain.decision import REASONS, Mender, Opens, Outcome
from compliance.domain.facts import FACTS, Category, Fact, Method, Step
from compliance.domain.span import Instant
from compliance.domain.wire import members
from compliance.services.patients import MOST_NAME

Schema = dict[str, Any]

TOKEN: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$"}
TEXT: Schema = {"type": "string", "maxLength": 500}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MOST_NAME}
SAYING: Schema = {"type": "string", "minLength": 1, "maxLength": 500}
DATE: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
TIME: Schema = {"type": "string", "format": "date-time", "maxLength": 40}
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 100_000}
FLAG: Schema = {"type": "boolean"}
WORD: Schema = {"type": "string"}

_OR_EMPTY: Schema = {"type": "string", "pattern": r"^([A-Za-z0-9][A-Za-z0-9_.:\-]{0,63})?$"}
_MAX_LIST = 64


def words(of: type[Enum]) -> Schema:
    """A closed list of words."""
    return {"type": "string", "enum": [word.value for word in of]}


def nullable(schema: Schema) -> Schema:
    """The same, or null for what is not known or has no end."""
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> Schema:
    """A list of one shape."""
    return {"type": "array", "items": schema}


def ref(name: str) -> Schema:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(**properties: Schema) -> Schema:
    """An object that has all of these members and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


PROGRAMME: Schema = {"type": "string", "pattern": "^([a-z]{2,10}/[a-z0-9][a-z0-9-]{0,60})?$"}


def member_schema(cls: type[Fact], name: str) -> Schema:
    """The schema of one member of a kind of fact, for the reader that `compliance.domain.wire` has."""
    hint = get_type_hints(cls)[name]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return words(hint)
    if hint is str:
        if name == "reason":
            return TEXT
        if name == "programme":
            return PROGRAMME
        required = next(m.required for m in members(cls) if m.name == name)
        return TOKEN if required else _OR_EMPTY
    simple: dict[Any, Schema] = {bool: FLAG, int: COUNT, date: DATE, Instant: TIME}
    if hint in simple:
        return simple[hint]
    return _compound(hint, simple)


def _compound(hint: Any, simple: dict[Any, Schema]) -> Schema:
    inner = get_args(hint)
    if type(None) in inner:
        return nullable(simple[inner[0]])
    items = words(inner[0]) if issubclass(inner[0], Enum) else closed(method=words(Method), since=DATE)
    return {"type": "array", "items": items, "maxItems": _MAX_LIST}


def written_fact(cls: type[Fact]) -> Schema:
    """A fact as it is answered: members at their default are left out."""
    properties = {"fact": {"const": cls.kind}} | {m.name: member_schema(cls, m.name) for m in members(cls)}
    required = ["fact", *(m.name for m in members(cls) if m.required)]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_FINDING = closed(
    requirement=WORD,
    text=WORD,
    is_met=FLAG,
    refers=FLAG,
    code={"type": "string", "enum": sorted(REASONS)},
    sentence=WORD,
    mender=words(Mender),
    next_step=WORD,
    evidence=list_of(WORD),
    until=nullable(TIME),
    opens=words(Opens),
    opens_at=nullable(TIME),
    source=WORD,
    confidence=WORD,
)
_DECISION = closed(
    allowed=FLAG,
    outcome=words(Outcome),
    step=words(Step),
    prescription=WORD,
    at=TIME,
    policy=closed(id=WORD, version=WORD, sha256=WORD),
    category=nullable(words(Category)),
    codes=list_of(WORD),
    valid_until=nullable(TIME),
    earliest_at=nullable(TIME),
    findings=list_of(ref("Finding")),
    advice=list_of(ref("Finding")),
    layers=list_of(WORD),
)
_PATIENT = closed(
    id=WORD,
    family_name=WORD,
    given_name=WORD,
    birth_date=DATE,
    site=WORD,
    external_ids=list_of(closed(system=WORD, value=WORD)),
)
_PRESCRIPTION_STATE = closed(
    prescription=ref("Prescription"),
    state={"type": "string", "enum": ["issued", "authorized", "confirmed", "dispensed"]},
    next_step=nullable(words(Step)),
    authorization_number=WORD,
    authorization_ends_at=nullable(TIME),
    confirmation_number=WORD,
    confirmation_ends_at=nullable(TIME),
    pharmacy=WORD,
    dispense_id=WORD,
)
_PROBLEM: Schema = closed(
    type=WORD,
    title=WORD,
    status={"type": "integer", "minimum": 400, "maximum": 599},
    code={"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
    detail=WORD,
    errors=list_of(closed(pointer=WORD, code=WORD, detail=WORD)),
)


def answers() -> dict[str, Schema]:
    """Every shape that an answer may have, by name.

    Long because it is one table.
    """
    facts = {cls.__name__: written_fact(cls) for cls in FACTS.values()}
    return facts | {
        "Fact": {"oneOf": [ref(name) for name in facts]},
        "Problem": _PROBLEM,
        "Finding": _FINDING,
        "Decision": _DECISION,
        "Patient": _PATIENT,
        "PrescriptionState": _PRESCRIPTION_STATE,
        "Recorded": closed(fact=ref("Fact"), held=FLAG, voided=list_of(WORD)),
        "KnownFact": closed(fact=ref("Fact"), who=WORD, is_current=FLAG),
        "PatientFacts": closed(
            patient=ref("Patient"),
            category=nullable(words(Category)),
            facts=list_of(ref("KnownFact")),
            held_by=list_of(WORD),
            prescriptions=list_of(ref("PrescriptionState")),
        ),
        "Outcome": closed(
            allowed=FLAG,
            number=WORD,
            fact=WORD,
            ends_at=nullable(TIME),
            transaction=WORD,
            receipt=WORD,
            decision=ref("Decision"),
        ),
        "Asked": closed(allowed=FLAG, transaction=WORD, receipt=WORD, decision=ref("Decision")),
        "PrescriptionView": closed(
            patient=ref("Patient"),
            prescriber_name=WORD,
            prescription=ref("PrescriptionState"),
            decision=nullable(ref("Decision")),
        ),
        "Receipt": closed(of=WORD, entry=WORD, receipt=WORD, verification_key=WORD),
        "Policies": closed(policies=list_of(ref("PolicySummary"))),
        "PolicySummary": closed(
            id=WORD,
            version=WORD,
            title=WORD,
            jurisdiction=WORD,
            status=WORD,
            in_force_from=DATE,
            in_force_until=nullable(DATE),
            time_zone=WORD,
            products=list_of(WORD),
            sha256=WORD,
            requirements=list_of(closed(id=WORD, text=WORD, source=WORD, confidence=WORD)),
        ),
    }
