"""So that an entry says only codes and tokens, in one spelling, and hides the rest for good."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger import canonical, entry, verify
from compliance.ledger.errors import LedgerError
from tests.ledger.logs import ORIGIN, leaf, pending, time_of

T = "2026-02-28T23:59:59.999Z"


def refused(call: object, *arguments: object, **members: object) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*arguments, **members)  # type: ignore[operator]
    assert caught.value.code == "bad_entry"
    return caught.value.message


def test_a_sealed_entry_is_the_canonical_form_of_everything_it_says() -> None:
    body = entry.parse_leaf(entry.seal(pending(7), 7, T))
    assert body == {
        "v": 1,
        "log": ORIGIN,
        "idx": 7,
        "t": T,
        "type": "dispense.decision",
        "txn": "tx7",
        "actor": "u_7f3a",
        "site": "ph_000123",
        "outcome": "denied",
        "reasons": ["TEST_MISSING", "SURVEY_DUE"],
        "policy": {"id": "us/lenalidomide", "ver": "2026-01-01", "sha256": "ab" * 32},
        "refs": {"authorization": "AAAA-BBBB", "supply": 28, "voided": ["a1", "a2"]},
        "sd": sorted(entry.commitment(bytes([n]) * 32, "test.result", "negative") for n in range(2)),
    }


def test_the_least_an_entry_can_say() -> None:
    body = entry.pending_body(
        log=ORIGIN, entry_type="clock.status", txn="t1", actor="system", site="none", refs={"offset_ms": -3}
    )
    assert entry.seal(body, 0, T) == (
        b'{"actor":"system","idx":0,"log":"gate.example/log/1","refs":{"offset_ms":-3},"sd":[],"site":"none",'
        b'"t":"2026-02-28T23:59:59.999Z","txn":"t1","type":"clock.status","v":1}'
    )


def test_splicing_gives_the_same_bytes_as_encoding_everything() -> None:
    # Members named like the cut points stand inside, to lead the splice astray.
    body = pending(1, refs={"log": "x", "txn": "y", "idx": 5, "t": "z"}, actor="log")
    whole = json.loads(body) | {"idx": 2**53 - 1, "t": T}
    assert entry.seal(body, 2**53 - 1, T) == canonical.encode(whole)


_tokens = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,12}", fullmatch=True)
_refs = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True),
    _tokens | st.integers(-(10**15) + 1, 10**15 - 1) | st.lists(_tokens, min_size=1, max_size=3),
    max_size=4,
)


@given(
    idx=st.integers(0, 2**53 - 1),
    txn=_tokens,
    refs=_refs,
    entry_type=st.sampled_from(sorted(entry.TYPES)),
    reasons=st.lists(st.from_regex(r"[A-Z0-9_]{1,9}", fullmatch=True), max_size=4),
    salts=st.sets(st.binary(min_size=32, max_size=32), max_size=4),
)
def test_everything_that_can_be_built_reads_back_and_satisfies_the_verifier(
    *, idx: int, txn: str, refs: dict[str, Any], entry_type: str, reasons: list[str], salts: set[bytes]
) -> None:
    sealed_fields = [entry.commitment(salt, "a", 1) for salt in salts]
    body = pending(0, txn=txn, refs=refs, entry_type=entry_type, reasons=reasons, sd=sealed_fields)
    sealed = entry.seal(body, idx, T)
    assert entry.parse_leaf(sealed) == entry.parse_pending(body) | {"idx": idx, "t": T}
    assert canonical.encode(json.loads(sealed)) == sealed
    assert verify.read_leaf(sealed) is not None


_BITS = [
    "null",
    "1.0",
    "-0",
    "{}",
    "[]",
    '""',
    "true",
    "é",
    '"idx":7',
    '"v":2',
    "\\u0041",
    "9" * 16,
    '"refs":{},',
]


@given(st.data())
def test_the_verifier_and_the_writer_agree_about_every_damaged_entry(data: st.DataObject) -> None:
    text = leaf(7).decode()
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    put = data.draw(st.sampled_from(_BITS) | st.text(max_size=2) | st.just(""))
    damaged = (text[:start] + put + text[end:]).encode("utf-8", "surrogatepass")
    try:
        entry.parse_leaf(damaged)
        accepted = True
    except LedgerError:
        accepted = False
    assert (verify.read_leaf(damaged) is not None) is accepted


WRONG: list[tuple[str, object]] = [
    ("v", 2),
    ("v", True),
    ("v", "1"),
    ("log", "a b"),
    ("log", ""),
    ("type", "gate.override"),
    ("type", ["auth.success"]),
    ("txn", ""),
    ("txn", "a b"),
    ("txn", "x" * 129),
    ("actor", "jane@clinic.example"),
    ("actor", "Jane Doe"),
    ("actor", 7),
    ("site", "_x"),
    ("outcome", "Denied"),
    ("outcome", ""),
    ("reasons", []),
    ("reasons", ["test positive"]),
    ("reasons", "TEST"),
    ("reasons", ["A"] * 257),
    ("policy", {}),
    ("policy", "us"),
    ("policy", {"id": "us", "ver": "1", "sha256": "AB" * 32}),
    ("policy", {"id": "us", "ver": "1 2", "sha256": "ab" * 32}),
    ("policy", {"id": "", "ver": "1", "sha256": "ab" * 32}),
    ("policy", {"id": "us", "ver": "1", "sha256": "ab" * 32, "note": "x"}),
    ("refs", {}),
    ("refs", []),
    ("refs", {"name": "Jane Doe"}),
    ("refs", {"born.at": "x"}),
    ("refs", {"n": 10**15}),
    ("refs", {"n": True}),
    ("refs", {"n": []}),
    ("refs", {"n": ["a b"]}),
    ("refs", {"n": {"deep": "x"}}),
    ("refs", {f"n{n}": n for n in range(257)}),
    ("sd", "x"),
    ("sd", ["x" * 43]),
    ("sd", ["A" * 43, "A" * 43]),
    ("sd", ["B" * 42 + "A", "A" * 43]),
    ("sd", ["A" * 42 + "B"]),
    ("idx", -1),
    ("idx", "0"),
    ("idx", False),
    ("t", "2026-02-29T00:00:00.000Z"),
    ("t", "2026-02-28T24:00:00.000Z"),
    ("t", "2026-02-28T23:59:60.000Z"),
    ("t", "2026-02-28T23:59:59Z"),
    ("t", "0000-01-01T00:00:00.000Z"),
    ("t", 0),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_member_of_another_form_is_refused(name: str, value: object) -> None:
    damaged = canonical.encode(json.loads(leaf(7)) | {name: value})
    assert refused(entry.parse_leaf, damaged) == f"the member {name!r} does not have the form it must have"
    assert verify.read_leaf(damaged) is None


@pytest.mark.parametrize("name", ["v", "log", "idx", "t", "type", "txn", "actor", "site", "sd"])
def test_no_required_member_may_be_missing(name: str) -> None:
    body = json.loads(leaf(7))
    del body[name]
    assert refused(entry.parse_leaf, canonical.encode(body)) == f"the member {name!r} is missing"


def test_an_unknown_member_is_refused() -> None:
    body = json.loads(leaf(7)) | {"name": "x"}
    assert refused(entry.parse_leaf, canonical.encode(body)) == "the member 'name' is unknown"
    assert refused(entry.parse_pending, leaf(7)).endswith("is unknown")


def test_builder_arguments_are_not_dropped_when_they_are_wrong() -> None:
    assert "outcome" in refused(pending, 0, outcome="")
    assert "policy" in refused(pending, 0, policy={})
    assert "sd" in refused(pending, 0, sd=["A" * 43, "A" * 43])
    assert "type" in refused(pending, 0, entry_type="gate.override")


def test_absent_members_stay_absent() -> None:
    body = entry.parse_pending(pending(0, outcome=None, reasons=[], policy=None, refs={}, sd=[]))
    assert sorted(body) == ["actor", "log", "sd", "site", "txn", "type", "v"]


def test_an_entry_that_would_not_fit_once_sealed_is_refused_at_once() -> None:
    room = canonical.MAX_BYTES - 64 - len(pending(0, reasons=["A" * 64]))
    codes = ["A" * 64] * (1 + room // 67)
    assert len(entry.seal(pending(0, reasons=codes), 2**53 - 1, T)) <= canonical.MAX_BYTES
    assert refused(pending, 0, reasons=[*codes, "A" * 64]).endswith("the limit is 16320")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"actor":"u","log":"x"}', leaf(7)])
def test_only_a_pending_entry_can_be_sealed(body: bytes) -> None:
    assert refused(entry.seal, body, 7, T) == "the bytes are not a pending entry"


@pytest.mark.parametrize("idx", [-1, 2**53])
def test_an_index_out_of_range_is_not_sealed(idx: int) -> None:
    assert refused(entry.seal, pending(0), idx, T) == f"{idx} is not an index"


@pytest.mark.parametrize("t", ["", "2026-02-30T00:00:00.000Z", "2026-02-28T00:00:00.000+00:00", T + "\n"])
def test_a_time_of_another_form_is_not_sealed(t: str) -> None:
    assert refused(entry.seal, pending(0), 0, t).endswith("is not a time of the form YYYY-MM-DDThh:mm:ss.mmmZ")


def test_sealing_takes_the_given_time() -> None:
    assert entry.parse_leaf(leaf(61))["t"] == time_of(61) == "2026-03-01T00:01:01.061Z"


def test_a_commitment_is_the_hash_it_says() -> None:
    salt = bytes(range(32))
    expected = hashlib.sha256(b"kelsey/sd/1\x00" + salt + b'["test.result","negative"]').digest()
    assert base64.urlsafe_b64decode(entry.commitment(salt, "test.result", "negative") + "=") == expected


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_salt_path_and_value_all_count(salt: bytes, other: bytes, one: int, two: int) -> None:
    first = entry.commitment(salt, "a", one)
    assert (first == entry.commitment(salt, "a", two)) is (one == two)
    assert (first == entry.commitment(other, "a", one)) is (salt == other)
    assert first != entry.commitment(salt, "b", one)


def test_a_short_salt_or_an_odd_path_is_refused() -> None:
    assert refused(entry.commitment, b"x" * 31, "a", 1) == "a salt has 32 bytes, not 31"
    assert refused(entry.commitment, b"x" * 32, "A", 1).startswith("the path 'A' does not match")


def test_the_verifier_knows_the_same_types() -> None:
    assert sorted(verify.TYPES) == sorted(entry.TYPES)
