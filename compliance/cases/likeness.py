"""Puts a story together from another story and the changes to it, so that a chain of examples stays readable.

Everything is inherited but the expected answer: each story says its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from compliance.domain.errors import DomainError

TIMES = ("earliest_at", "valid_until", "authorization_ends_at")
EXPECTATIONS = ("allowed", "outcome", "unmet", "codes", "advice", *TIMES)
REQUEST = ("at", "step", "prescription", "pharmacy", "pharmacist", "handover")
MEMBERS = frozenset({"programme", "like", "without", "facts", *REQUEST, *EXPECTATIONS})

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MAX_CHAIN = 16

Lookup = Callable[[str], Mapping[str, Any]]


def flattened(raw: Mapping[str, Any], lookup: Lookup) -> dict[str, Any]:
    """The whole story: what it is like, without what it leaves out, with what it changes."""
    chain = [raw]
    seen: list[str] = []
    while "like" in chain[-1]:
        name = chain[-1]["like"]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise DomainError("NOT_A_NAME", "name another example", field="like", value=name)
        if name in seen or len(chain) > _MAX_CHAIN:
            raise DomainError(
                "LIKE_ITSELF", "a story cannot be like itself", field="like", value=" > ".join([*seen, name])
            )
        seen.append(name)
        chain.append(lookup(name))
    whole: dict[str, Any] = {"facts": {}}
    for story in reversed(chain):
        whole = _changed(whole, story)
    return {name: value for name, value in whole.items() if name not in {"like", "without"}}


def _changed(whole: dict[str, Any], story: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(story) - MEMBERS)
    if unknown:
        known = ", ".join(sorted(MEMBERS))
        raise DomainError("UNKNOWN_MEMBER", f"a case has {known}", field=unknown[0][:40])
    facts = _kept(whole["facts"], story.get("without", []))
    for name, table in _table(story.get("facts", {}), "facts").items():
        field = f"facts.{name}"
        if "fact" in _table(table, field) or "like" not in story:
            facts[name] = dict(table)
        elif name in facts:
            facts[name] = {**facts[name], **table}
        else:
            known = ", ".join(facts) or "none"
            raise DomainError("UNKNOWN_FACT", f"no fact of this name to change; there are {known}", field=field)
    inherited = {member: value for member, value in whole.items() if member not in EXPECTATIONS}
    return {**inherited, **story, "facts": facts}


def _kept(facts: Mapping[str, Any], without: object) -> dict[str, Any]:
    if not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        raise DomainError("NOT_A_LIST", "list names of facts", field="without", value=without)
    for name in without:
        if name not in facts:
            raise DomainError("UNKNOWN_FACT", "there is no such fact to leave out", field="without", value=name)
    return {name: table for name, table in facts.items() if name not in without}


def _table(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DomainError("TABLE_MISSING", "a table is needed here", field=field, value=value)
    return value
