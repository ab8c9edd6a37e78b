"""A simulated year is shown as a table, a picture and a diary file that all say what the calendar says."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from compliance.domain.facts import Category
from compliance.domain.span import Instant
from compliance.policies.simulation import MENDS, Calendar
from compliance.policies.simulation.calendar import Lane, Mark, said_end, said_moment
from compliance.policies.simulation.ical import escaped, folded, ical
from compliance.policies.simulation.svg import svg
from compliance.policies.simulation.table import print_calendar, rows
from tests import builders as b
from tests.policies.years import MONDAY, lived, small, year

SVG = "{http://www.w3.org/2000/svg}"
NEW_YORK = b.policy().zone


@cache
def stopped() -> Calendar:
    """A calendar that something stands in the way of, under a policy whose title has to be escaped."""
    mends = {kind: mend for kind, mend in MENDS.items() if kind != "latest_test_negative"}
    return lived(small(title='Tom & "Ann", <C>; D\\E'), 30, mends=mends)


# -- the diary file, read back by a parser of its own -----------------------------------------------------------------


def unfolded(text: str) -> list[str]:
    """The content lines of a file; every one must end in CRLF and be short enough."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")
    assert [line for line in text.split("\r\n") if len(line.encode()) > 75] == []
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def unescaped(value: str) -> str:
    """A TEXT value as it was meant."""
    return re.sub(r"\\([\\;,nN])", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), value)


def entries(text: str) -> list[dict[str, str]]:
    """The members of each VEVENT, by name with parameters."""
    found: list[dict[str, str]] = []
    for line in unfolded(text):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            assert name not in found[-1] or name == "END"
            found[-1][name] = value
    return found


def day_of(value: str) -> date:
    return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date()


def moment_of(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def test_the_diary_file_holds_every_event_and_window_and_reads_no_clock() -> None:
    calendar = year(Category.ADULT_FRP)
    text = ical(calendar)
    lines, found = unfolded(text), entries(text)
    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kelsey//policies simulate//EN",
                         "CALSCALE:GREGORIAN"]  # fmt: skip
    assert (lines[-1], lines.count("BEGIN:VEVENT"), lines.count("END:VEVENT")) == (
        "END:VCALENDAR", len(found), len(found),
    )  # fmt: skip
    assert len(found) == len(calendar.events) + len(calendar.windows)
    assert len({entry["UID"] for entry in found}) == len(found)
    assert {entry["DTSTAMP"] for entry in found} == {"20260105T050000Z"}
    assert ical(calendar) == text


def test_what_is_done_on_a_day_is_an_entry_of_that_day() -> None:
    calendar = year(Category.ADULT_FRP)
    found = entries(ical(calendar))[: len(calendar.events)]
    for event, entry in zip(calendar.events, found, strict=True):
        assert day_of(entry["DTSTART;VALUE=DATE"]) == NEW_YORK.date_of(event.at)
        assert unescaped(entry["SUMMARY"]) == ("Due: " if event.mark is Mark.DUE else "") + event.says
        assert unescaped(entry.get("DESCRIPTION", "")) == (f"{event.text} ({event.requirement})" if event.text else "")


def test_a_window_of_whole_days_is_in_days_and_another_in_instants_of_utc() -> None:
    calendar = year(Category.ADULT_FRP)
    found = entries(ical(calendar))[len(calendar.events) :]
    kinds = set()
    for window, entry in zip(calendar.windows, found, strict=True):
        kinds.add("DTEND" in entry)
        if "DTEND" in entry:
            assert moment_of(entry["DTSTART"]) == window.opens_at
            assert timedelta(0) <= window.closes_at - Instant(moment_of(entry["DTEND"])) < timedelta(seconds=1)
        else:
            assert NEW_YORK.start_of(day_of(entry["DTEND;VALUE=DATE"])) == window.closes_at
            assert day_of(entry["DTSTART;VALUE=DATE"]) == NEW_YORK.date_of(window.opens_at)
    assert kinds == {True, False}


def test_names_with_commas_and_the_like_survive_the_diary_file() -> None:
    lines = unfolded(ical(stopped()))
    assert r'NAME:Tom & "Ann"\, <C>\; D\\E\, version 2024-01-01: adult_frp\, Mon 5 Jan 2026 to Tue 3 Feb 2026' in lines


@given(st.text())
def test_any_text_survives_escaping_and_folding(text: str) -> None:
    plain = "".join(c for c in text if c.isprintable() or c == "\n")
    [line] = unfolded(folded(f"SUMMARY:{escaped(plain)}"))
    assert unescaped(line.removeprefix("SUMMARY:")) == plain


def test_control_characters_never_reach_the_diary_file() -> None:
    assert escaped("a\rb\x00c\td\r\ne") == "a b c d\\ne"


