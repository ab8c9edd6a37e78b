"""Prints a policy as a table, so that clinicians can read the rules that bind them, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.domain.policy import Policy

_PROSE = frozenset({"id", "kind", "text", "source", "confidence", "when"})


def numbers(table: Mapping[str, Any]) -> str:
    """The parameters of a table in words, one a line."""
    return "\n".join(f"{name.replace('_', ' ')}: {_said(table[name])}" for name in table if name not in _PROSE)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(word.replace("_", " ") for word in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_said(inner)}" for name, inner in value.items())
    return str(value)


def applies(when: Mapping[str, Any]) -> str:
    """To whom and when a requirement applies, in words."""
    parts = [_said(when[name]) for name in ("steps", "categories") if name in when]
    if "first" in when:
        parts.append("first supply" if when["first"] else "later supplies")
    return "; ".join(parts) or "always"


def _table(*headings: str) -> Table:
    """A table that folds long words rather than cut them: an id must be readable in full."""
    table = Table(show_lines=True)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def print_policy(policy: Policy, out: Console) -> None:
    """Print one version: its requirements in order, what counts, the relaxations, and the documents."""
    out.print(Text(f"{policy.title} ({policy.id}), in force from {policy.in_force_from}", style="bold"))
    out.print(f"status {policy.status.value}, time zone {policy.zone.key}, SHA-256 {policy.sha256}", soft_wrap=True)
    table = _table("requirement", "applies", "rule", "numbers", "source", "confidence")
    for raw in policy.raw["requirement"]:
        row = (
            raw["id"],
            applies(raw.get("when", {})),
            raw["text"],
            numbers(raw),
            raw["source"],
            raw["confidence"],
        )
        table.add_row(*[Text(cell) for cell in row])
    for name in ("pregnancy_test", "prescription"):
        raw = policy.raw[name]
        row = name.replace("_", " "), "always", raw["text"], numbers(raw), raw["source"], raw["confidence"]
        table.add_row(*[Text(cell) for cell in row])
    for name, raw in policy.raw["flexibility"].items():
        row = name, "while switched on", raw["text"], numbers(raw), raw["source"], raw["confidence"]
        table.add_row(*[Text(cell) for cell in row])
    out.print(table)
    sources = _table("source", "title", "publisher", "date", "checked", "address")
    for source in policy.sources.values():
        cells = source.id, source.title, source.publisher, str(source.date), str(source.checked), source.url
        sources.add_row(*[Text(cell) for cell in cells])
    out.print(sources)
