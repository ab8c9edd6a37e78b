"""What two policy files say differently, with the sources of both, so that a change of answers can be traced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from compliance.domain.policy import Policy
from compliance.policies.difference.asking import twins

_PROSE = frozenset({"id", "text", "source", "confidence"})
_APART = frozenset({"requirement", "example", "sources", "version", "title"})


class Change(NamedTuple):
    """One member that is new, gone or other: where it stands, what it was and is, and on which sources."""

    what: str
    where: str
    old: str
    new: str
    old_source: str
    new_source: str


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Every difference in what the files say, but for wording, sources, examples and order."""
    top = ({k: v for k, v in policy.raw.items() if k not in _APART} for policy in (old, new))
    yield from _members("", *top)
    same = twins(old, new)
    before = {table["id"]: table for table in old.raw.get("requirement", []) if table["id"] not in same}
    after = {table["id"]: table for table in new.raw.get("requirement", []) if table["id"] not in same.values()}
    for name, table in before.items():
        if name in after:
            yield from _members(name, table, after[name])
        else:
            yield Change("removed", name, summary(table), "", table["source"], "")
    for name in [name for name in after if name not in before]:
        yield Change("added", name, "", summary(after[name]), "", after[name]["source"])


def summary(table: Mapping[str, Any]) -> str:
    """A requirement's kind and parameters in one line."""
    own = [f"{name} {said(value)}" for name, value in table.items() if name not in _PROSE | {"kind"}]
    return "; ".join([str(table.get("kind", "")), *own])


def _members(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    sources = str(old.get("source", "")), str(new.get("source", ""))
    for name in [*old, *(name for name in new if name not in old)]:
        if name in _PROSE or old.get(name) == new.get(name):
            continue
        here = f"{where}.{name}" if where else name
        was, now = old.get(name), new.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            for change in _members(here, was, now):
                mine = (change.old_source or sources[0], change.new_source or sources[1])
                yield Change(*change[:4], *mine)
        else:
            what = "added" if name not in old else "removed" if name not in new else "changed"
            yield Change(what, here, said(was), said(now), *sources)


def said(value: Any) -> str:
    """A value of a policy file in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(said(one) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {said(one)}" for name, one in value.items() if name not in _PROSE) or "none"
    return str(value)
