"""What a request body may hold: one list of members makes the reader and the schema, so they cannot differ.

Forms are closed: what nobody reads is refused. Facts take their members from `compliance.domain.wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from compliance.api.problem import Fault, Refused, invalid
from compliance.api.schemas import Schema, member_schema, ref
from compliance.domain.access import outranks
from compliance.domain.errors import DomainError
from compliance.domain.facts import FACTS, Fact
from compliance.domain.wire import members
from compliance.strict_json import pointer_to

_SET_BY_US = frozenset({"id", "recorded_at", "actor", "corrects"})
"""Members that the service sets: who says it, and when we learned it, is not the sender's to say."""

_TOLD: tuple[tuple[str, str, str], ...] = (
    ("pregnancy_test", "result", "positive"),
    ("report", "what", "pregnancy"),
)


class Member(NamedTuple):
    """One member of a body: its schema, how it is read, and whether it may be left out."""

    name: str
    schema: Schema
    read: Callable[[Any, str], Any]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A closed object."""

    name: str
    members: tuple[Member, ...]

    def read(self, plain: object, at: tuple[str | int, ...] = ()) -> dict[str, Any]:
        """Read a body, or refuse it with all its faults."""
        if not isinstance(plain, dict):
            raise not_an_object(plain, at)
        known = {m.name for m in self.members}
        faults = [
            Fault(pointer_to(*at, name), "UNKNOWN_MEMBER", f"{self.name} has no such member")
            for name in plain
            if name not in known
        ]
        values: dict[str, Any] = {}
        for member in self.members:
            if member.name in plain:
                try:
                    values[member.name] = member.read(plain[member.name], member.name)
                except DomainError as error:
                    faults.append(fault_of(error, at))
            elif member.required:
                faults.append(Fault(pointer_to(*at, member.name), "MEMBER_MISSING", f"{self.name} needs it"))
        if faults:
            raise invalid(faults)
        return values

    def schema(self) -> Schema:
        """The JSON schema of what `read` accepts."""
        return {
            "type": "object",
            "properties": {m.name: m.schema for m in self.members},
            "required": [m.name for m in self.members if m.required],
            "additionalProperties": False,
        }


class PlainForm(Form):
    """A form whose body is handed on as it came: the service reads facts itself, and again when replayed."""

    def read(self, plain: object, at: tuple[str | int, ...] = ()) -> dict[str, Any]:
        """Check a body member by member and give it back unchanged."""
        super().read(plain, at)
        return cast(dict[str, Any], plain)


@dataclass(frozen=True, slots=True)
class FactForm:
    """One of several kinds of fact, told apart by the member `fact`, and given back in its plain form.

    News of a pregnancy is let through unread if `takes_news`: it is never turned away for its form.
    """

    name: str
    kinds: Mapping[str, Form]
    takes_news: bool

    def is_news(self, plain: object) -> bool:
        """Whether this is news of a pregnancy, which is never turned away for its form."""
        return self.takes_news and isinstance(plain, dict) and outranks(plain)

    def read(self, plain: object, at: tuple[str | int, ...] = ()) -> dict[str, Any]:
        """Check a fact member by member and give it back unchanged."""
        if not isinstance(plain, dict):
            raise not_an_object(plain, at)
        if self.is_news(plain):
            return plain
        kind = plain.get("fact")
        form = self.kinds.get(kind) if isinstance(kind, str) else None
        if form is None:
            error = DomainError("UNKNOWN_FACT", f"give one of {', '.join(self.kinds)}", field="fact", value=kind)
            raise invalid([fault_of(error, at)])
        return form.read(plain, at)

    def schema(self) -> Schema:
        """One branch a kind, and one for each way in which news of a pregnancy comes."""
        news = [_news(*told) for told in _TOLD] if self.takes_news else []
        return {"anyOf": [*(ref(form.name) for form in self.kinds.values()), *news]}


def _news(kind: str, member: str, word: str) -> Schema:
    told = {"fact": {"const": kind}, member: {"const": word}}
    return {
        "type": "object",
        "description": "News of a pregnancy: whatever else it says, it is recorded and holds the patient.",
        "properties": told,
        "required": list(told),
        "additionalProperties": True,
    }


def fact_forms(kinds: Collection[str]) -> dict[str, Form]:
    """The bodies for kinds of fact, without the members that the service sets; without `at` it is now."""
    return {kind: _fact_form(cls) for kind, cls in FACTS.items() if kind in kinds}


def _fact_form(cls: type[Fact]) -> PlainForm:
    kind = Member("fact", {"const": cls.kind}, lambda value, _: value)
    return PlainForm(f"New{cls.__name__}", (kind, *fact_members(cls)))


def fact_members(cls: type[Fact], besides: Collection[str] = ()) -> tuple[Member, ...]:
    """The members of a kind of fact that a sender may state."""
    return tuple(
        Member(f.name, member_schema(cls, f.name), f.read, required=f.required and f.name != "at")
        for f in members(cls)
        if f.name not in _SET_BY_US.union(besides)
    )


def not_an_object(plain: object, at: tuple[str | int, ...]) -> Refused:
    """The refusal of a body, or a part of one, that has no members."""
    return invalid([fault_of(DomainError("NOT_AN_OBJECT", "send a JSON object", value=plain), at)])


def fault_of(error: DomainError, at: tuple[str | int, ...] = ()) -> Fault:
    """A refusal of the ground floor with its dotted path as a JSON pointer."""
    given = f" (given: {error.value})" if error.value else ""
    path = tuple(error.field.split(".")) if error.field else ()
    return Fault(pointer_to(*at, *path), error.code, f"{error.message}{given}")
