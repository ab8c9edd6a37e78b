"""Says the case format to machines (JSON Schema) and to people (a table), out of the reader's own vocabulary.

Both are committed beside the policies, and tests keep them in step: nobody shall write from a stale page.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, get_type_hints

from compliance.cases.likeness import TIMES
from compliance.cases.times import DATE_PATTERN, TIME_PATTERN
from compliance.domain.decision import Outcome
from compliance.domain.facts import FACTS, Fact, Handover, Method, Step
from compliance.domain.span import Instant
from compliance.domain.wire import Field, members

_WORD = "[A-Za-z0-9][A-Za-z0-9_.:\\-]{0,63}"
_NAME = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
_SHARED = ("id", "at", "recorded_at", "actor", "precision", "corrects", "reason")
_UNSAID = frozenset({"id", "recorded_at", "actor", "resulted_at", "specimen", "number", "sensitivity_miu_ml"})


def case_schema() -> dict[str, Any]:
    """The JSON Schema of a case file; dates and times of TOML are taken as the strings they were.

    Long because it is one document.
    """
    token, words = {"$ref": "#/$defs/token"}, {"type": "array", "items": {"type": "string"}}
    expected: dict[str, Any] = {name: {"$ref": "#/$defs/time_or_none"} for name in TIMES}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A case: what is known about a patient, what is asked, and the expected answer",
        "type": "object",
        "additionalProperties": False,
        "if": {"not": {"required": ["like"]}},
        "then": {"required": ["programme", "at", "step"]},
        "properties": {
            "programme": {"type": "string", "pattern": "^[a-z]+/[a-z0-9-]+$"},
            "like": {"type": "string", "pattern": _NAME},
            "without": words,
            "at": {"type": "string", "format": "date-time"},
            "step": _words(Step),
            "prescription": token,
            "pharmacy": token,
            "pharmacist": token,
            "handover": _words(Handover),
            "allowed": {"type": "boolean"},
            "outcome": _words(Outcome),
            "unmet": words,
            "codes": words,
            "advice": words,
            **expected,
            "facts": {
                "type": "object",
                "propertyNames": token,
                "additionalProperties": {"$ref": "#/$defs/fact"},
            },
        },
        "$defs": {
            "token": {"type": "string", "pattern": f"^{_WORD}$"},
            "time": {"type": "string", "pattern": TIME_PATTERN},
            "time_or_none": {"anyOf": [{"$ref": "#/$defs/time"}, {"const": "none"}]},
            "date": {"type": "string", "pattern": DATE_PATTERN},
            "fact": _any_fact(),
            **{kind: _fact(cls) for kind, cls in FACTS.items()},
        },
    }


def _words(words: type[Enum]) -> dict[str, Any]:
    return {"enum": [word.value for word in words]}


def _any_fact() -> dict[str, Any]:
    """Told whole (with `fact`) it is checked by its kind; without, it changes a fact of another story."""
    kinds = [
        {
            "if": {"required": ["fact"], "properties": {"fact": {"const": kind}}},
            "then": {"$ref": f"#/$defs/{kind}"},
        }
        for kind in FACTS
    ]
    return {"type": "object", "properties": {"fact": {"enum": list(FACTS)}}, "allOf": kinds}


def _fact(cls: type[Fact]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    unsaid = _UNSAID - ({"actor"} if cls.kind == "hold_review" else set())
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["fact", *[m.name for m in members(cls) if m.required and m.name not in unsaid]],
        "properties": {"fact": {"const": cls.kind}} | {m.name: _member(m, hints[m.name]) for m in members(cls)},
    }


def _member(member: Field, hint: Any) -> dict[str, Any]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _words(hint)
    if hint is bool:
        return {"type": "boolean"}
    if str(hint).startswith("frozenset"):
        return {"type": "array", "maxItems": 64, "items": _words(hint.__args__[0])}
    if member.name == "methods":
        one = {"method": _words(Method), "since": {"$ref": "#/$defs/date"}}
        items = {"type": "object", "additionalProperties": False, "required": list(one), "properties": one}
        return {"type": "array", "maxItems": 64, "items": items}
    if hint is Instant:
        return {"$ref": "#/$defs/time"}
    if hint is date or hint == date | None:
        return {"$ref": "#/$defs/date"}
    if hint in (int, int | None):
        return {"type": "integer", "minimum": 0, "maximum": 100_000}
    if member.name == "programme":
        return {"type": "string", "pattern": "^([a-z]{2,10}/[a-z0-9][a-z0-9-]{0,60})?$"}
    if member.name == "reason":
        return {"type": "string", "maxLength": 500}
    return {"type": "string", "pattern": f"^(?:{_WORD})?$"} if member.default == "" else {"$ref": "#/$defs/token"}


def facts_table() -> str:
    """All kinds of fact with all their members and words, as a Markdown table."""
    rows = ["| `fact` | says | members |", "|---|---|---|"]
    for kind, cls in FACTS.items():
        hints = get_type_hints(cls)
        own = [_row(m, hints[m.name]) for m in members(cls) if m.name not in _SHARED]
        says = " ".join((cls.__doc__ or "").split())
        rows.append(f"| `{kind}` | {says} | {'; '.join(own) or 'none of its own'} |")
    return "\n".join(rows)


def _row(member: Field, hint: Any) -> str:
    may = " (may be left out)" if not member.required or member.name in _UNSAID else ""
    return f"`{member.name}`{may}: {_form(member, hint)}"


def _form(member: Field, hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{word.value}`" for word in hint)
    if hint is bool:
        return "`true` or `false`"
    if str(hint).startswith("frozenset"):
        return "a list of " + ", ".join(f"`{word.value}`" for word in hint.__args__[0])
    if member.name == "methods":
        words = ", ".join(f"`{word.value}`" for word in Method)
        return f"a list of `{{ method = ..., since = DATE }}`, where method is {words}"
    if hint is Instant:
        return "a time"
    if hint is date or hint == date | None:
        return "a date"
    return "a whole number" if hint in (int, int | None) else "a name"