# -- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", [Category.ADULT_FRP, Category.CHILD_MALE, None])
def test_the_picture_is_well_formed_and_says_in_words_what_it_shows(category: Category | None) -> None:
    calendar = year(category) if category is not None else stopped()
    root = ET.fromstring(svg(calendar))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and desc is not None and desc.text is not None  # noqa: PT018
    assert (title.get("id"), desc.get("id"), title.text) == ("title", "desc", calendar.title)
    for event in calendar.supplies:
        assert said_moment(NEW_YORK.start_of(NEW_YORK.date_of(event.at)), NEW_YORK) in desc.text
    assert (f"Stands in the way: {calendar.obstacle}" in desc.text) is bool(calendar.obstacle)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script|<image", svg(calendar))


def test_every_lane_has_its_marks_and_bars_inside_the_picture() -> None:
    calendar = year(Category.ADULT_FRP)
    root = ET.fromstring(svg(calendar))
    lanes = root.findall(f"{SVG}g[@role='group']")
    assert [lane.get("aria-label") for lane in lanes] == [lane.value for lane in calendar.lanes]
    for lane, group in zip(calendar.lanes, lanes, strict=True):
        days = {NEW_YORK.date_of(event.at) for event in calendar.events if event.lane is lane}
        assert len(group.findall(f"{SVG}g")) == len(days)
        bars = group.findall(f"{SVG}rect")
        assert len(bars) == len([w for w in calendar.windows if w.lane is lane])
        for bar in bars:
            x, width = float(bar.get("x", "")), float(bar.get("width", ""))
            assert 30 <= x < x + width <= 1172
    marked = [lane.findall(f"{SVG}g/{SVG}path[@class='supply']") for lane in lanes]
    assert len(marked[-1]) == len(calendar.supplies)


def test_bars_of_one_row_do_not_cover_each_other() -> None:
    root = ET.fromstring(svg(year(Category.ADULT_FRP)))
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for group in root.findall(f"{SVG}g[@role='group']"):
        for bar in group.findall(f"{SVG}rect"):
            row = found.setdefault((group.get("aria-label", ""), bar.get("y", "")), [])
            row.append((float(bar.get("x", "")), float(bar.get("width", ""))))
    for row in found.values():
        for (x, width), (following, _) in zip(sorted(row), sorted(row)[1:], strict=False):
            assert x + width <= following + 2


# -- the table --------------------------------------------------------------------------------------------------------


def test_the_table_names_each_day_once_with_what_is_due_and_until_when() -> None:
    out = StringIO()
    print_calendar(year(Category.ADULT_FRP), Console(file=out, width=160, markup=False))
    text = out.getvalue()
    days = [line[2:18].strip() for line in text.splitlines() if line.startswith("│ ")]
    assert (days.count("Mon 2 Feb 2026"), days.count("Mon 9 Feb 2026")) == (1, 1)
    shown = [
        "due: Pregnancy test (serum, laboratory), negative", "through Mon 16 Feb 2026", "Open from now: The next",
        "opens Mon 23 Feb 2026", "Authorization 1 allowed", "until Tue 3 Feb 2026, 09:00 EST", "4 supplies, ",
    ]  # fmt: skip
    assert [part for part in shown if part not in text] == []


def test_rows_are_in_order_of_days_and_what_opens_comes_first() -> None:
    found = rows(year(Category.ADULT_FRP))
    assert [row.day for row in found] == sorted(row.day for row in found)
    day = [row for row in found if row.day == MONDAY + timedelta(days=49)]
    assert [(row.lane, row.mark) for row in day if row.mark in {None, Mark.SUPPLY}] == [
        (Lane.SUPPLY, None), (Lane.SUPPLY, Mark.SUPPLY),
    ]  # fmt: skip
    assert day[0].mark is None


def test_what_stands_in_the_way_is_the_last_thing_that_the_table_says() -> None:
    out = StringIO()
    print_calendar(stopped(), Console(file=out, width=160, markup=False))
    assert out.getvalue().splitlines()[-1] == (
        "Stands in the way: There is no accepted negative pregnancy test. (tested: The newest test is negative.);"
        " the simulation ends here"
    )


def test_an_end_is_named_by_the_last_day_or_by_its_minute() -> None:
    midnight = NEW_YORK.start_of(date(2026, 3, 9))
    assert said_end(midnight, NEW_YORK) == "through Sun 8 Mar 2026"
    assert said_end(Instant(midnight - timedelta(hours=1)), NEW_YORK) == "until Sun 8 Mar 2026, 23:00 EDT"
    assert said_moment(midnight, NEW_YORK) == "Mon 9 Mar 2026"
