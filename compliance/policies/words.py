"""The numbers and filters of a policy in words, so that clinicians need not read `P28D` or `adult_frp`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from compliance.domain.facts import Category

PROSE = frozenset({"id", "kind", "text", "source", "confidence", "when", "if_unmet"})
"""Members of a table that are said elsewhere than among its numbers."""

_SPAN = re.compile(r"PT?([0-9]+)([DMH])")
_UNITS = {"D": "day", "M": "month", "H": "hour"}
_WHOLE = {
    "iud_copper": "copper IUD", "iud_levonorgestrel": "levonorgestrel IUD", "iud_progesterone": "progesterone IUD",
}  # fmt: skip
_NAMES = {
    "youngest": "no later than", "oldest": "no earlier than", "within": "within",
    "weekly_for": "closely for the first", "weekly_every": "meanwhile every",
    "often_for": "often for the first", "often_every": "meanwhile every", "then_every": "then every",
    "then_every_if_irregular": "with irregular cycles every", "lead_in": "in use for at least",
    "urgent_lead_in": "urgent start: in use for at least", "or_abstinent_for": "or abstinent for",
    "menopause_months": "menopause for at least", "lapses_after_months": "lapses after",
    "adult_age": "adult from", "under_age": "under", "menopause_age": "menopause from",
    "least_sensitive": "least sensitive", "places_by_flexibility": "places under a relaxation",
    "channels_by_flexibility": "channels under a relaxation", "each_prescription": "with each prescription anew",
}  # fmt: skip
_OF_WHAT = {
    "least_sensitive": "mIU/mL", "adult_age": "years of age", "under_age": "years of age",
    "menopause_age": "years of age", "days_on": "days", "cycle_days": "days", "first_days": "days",
    "days_supply.at_most": "days of treatment", "supply_left.at_most": "days of treatment",
}  # fmt: skip
_NONE: tuple[object, ...] = ("none", {})
"""What a file says for a number that is not asked for, and for relaxations where there are none."""
_BEFORE = {"test_days_before.youngest", "test_days_before.oldest"}
_SORTS = {
    "frp": "female of reproductive potential",
    "fnrp": "female not of reproductive potential",
    "male": "male",
}


def spelled(day: date) -> str:
    """A date that nobody can read day-first or month-first."""
    return f"{day.day} {day:%B %Y}"


def between(since: date, until: date | None) -> str:
    """A time in force, both days included."""
    return f"from {spelled(since)}" + (f" to {spelled(until)}" if until else ", until further notice")


def numbers(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parameters of a table, each by what it is called and what it says."""
    for name in table:
        if name not in PROSE and table[name] not in _NONE:
            key = f"{table.get('kind', '')}.{name}"
            unit = _OF_WHAT.get(key) or _OF_WHAT.get(name) or ""
            given = list(table[name]) if name.endswith("_by_flexibility") else table[name]
            said = value(given) + (" before" if key in _BEFORE else "")
            yield _NAMES.get(name, name.replace("_", " ")), f"{said} {unit}".strip()


def value(given: Any) -> str:
    """One value of a policy in words."""
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, date):
        return spelled(given)
    if isinstance(given, list):
        return ", ".join(value(one) for one in given) or "none"
    if isinstance(given, dict):
        return ", ".join(_part(name, inner) for name, inner in given.items()) or "none"
    found = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if found is not None:
        count, unit = int(found[1]), _UNITS[found[2]]
        return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return _WHOLE.get(given, str(given).replace("_", " "))


def _part(name: str, inner: Any) -> str:
    """One member of a span, which needs no name, or of another table."""
    if name == "span":
        return value(inner)
    if name == "start_day":
        return f"the first counts as {inner}"
    return f"{value(name)} {value(inner)}"


def categories(wanted: Collection[Category]) -> str:
    """Categories in words; the adult and the child of one sort are said together."""
    found = []
    for sort, said in _SORTS.items():
        ages = [age for age in ("adult", "child") if Category(f"{age}_{sort}") in wanted]
        if ages:
            found.append(f"{said} ({' or '.join(ages)})")
    return "; ".join(found)


def sort_of(category: Category) -> str:
    """What a category says about becoming pregnant, whatever the age."""
    return _SORTS[category.value.partition("_")[2]]


def applies(when: Mapping[str, Any]) -> str:
    """To whom and when a requirement applies, in words."""
    parts = [value(when["steps"])] if "steps" in when else []
    if "categories" in when:
        parts.append(categories([Category(word) for word in when["categories"]]))
    if "first" in when:
        parts.append(supply(is_first=when["first"]))
    return "; ".join(parts) or "always"


def supply(*, is_first: bool | None) -> str:
    """Which supplies a requirement is asked for; nothing where it is all of them."""
    return "" if is_first is None else "first supply" if is_first else "later supplies"
