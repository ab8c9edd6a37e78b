"""Civil days, months and elapsed hours never mix, whatever the clocks of a zone do."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain import span
from compliance.domain.errors import DomainError
from compliance.domain.span import (
    EARLIEST,
    LATEST,
    TICK,
    Days,
    Elapsed,
    Instant,
    Months,
    Zone,
    earliest,
    instant,
    months_after,
    plus,
    read_days,
    read_months,
    read_span,
    zone,
)

NEW_YORK = zone("America/New_York")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def utc(*parts: int) -> Instant:
    return Instant(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc]


def refused(error: pytest.ExceptionInfo[DomainError]) -> tuple[str, str, str]:
    return error.value.code, error.value.field, error.value.value


# -- instants ------------------------------------------------------------------------------------------------------


def test_an_instant_is_utc_whatever_offset_it_came_with() -> None:
    found = instant(datetime(2026, 3, 7, 14, 30, tzinfo=timezone(timedelta(hours=-5))))
    assert found == utc(2026, 3, 7, 19, 30)
    assert found.tzinfo is UTC


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(DomainError) as error:
        instant(datetime(2026, 3, 7, 14, 30), "fact.at")  # noqa: DTZ001 - what is refused here
    assert refused(error) == ("TIME_WITHOUT_OFFSET", "fact.at", "2026-03-07T14:30:00")


@pytest.mark.parametrize("moment", [EARLIEST, LATEST - TICK])
def test_the_first_and_last_plausible_moments_are_taken(moment: datetime) -> None:
    assert instant(moment) == moment


@pytest.mark.parametrize(
    "moment",
    [
        EARLIEST - TICK,
        LATEST,
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_moment_outside_the_plausible_centuries_is_refused(moment: datetime) -> None:
    with pytest.raises(DomainError) as error:
        instant(moment, "at")
    assert refused(error) == ("TIME_IMPLAUSIBLE", "at", moment.isoformat())


def test_elapsed_time_is_added_in_utc() -> None:
    assert plus(utc(2026, 3, 8, 6, 30), HOUR) == utc(2026, 3, 8, 7, 30)


def test_the_earliest_of_several_ends_leaves_out_those_that_never_come() -> None:
    assert earliest(None, utc(2026, 2, 1), utc(2026, 1, 1)) == utc(2026, 1, 1)
    assert earliest(None) is None
    assert earliest() is None


# -- zones ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["Mars/Olympus", "", "../UTC", "America", "a\0b", "/etc/localtime", "x" * 300])
def test_an_unknown_zone_is_refused(key: str) -> None:
    with pytest.raises(DomainError) as error:
        Zone(key)
    assert error.value.code == "ZONE_UNKNOWN"
    assert error.value.value[:2] == key.replace("\0", "?")[:2]


def test_zones_of_one_name_are_one() -> None:
    assert zone("Europe/London") is zone("Europe/London")
    assert zone("Europe/London").key == "Europe/London"


def test_a_late_evening_in_new_york_is_already_the_next_day_in_utc() -> None:
    assert NEW_YORK.date_of(utc(2026, 6, 16, 3, 59)) == date(2026, 6, 15)
    assert NEW_YORK.date_of(utc(2026, 6, 16, 4)) == date(2026, 6, 16)


@pytest.mark.parametrize(
    ("day", "start", "length"),
    [
        (date(2026, 3, 7), utc(2026, 3, 7, 5), 24),
        (date(2026, 3, 8), utc(2026, 3, 8, 5), 23),
        (date(2026, 3, 9), utc(2026, 3, 9, 4), 24),
        (date(2026, 11, 1), utc(2026, 11, 1, 4), 25),
        (date(2026, 11, 2), utc(2026, 11, 2, 5), 24),
    ],
)
def test_days_on_which_clocks_change_have_23_or_25_hours(day: date, start: Instant, length: int) -> None:
    assert NEW_YORK.start_of(day) == start
    assert NEW_YORK.end_of(day) - start == length * HOUR


def test_the_two_half_past_ones_of_a_fold_are_an_hour_apart_and_of_one_day() -> None:
    first, second = utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 6, 30)
    assert first.astimezone(NEW_YORK.tz).replace(tzinfo=None) == second.astimezone(NEW_YORK.tz).replace(tzinfo=None)
    assert second - first == HOUR
    assert NEW_YORK.date_of(first) == NEW_YORK.date_of(second) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("key", "day", "start"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3)),  # no midnight: 00:00 became 01:00
        ("America/Sao_Paulo", date(2018, 2, 18), utc(2018, 2, 18, 3)),  # 24:00 became 23:00 of the day before
        ("Africa/Cairo", date(2023, 4, 28), utc(2023, 4, 27, 22)),
        ("America/Havana", date(2025, 11, 2), utc(2025, 11, 2, 4)),  # midnight comes twice: the first
        ("Asia/Pyongyang", date(2018, 5, 5), utc(2018, 5, 4, 15)),  # 23:30 became 00:00
    ],
)
def test_a_day_begins_at_its_first_moment_even_without_a_midnight_or_with_two(
    key: str, day: date, start: Instant
) -> None:
    assert zone(key).start_of(day) == start
    assert zone(key).date_of(start) == day
    assert zone(key).date_of(Instant(start - TICK)) == day - DAY


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    apia = zone("Pacific/Apia")
    assert apia.start_of(date(2011, 12, 30)) == apia.end_of(date(2011, 12, 30)) == utc(2011, 12, 30, 10)


ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "America/Anchorage", "America/Argentina/Buenos_Aires",
    "America/Bogota", "America/Caracas", "America/Chicago", "America/Denver", "America/Halifax",
    "America/Havana", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Noronha",
    "America/Nuuk", "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns",
    "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Dhaka", "Asia/Gaza", "Asia/Kathmandu",
    "Asia/Kolkata", "Asia/Pyongyang", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores", "Australia/Adelaide",
    "Australia/Lord_Howe", "Europe/Dublin", "Europe/London", "Europe/Moscow", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Honolulu", "Pacific/Kiritimati", "UTC",
]  # fmt: skip


@pytest.mark.parametrize("key", ZONES)
def test_days_follow_each_other_without_gap_or_overlap(key: str) -> None:
    where, day = zone(key), date(2015, 1, 1)
    while day < date(2030, 1, 1):
        start = where.start_of(day)
        assert where.date_of(start) == day
        assert where.date_of(Instant(start - TICK)) == day - DAY
        day += DAY


def test_forty_zones_are_looked_at() -> None:
    assert len(set(ZONES)) >= 40


def test_a_zone_forgets_day_starts_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span, "_DAYS_KEPT", 3)
    where = Zone("America/New_York")
    starts = [where.start_of(date(2026, 6, 1) + place * DAY) for place in range(50)]
    assert len(where._days) <= 4
    assert starts == [NEW_YORK.start_of(date(2026, 6, 1) + place * DAY) for place in range(50)]


# -- months --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count", "earlier", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28), date(2026, 3, 1)),
        (date(2024, 1, 31), 1, date(2024, 2, 29), date(2024, 3, 1)),
        (date(2024, 1, 29), 1, date(2024, 2, 29), date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28), date(2025, 3, 1)),
        (date(2024, 2, 29), 48, date(2028, 2, 29), date(2028, 2, 29)),
        (date(2008, 2, 29), 216, date(2026, 2, 28), date(2026, 3, 1)),
        (date(2026, 8, 31), 1, date(2026, 9, 30), date(2026, 10, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30), date(2026, 12, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28), date(2027, 3, 1)),
        (date(2026, 12, 1), 12, date(2027, 12, 1), date(2027, 12, 1)),
        (date(2026, 5, 31), 0, date(2026, 5, 31), date(2026, 5, 31)),
        (date(2100, 1, 29), 1, date(2100, 2, 28), date(2100, 3, 1)),
    ],
)
def test_a_month_later_is_the_same_day_number_or_the_safer_neighbour(
    day: date, count: int, earlier: date, later: date
) -> None:
    assert months_after(day, count, when_absent="earlier") == earlier
    assert months_after(day, count, when_absent="later") == later


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(0, 999))
def test_what_expires_ends_no_later_than_what_is_waited_for(day: date, count: int) -> None:
    earlier, later = (months_after(day, count, when_absent=which) for which in ("earlier", "later"))
    assert later - earlier in (timedelta(0), DAY)
    assert (earlier.year * 12 + earlier.month) - (day.year * 12 + day.month) == count


# -- spans ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start_day", "included", "last"),
    [(0, True, 22), (0, False, 21), (1, True, 21), (1, False, 20)],
)
def test_seven_days_say_whether_the_first_and_the_last_belong(start_day: int, included: bool, last: int) -> None:
    days = Days(7, start_day, included)
    assert days.last_day(date(2026, 6, 15)) == date(2026, 6, last)
    for hour in (4, 16, 27):  # the first, a middle and the last hour of the civil day
        start = Instant(utc(2026, 6, 15) + hour * HOUR)
        assert days.end(start, NEW_YORK) == utc(2026, 6, last + 1, 4)


def test_one_calendar_day_and_24_hours_differ_when_clocks_change() -> None:
    evening = utc(2026, 3, 8, 0)  # Saturday, seven in the evening; that night an hour is skipped
    assert Days(1, 0, last_included=True).end(evening, NEW_YORK) == utc(2026, 3, 9, 4)
    assert Elapsed(24 * HOUR, last_included=True).end(evening, NEW_YORK) == Instant(utc(2026, 3, 9, 0) + TICK)
    autumn = utc(2026, 11, 1, 0)
    assert Days(1, 0, last_included=True).end(autumn, NEW_YORK) == utc(2026, 11, 2, 5)
    assert Elapsed(24 * HOUR, last_included=False).end(autumn, NEW_YORK) == utc(2026, 11, 2, 0)


def test_seven_days_across_a_change_of_clocks_are_an_hour_less_or_more() -> None:
    week = Days(7, 0, last_included=False)
    assert week.end(NEW_YORK.start_of(date(2026, 3, 5)), NEW_YORK) - NEW_YORK.start_of(date(2026, 3, 5)) == 167 * HOUR
    assert week.end(NEW_YORK.start_of(date(2026, 10, 30)), NEW_YORK) == utc(2026, 11, 6, 5)


def test_a_months_span_ends_with_its_last_day() -> None:
    start = utc(2026, 1, 31, 17)
    assert Months(1, last_included=True).end(start, NEW_YORK) == utc(2026, 3, 1, 5)
    assert Months(1, last_included=False).end(start, NEW_YORK) == utc(2026, 2, 28, 5)
    assert Months(1, last_included=False).last_day(date(2026, 1, 31)) == date(2026, 2, 27)


# -- reading -------------------------------------------------------------------------------------------------------


def test_spans_are_read_as_written() -> None:
    whole = {"span": "P7D", "start_day": "day 0", "last_day": "included"}
    assert read_span(whole, "x") == Days(7, 0, last_included=True)
    assert read_span(whole | {"start_day": "day 1", "last_day": "excluded"}, "x") == Days(7, 1, last_included=False)
    assert read_span({"span": "P6M", "last_day": "included"}, "x") == Months(6, last_included=True)
    assert read_span({"span": "PT24H", "last_moment": "excluded"}, "x") == Elapsed(24 * HOUR, last_included=False)
    assert (read_days("P0D", "x"), read_days("P28D", "x"), read_months("P24M", "x")) == (0, 28, 24)


HUGE = 16**5000
BAD_WORDS = ["", "7", 7, HUGE, True, None, [], "P7", "PD", "-P7D", "p7d", "P 7D", "P7D ", "P7D\n", "P٧D", "P12345D",
             "P1.5D", "P1W", "P1Y", "PT30M", "PT7D", "P1DT2H", "P7H"]  # fmt: skip


@pytest.mark.parametrize("text", [*BAD_WORDS, "P1M", "PT24H"], ids=lambda text: "")
def test_what_is_not_a_number_of_days_is_refused(text: object) -> None:
    with pytest.raises(DomainError) as error:
        read_days(text, "r.0.lead_in")
    assert (error.value.code, error.value.field) == ("SPAN_UNREADABLE", "r.0.lead_in")


@pytest.mark.parametrize("text", [*BAD_WORDS, "P7D", "PT24H"], ids=lambda text: "")
def test_what_is_not_a_number_of_months_is_refused(text: object) -> None:
    with pytest.raises(DomainError) as error:
        read_months(text, "r.0.lapses")
    assert (error.value.code, error.value.field) == ("SPAN_UNREADABLE", "r.0.lapses")


WEEK = {"span": "P7D", "start_day": "day 0", "last_day": "included"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("P7D", "P7D"),
        (None, ""),
        ([WEEK], "[{'span'"),
        ({}, ""),
        *((WEEK | {"span": word}, "") for word in BAD_WORDS),
        ({"span": "P7D", "last_day": "included"}, "['last_day', 'span']"),
        (WEEK | {"more": 1}, "['last_day', 'more', 'span', 'start_day']"),
        (WEEK | {"span": "P1M"}, "['last_day', 'span', 'start_day']"),
        (WEEK | {"span": "PT24H"}, "['last_day', 'span', 'start_day']"),
        ({"span": "PT24H", "last_day": "included"}, "['last_day', 'span']"),
        ({"span": "P1M", "last_moment": "included"}, "['last_moment', 'span']"),
        (WEEK | {"last_day": "in"}, "{'span': 'P7D'"),
        (WEEK | {"last_day": True}, "{'span': 'P7D'"),
        (WEEK | {"last_day": HUGE}, "a value too large to show"),
        ({"span": "PT24H", "last_moment": 1}, "{'span': 'PT24H'"),
        (WEEK | {"start_day": "day 2"}, "day 2"),
        (WEEK | {"start_day": 0}, "0"),
        (WEEK | {"start_day": HUGE}, "a number of more than 20 digits"),
    ],
    ids=lambda value: "",
)
def test_what_is_not_a_span_is_refused(value: object, shown: str) -> None:
    with pytest.raises(DomainError) as error:
        read_span(value, "r.0.lasts")
    assert (error.value.code, error.value.field) == ("SPAN_UNREADABLE", "r.0.lasts")
    assert error.value.value.startswith(shown)
