"""One strict reading of JSON: what other readers let through, each refused with its place."""

from decimal import Decimal
from typing import Any

import pytest

from compliance.strict_json import JsonError, load, pointer_to


def refusal(data: bytes, **how: Any) -> tuple[str, str]:
    with pytest.raises(JsonError) as caught:
        load(data, **how)
    assert str(caught.value) == f"{caught.value.pointer or 'the document'}: {caught.value.message}"
    return caught.value.code, caught.value.pointer


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"null", None),
        (b' {"a": [1, -2, true, "\\u00e4\xc3\xa4"]}\r\n', {"a": [1, -2, True, "ää"]}),
        (b"999999999999999", 999_999_999_999_999),
        (b"-999999999999999", -999_999_999_999_999),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'{"": {"a": 1}, "b": {"a": 1}}', {"": {"a": 1}, "b": {"a": 1}}),
        (b"[" * 16 + b"]" * 16, [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
    ],
)
def test_json_is_read_as_it_stands(data: bytes, value: Any) -> None:
    assert load(data) == value


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (b"", "JSON_EMPTY", ""),
        (b"\t\r\n ", "JSON_EMPTY", ""),
        (b'{"a": 1, "a": 1}', "JSON_NAME_TWICE", "/a"),
        (b'[{"a/b": {"c~d": 1, "c~d": 2}}]', "JSON_NAME_TWICE", "/0/a~1b/c~0d"),
        (b'{"\\u0061": 1, "a": 2}', "JSON_NAME_TWICE", "/a"),
        (b"NaN", "JSON_NOT_A_NUMBER", ""),
        (b'{"a": [0, -Infinity]}', "JSON_NOT_A_NUMBER", "/a/1"),
        (b"0.5", "JSON_FRACTION", ""),
        (b"[1E2]", "JSON_FRACTION", "/0"),
        (b"1000000000000000", "JSON_NUMBER_TOO_LARGE", ""),
        (b"-1000000000000000", "JSON_NUMBER_TOO_LARGE", ""),
        (b"[" + b"7" * 5_000 + b"]", "JSON_NUMBER_TOO_LARGE", "/0"),
        (b"[" * 100_000, "JSON_TOO_DEEP", ""),
        (b"[" * 17 + b"]" * 17, "JSON_TOO_DEEP", "/0" * 16),
        (b'["\\ud800"]', "JSON_NOT_UNICODE", "/0"),
        (b'{"a": {"\\udfff": 1}}', "JSON_NOT_UNICODE", "/a"),
        (b"\xef\xbb\xbf1", "JSON_BYTE_ORDER_MARK", ""),
        ("{}".encode("utf-16"), "JSON_BYTE_ORDER_MARK", ""),
        (b"\xfe\xff\x00{\x00}", "JSON_BYTE_ORDER_MARK", ""),
        ('"ä"'.encode("latin-1"), "JSON_NOT_UTF8", ""),
        (b'"\xed\xa0\x80"', "JSON_NOT_UTF8", ""),
        (b'"\x00"', "JSON_MALFORMED", ""),
        (b'{"a": 1,}', "JSON_MALFORMED", ""),
        (b"{} {}", "JSON_MALFORMED", ""),
        (b"\xc2\xa0", "JSON_MALFORMED", ""),
        (b"01", "JSON_MALFORMED", ""),
    ],
)
def test_what_other_readers_let_through_is_refused(data: bytes, code: str, pointer: str) -> None:
    assert refusal(data) == (code, pointer)


def test_the_first_fault_in_the_documents_order_is_named() -> None:
    assert refusal(b'{"a": [NaN, 0.5], "b": 1, "b": 2}') == ("JSON_NOT_A_NUMBER", "/a/0")


def test_size_and_depth_are_bounded_to_the_byte_and_the_level() -> None:
    assert load(b'"1234"', max_bytes=6) == "1234"
    assert refusal(b'"12345"', max_bytes=6) == ("JSON_TOO_LARGE", "")
    assert load(b'[{"a": 1}]', max_depth=2) == [{"a": 1}]
    assert refusal(b'[{"a": []}]', max_depth=2) == ("JSON_TOO_DEEP", "/0/a")


def test_fractions_are_exact_where_they_are_asked_for() -> None:
    assert load(b"[0.1, 1e2]", decimals=True) == [Decimal("0.1"), Decimal(100)]
    assert refusal(b"[0." + b"1" * 50 + b"]", decimals=True) == ("JSON_FRACTION", "/0")


def test_the_message_names_the_place_of_a_slip_of_the_pen() -> None:
    with pytest.raises(JsonError, match=r"^the document: not JSON at line 2 column 1: "):
        load(b'{"a": 1\n"b": 2}')


def test_a_pointer_escapes_its_steps_and_cuts_them() -> None:
    assert pointer_to("a/b", 0, "~1", "x" * 50) == "/a~1b/0/~01/" + "x" * 40
    assert pointer_to() == ""
