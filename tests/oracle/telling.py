"""Says what was compared, never adding the ways of comparing into one number."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from tests.oracle.programme import load
from tests.oracle.tally import Mismatch
from tests.oracle.work import seen_together

Results = dict[str, dict[str, Any]]


class Row(NamedTuple):
    """One policy's line of the table."""

    name: str
    settings: int
    direct: int
    sampled: int
    composed: int
    mismatches: list[Mismatch]
    faults: int
    not_found: list[str]


def total(found: list[dict[str, Any]], key: str) -> int:
    """Add one number up over settings."""
    return sum(one.get(key, 0) for one in found)


def mismatches_of(found: list[dict[str, Any]]) -> list[Mismatch]:
    """The mismatches of all settings, smallest first."""
    return sorted(Mismatch(m[0], m[1], m[2], tuple(m[3])) for one in found for m in one.get("mismatches", []))


def row(file: Path, found: list[dict[str, Any]]) -> Row:
    """One policy's line of the table."""
    faults = [one for one in found if "found" in one]
    return Row(
        load(file).name,
        len(found) - len(faults),
        total(found, "direct"),
        total(found, "sampled"),
        total(found, "composed"),
        mismatches_of(found),
        len(faults),
        [one["setting"] for one in faults if not one["found"]],
    )


def line(wide: int, words: tuple[str, ...]) -> str:
    """One line of the table, the name to the left and the numbers to the right."""
    return words[0].ljust(wide) + "".join(word.rjust(14) for word in words[1:])


def table(console: Console, rows: list[Row], wall: float) -> int:
    """Print a line for each policy, then what differs and which planted faults nobody found."""
    heads = ("programme@version", "settings", "direct", "drawn", "composed", "mismatches", "faults found")
    wide = max([len(one.name) for one in rows] + [len(heads[0])])
    console.print(line(wide, heads), markup=False, soft_wrap=True)
    for one in rows:
        counts = (one.settings, one.direct, one.sampled, one.composed, len(one.mismatches))
        faults = f"{one.faults - len(one.not_found)} of {one.faults}" if one.faults else "-"
        console.print(line(wide, (one.name, *(f"{n:,}" for n in counts), faults)), markup=False, soft_wrap=True)
    console.print(f"wall {wall:,.0f} s")
    for one in rows:
        for mismatch in one.mismatches[:3]:
            console.print(one.name, mismatch.setting, mismatch.choice, *mismatch.lines, sep="\n  ", markup=False)
        for text in one.not_found:
            console.print(f"{one.name}: not found: {text}", markup=False)
    is_clean = all(not one.mismatches and not one.not_found and one.settings + one.faults for one in rows)
    return 0 if rows and is_clean else 1


def summary(console: Console, found: list[dict[str, Any]], wall: float) -> int:
    """Print the totals of one policy."""
    direct, sampled, composed = (total(found, key) for key in ("direct", "sampled", "composed"))
    seconds = max(sum(one["seconds"] for one in found), 1e-9)
    mismatches = mismatches_of(found)
    console.print(f"settings walked                     {len(found)}")
    console.print(f"direct, whole product of each rule  {direct:,}")
    console.print(f"direct, drawn from the full product {sampled:,}")
    console.print(f"composed, checked by the above      {composed:,}")
    console.print(f"pairs of classes seen together      {seen_together(found):,}")
    console.print(f"full product of all axes            {sum(one['product'] for one in found):.2e}")
    console.print(f"wall {wall:,.0f} s, processes {seconds:,.0f} s")
    console.print(f"direct a process second {(direct + sampled) / seconds:,.0f}")
    console.print(f"all states a process second {(direct + sampled + composed) / seconds:,.0f}")
    console.print(f"settings with mismatches            {sum(bool(one['mismatches']) for one in found)}")
    for mismatch in mismatches[:3]:
        console.print(mismatch.setting, mismatch.choice, *mismatch.lines, sep="\n  ", markup=False)
    return 1 if mismatches or not found else 0
