"""Times as people write and read them, and the hours that clocks skip or show twice."""

from datetime import UTC, date, datetime

import pytest

from compliance.domain.span import zone
from compliance.web.times import (
    NotATime,
    age_on,
    read_day,
    read_local,
    spell,
    spell_both,
    spell_day,
    spell_end,
    zone_name,
)  # fmt: skip

EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


def parts(*given: str) -> dict[str, str]:
    names = ("day", "month", "year", "hour", "minute", "which")
    return dict.fromkeys(names, "") | dict(zip(names, given, strict=False))


def test_a_time_is_spelled_with_its_month_and_zone() -> None:
    assert spell(datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC), EASTERN) == "Sat 7 Mar 2026, 23:59 Eastern"
    assert spell(datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC), EASTERN, seconds=True) == (
        "Sat 7 Mar 2026, 23:59:59 Eastern"
    )


def test_an_end_at_midnight_is_said_to_be_on_the_day_it_belongs_to() -> None:
    end = zone(EASTERN).end_of(date(2026, 3, 7))
    assert spell_end(end, EASTERN) == "Sat 7 Mar 2026, 23:59 Eastern"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
    assert spell(first, EASTERN) == "Sun 1 Nov 2026, 01:30 Eastern (EDT)"
    assert spell(second, EASTERN) == "Sun 1 Nov 2026, 01:30 Eastern (EST)"


def test_a_deadline_is_given_on_the_clock_of_the_site_too_where_it_differs() -> None:
    end = zone(EASTERN).end_of(date(2026, 3, 7))
    assert spell_both(end, EASTERN, EASTERN, is_end=True) == "Sat 7 Mar 2026, 23:59 Eastern"
    assert spell_both(end, EASTERN, PACIFIC, is_end=True) == ("Sat 7 Mar 2026, 20:59 Pacific (23:59 Eastern)")
    assert spell_both(end, EASTERN, "UTC", is_end=False) == "Sun 8 Mar 2026, 05:00 UTC (00:00 Eastern)"
    assert spell_both(end, EASTERN, PACIFIC, is_end=False) == (
        "Sat 7 Mar 2026, 21:00 Pacific (Sun 8 Mar 2026, 00:00 Eastern)"
    )


def test_zones_bear_the_names_that_people_use() -> None:
    assert [zone_name(key) for key in (EASTERN, "UTC", "America/Indiana/Tell_City")] == [
        "Eastern", "UTC", "Tell City time",
    ]  # fmt: skip


def test_a_time_is_read_on_the_clock_of_the_site() -> None:
    read = read_local(parts("7", "3", "2026", "14", "05"), EASTERN)
    assert read == datetime(2026, 3, 7, 19, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            parts("8", "3", "2026", "02", "30"),
            "“Sun 8 Mar 2026, 02:30 Eastern” did not exist: the clocks went forward over it. Check the time",
        ),
        (
            parts("1", "11", "2026", "1", "30"),
            "“Sun 1 Nov 2026, 01:30 Eastern” came twice that night: say which of the two",
        ),
        (parts("7", "3", "2026", "24", "00"), "“24:00” is not a time from 00:00 to 23:59"),
        (parts("7", "3", "2026", "12", ""), "“12:?” is not a time from 00:00 to 23:59"),
        (parts("30", "2", "2026", "12", "00"), "“30 February 2026” is not in the calendar"),
        (
            parts("7", "", "2026", "12", "00"),
            "“7 ? 2026” is not complete: give day, month and year in figures",
        ),
        (parts("7", "3", "26", "12", "00"), "“7 March 26” needs a year of four figures"),
        (
            parts("٧", "3", "2026", "12", "00"),
            "“٧ March 2026” is not complete: give day, month and year in figures",
        ),
    ],
)
def test_what_is_no_time_is_refused_with_what_was_given(given: dict[str, str], message: str) -> None:
    with pytest.raises(NotATime) as refused:
        read_local(given, EASTERN)
    assert str(refused.value) == message
    assert refused.value.is_twofold == ("twice" in message)


@pytest.mark.parametrize(("which", "hour"), [("first", 5), ("second", 6)])
def test_a_time_that_came_twice_is_taken_once_it_is_said_which(which: str, hour: int) -> None:
    read = read_local(parts("1", "11", "2026", "1", "30", which), EASTERN)
    assert read == datetime(2026, 11, 1, hour, 30, tzinfo=UTC)


def test_a_day_is_read_without_guessing() -> None:
    assert read_day({"day": "3", "month": "7", "year": "2026"}) == date(2026, 7, 3)
    assert spell_day(date(2026, 7, 3)) == "Fri 3 Jul 2026"


@pytest.mark.parametrize(
    ("birth", "today", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(1990, 5, 17), date(2026, 5, 16), 35),
        (date(1990, 5, 17), date(2026, 5, 17), 36),
    ],
)
def test_age_counts_full_years(birth: date, today: date, age: int) -> None:
    assert age_on(birth, today) == age
