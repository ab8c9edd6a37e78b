"""The one refusal names field and value, and is safe to show, whatever was given."""

from datetime import UTC, date, datetime

import pytest

from compliance.domain.errors import DomainError


def test_a_refusal_says_where_what_was_given_and_what_to_do() -> None:
    error = DomainError("BAD", "give less", field="fact.at", value="more")
    assert (error.code, error.field, error.value, error.message) == ("BAD", "fact.at", "more", "give less")
    assert str(error) == error.sentence() == "fact.at: give less (given: more)"
    assert isinstance(error, ValueError)


def test_what_is_not_known_is_left_out_of_the_sentence() -> None:
    assert str(DomainError("BAD", "give less")) == "give less"
    assert str(DomainError("BAD", "give less", value="")) == "give less"
    assert str(DomainError("BAD", "give less", field="a")) == "a: give less"


def test_an_outer_reader_puts_its_own_path_in_front() -> None:
    inner = DomainError("BAD", "give less", field="at", value="more")
    outer = inner.under("facts.rx")
    assert (outer.code, outer.field, outer.value) == ("BAD", "facts.rx.at", "more")
    assert str(outer) == "facts.rx.at: give less (given: more)"
    assert str(inner) == "at: give less (given: more)"
    assert DomainError("BAD", "give less").under("time_zone").field == "time_zone"


_DEEP: list[object] = []
for _ in range(100_000):
    _DEEP = [_DEEP]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (7, "7"),
        (-7, "-7"),
        (True, "True"),
        (2.5, "2.5"),
        (["a"], "['a']"),
        (b"\xff", "b'\\xff'"),
        (date(2026, 3, 7), "2026-03-07"),
        (datetime(2026, 3, 7, 1, tzinfo=UTC), "2026-03-07T01:00:00+00:00"),
        (2**80 - 1, "1208925819614629174706175"),
        (2**80, "a number of more than 20 digits"),
        (-(16**5000), "a number of more than 20 digits"),
        ([16**5000], "a value too large to show"),
        (_DEEP, "a value too large to show"),
        ("a\u0000b\ud800c\u202ed\n", "a?b?c?d?"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "..."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_shown_short_and_printable(value: object, shown: str) -> None:
    error = DomainError("BAD", "give less", value=value)
    assert error.value == shown
    assert shown in str(error)
    assert str(error).encode()


def test_a_field_is_shown_printable() -> None:
    assert str(DomainError("BAD", "no such member", field="fact.\u001b[31m\ud800")) == "fact.?[31m?: no such member"
