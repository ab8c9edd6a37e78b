"""Reads the examples that stand in a policy file, so that the rules carry their own proof.

A released file never changes, but what it was never asked about may turn up later: further examples stand beside
it, in `examples/<version>.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance import strict_toml
from compliance.cases.likeness import flattened
from compliance.cases.reading import Case, read_case
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy


def read_examples(policy: Policy, path: Path | None = None) -> tuple[Case, ...]:
    """All examples of a policy, with those beside its file where that is named.

    Raises DomainError naming the example, the field and the value.
    """
    tables = _named(policy.raw)
    beside = path.parent / "examples" / path.name if path else None
    if beside is not None and beside.is_file():
        further = _named(strict_toml.parse(strict_toml.read_bytes(beside), str(beside)))
        twice = sorted(tables.keys() & further.keys())
        if twice:
            raise DomainError("ID_TWICE", "each example needs its own name", field="example", value=twice[0])
        tables = {**tables, **further}
    return tuple(_read(name, tables, policy) for name in tables)


def _named(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    tables = raw.get("example", {})
    if not isinstance(tables, dict):
        raise DomainError("TABLE_MISSING", "write examples as [example.NAME]", field="example")
    return tables


def _read(name: str, tables: Mapping[str, Any], policy: Policy) -> Case:
    def another(wanted: str) -> Mapping[str, Any]:
        found = tables.get(wanted)
        if not isinstance(found, dict):
            raise DomainError("UNKNOWN_EXAMPLE", "name an example of this file", field="like", value=wanted)
        return found

    try:
        if "programme" in another(name):
            raise DomainError("UNKNOWN_MEMBER", "an example belongs to its own programme", field="programme")
        case = read_case(flattened(another(name), another), policy, name)
        if case.expected.unmet is None:
            raise DomainError("NOTHING_EXPECTED", "say allowed = true, or list what is unmet", field="unmet")
    except DomainError as error:
        raise error.under(f"example.{name}") from error
    return case
