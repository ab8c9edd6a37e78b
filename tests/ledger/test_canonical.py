"""So that one value never gets two spellings, and no spelling two values."""

import json
import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger import canonical
from compliance.ledger.errors import LedgerError

_keys = st.from_regex(r"[a-z][a-z0-9_.]{0,8}", fullmatch=True)
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r"), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
_scalars = st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _texts
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)
_objects = st.dictionaries(_keys, _values, max_size=5)


def decoded(data: bytes) -> dict[str, object] | None:
    """Read bytes or refuse them; any other exception fails the test that asked."""
    try:
        return canonical.decode(data)
    except LedgerError:
        return None


@given(_objects)
def test_every_value_of_the_profile_survives_the_round_trip(value: dict[str, object]) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_or_are_the_one_spelling(data: bytes) -> None:
    value = decoded(data)
    assert value is None or canonical.encode(value) == data


@given(_objects, st.data())
def test_a_changed_byte_never_yields_the_same_value(value: dict[str, object], data: st.DataObject) -> None:
    spelling = bytearray(canonical.encode(value))
    at = data.draw(st.integers(0, len(spelling) - 1))
    spelling[at] ^= data.draw(st.integers(1, 255))
    assert decoded(bytes(spelling)) != value


def test_members_are_sorted_and_nothing_is_escaped_without_need() -> None:
    value = {"b": [True, False, -5], "a": "é\n\U0001f600", "a.b": (1, 2)}
    assert canonical.encode(value) == '{"a":"é\\n\U0001f600","a.b":[1,2],"b":[true,false,-5]}'.encode()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "a value of type float has no canonical form"),
        (None, "a value of type NoneType has no canonical form"),
        (b"x", "a value of type bytes has no canonical form"),
        (2**53, "an integer lies outside the safe range of 53 bits"),
        (-(2**53), "an integer lies outside the safe range of 53 bits"),
        ({"A": 1}, "the member name 'A' does not match [a-z][a-z0-9_.]*"),
        ({"": 1}, "the member name '' does not match [a-z][a-z0-9_.]*"),
        ({"a\n": 1}, "the member name 'a\\n' does not match [a-z][a-z0-9_.]*"),
        ({1: 1}, "the member name 1 does not match [a-z][a-z0-9_.]*"),
        ("\ud800", "a string holds half of a surrogate pair"),
        ("e\u0301", "a string is not in Unicode normalization form C"),
        ("a\x00", "a string holds a control character"),
        ("\x7f", "a string holds a control character"),
        ("é\x85", "a string holds a control character"),
        ("x" * 16383, "the value takes 16385 bytes; the limit is 16384"),
    ],
)
def test_what_encoders_disagree_about_is_refused(value: object, message: str) -> None:
    with pytest.raises(LedgerError) as caught:
        canonical.encode(value)
    assert (caught.value.code, caught.value.message) == ("not_canonical", message)


def test_sixteen_levels_are_the_most() -> None:
    value: object = 1
    for _ in range(15):
        value = [value]
    assert canonical.encode(value) == b"[" * 15 + b"1" + b"]" * 15
    with pytest.raises(LedgerError, match="deeper than 16 levels"):
        canonical.encode([value])


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(LedgerError, match="deeper than 16 levels"):
        canonical.encode(value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a":1,"a":1}', "an object names the same member twice"),
        (b'{"a":{"b":1,"b":2}}', "an object names the same member twice"),
        (b'{"b":1,"a":1}', "the bytes are not in canonical form"),
        (b'{"a": 1}', "the bytes are not in canonical form"),
        (b'{"a":1}\n', "the bytes are not in canonical form"),
        (b'{"a":"\\u0041"}', "the bytes are not in canonical form"),
        (b'{"a":"\\/"}', "the bytes are not in canonical form"),
        (b'{"a":-0}', "the bytes are not in canonical form"),
        (b'{"a":1.0}', "a number is not an integer"),
        (b'{"a":1e3}', "a number is not an integer"),
        (b'{"a":NaN}', "a number is not an integer"),
        (b'{"a":null}', "a value of type NoneType has no canonical form"),
        (b'{"a":' + b"9" * 5000 + b"}", "an integer lies outside the safe range of 53 bits"),
        (b'{"a":9007199254740992}', "an integer lies outside the safe range of 53 bits"),
        (b'{"a":"\\ud800"}', "a string holds half of a surrogate pair"),
        (b"[" * 16000, "the bytes are not JSON in UTF-8 (RecursionError)"),
        (b"[" * 8000 + b"]" * 8000, "the bytes are not JSON in UTF-8 (RecursionError)"),
        (b"\xff", "the bytes are not JSON in UTF-8 (UnicodeDecodeError)"),
        (b'\xef\xbb\xbf{"a":1}', "the bytes are not JSON in UTF-8 (JSONDecodeError)"),
        (b"", "the bytes are not JSON in UTF-8 (JSONDecodeError)"),
        (b"[1]", "the outermost value must be an object"),
        (b" " * 16385, "16385 bytes were given; the limit is 16384"),
    ],
)
def test_every_other_spelling_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(LedgerError) as caught:
        canonical.decode(data)
    assert (caught.value.code, caught.value.message) == ("not_canonical", message)


def test_the_largest_integers_are_kept_exactly() -> None:
    value = {"a": 2**53 - 1, "b": -(2**53) + 1}
    assert canonical.encode(value) == b'{"a":9007199254740991,"b":-9007199254740991}'
    assert canonical.decode(canonical.encode(value)) == json.loads(canonical.encode(value))


def test_an_error_keeps_its_code_between_processes() -> None:
    copy = pickle.loads(pickle.dumps(LedgerError("bad_entry", "no")))
    assert (copy.code, copy.message, str(copy)) == ("bad_entry", "no", "no")
