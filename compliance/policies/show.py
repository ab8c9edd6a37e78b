"""Prints a policy as a table, so that clinicians can read the rules that bind them, with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.domain.decision import Weight
from compliance.domain.policy import Policy
from compliance.policies import words


def _numbers(table: Mapping[str, Any]) -> str:
    """The parameters of a table in words, one a line."""
    return "\n".join(f"{name}: {said}" for name, said in words.numbers(table))


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
    table = _table("requirement", "applies", "rule", "numbers", "if unmet", "source", "confidence")
    for name, applies, unmet, raw in _rows(policy.raw):
        row = name, applies, raw["text"], _numbers(raw), unmet, raw["source"], raw["confidence"]
        table.add_row(*[Text(cell) for cell in row])
    out.print(table)
    sources = _table("source", "title", "publisher", "date", "checked", "address")
    for source in policy.sources.values():
        cells = source.id, source.title, source.publisher, str(source.date), str(source.checked), source.url
        sources.add_row(*[Text(cell) for cell in cells])
    out.print(sources)


def _rows(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Everything in a policy that cites a source: its name, when it applies, what it does if unmet, and its table."""
    for table in raw.get("requirement", ()):
        yield table["id"], words.applies(table.get("when", {})), table.get("if_unmet", Weight.REFUSE.value), table
    for name in ("pregnancy_test", "pregnancy_test_after_first", "prescription", "no_gate"):
        if name in raw:
            yield name.replace("_", " "), "always", "", raw[name]
    for name, table in raw["flexibility"].items():
        yield name, "while switched on", "", table
