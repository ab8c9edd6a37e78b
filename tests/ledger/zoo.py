"""So that every way of tampering with a bundle has a name, an expected verdict and an expected place.

Two kinds: outsiders change bytes but cannot sign; insiders hold the log's key and sign whatever they like.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from compliance.ledger import merkle, verify
from tests.ledger.logs import (
    ORIGIN,
    SIGNER,
    STRANGER,
    bundle_from,
    bundle_of,
    checkpoint_of,
    leaf,
    leaves,
    members_of,
    note_of,
    zip_of,
)

SIZE = 300
ENTRIES = "tile/entries/000"
NEWEST = "tile/entries/001.p/44"
TILE = "tile/0/000"
UPPER = "tile/1/000.p/1"
OLD_NOTE = note_of(leaves(200))

AUTHENTIC, INTACT, CONTIGUOUS, WELL_FORMED, APPEND_ONLY = verify.VERDICTS

Members = dict[str, bytes]


@dataclass(frozen=True)
class Animal:
    """One tampered bundle and what must be said about it."""

    name: str
    data: bytes
    failing: frozenset[str]
    index: int | None = None
    previous: str | None = None


def outsiders() -> Iterator[Animal]:
    """Name what somebody without the key can do to a finished bundle."""
    for name, change, failing, index in OUTSIDE:
        members = dict(members_of(bundle_of(SIZE)))
        change(members)
        yield Animal(name, zip_of(members), frozenset(failing), index)


def _edit(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        assert members[name].count(old) == 1
        members[name] = members[name].replace(old, new)

    return change


def _put(name: str, data: bytes) -> Callable[[Members], None]:
    return lambda members: members.update({name: data})


def _drop(*names: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        for name in names:
            del members[name]

    return change


def _move(old: str, new: str) -> Callable[[Members], None]:
    return lambda members: members.update({new: members.pop(old)})


def _reorder(members: Members) -> None:
    first, second = (len(item).to_bytes(2, "big") + item for item in leaves(SIZE)[:2])
    members[ENTRIES] = second + first + members[ENTRIES][len(first) + len(second) :]


def _delete_entry(members: Members) -> None:
    gone = len(leaves(SIZE)[290]).to_bytes(2, "big") + leaves(SIZE)[290]
    members[NEWEST] = members[NEWEST].replace(gone, b"")


def _edit_with_hash(members: Members) -> None:
    old, new = leaves(SIZE)[5], leaves(SIZE)[5].replace(b'"denied"', b'"agreed"')
    members[ENTRIES] = members[ENTRIES].replace(old, new)
    members[TILE] = members[TILE].replace(merkle.leaf_hash(old), merkle.leaf_hash(new))


def _edit_with_all_hashes(members: Members) -> None:
    _edit_with_hash(members)
    hashes = [members[TILE][at : at + 32] for at in range(0, 8192, 32)]
    members[UPPER] = merkle.root_of(hashes)


def _rewrite(members: Members, *, vkey: bool) -> None:
    forged = [item.replace(b'"denied"', b'"agreed"') for item in leaves(SIZE)]
    copy = members_of(bundle_from(forged))
    members.update(copy)
    members["checkpoint"] = note_of(forged, STRANGER).encode()
    if vkey:
        members["log.vkey"] = f"{STRANGER.vkey}\n".encode()


def _truncate_to(size: int) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        note = members["checkpoint"]
        members.clear()
        members.update(members_of(bundle_of(size)))
        members["checkpoint"] = note

    return change


_GOOD_NOTE = note_of(leaves(SIZE))
_TEXT = checkpoint_of(leaves(SIZE)).to_text()

OUTSIDE: Sequence[tuple[str, Callable[[Members], None], Sequence[str], int | None]] = [
    ("an entry edited", _edit(ENTRIES, b'"tx7"', b'"tx!"'), (INTACT, CONTIGUOUS, WELL_FORMED), 7),
    ("an outcome flipped, well formed", _edit_with_hash, (INTACT,), None),
    ("an outcome flipped and every hash above it", _edit_with_all_hashes, (INTACT,), None),
    ("two entries exchanged", _reorder, (INTACT, CONTIGUOUS), 0),
    ("an entry cut out of the middle", _delete_entry, (INTACT, CONTIGUOUS), 290),
    ("the newest entries dropped", _drop(NEWEST, "tile/0/001.p/44"), (INTACT,), 256),
    ("the newest entries dropped, tiles rebuilt", _truncate_to(256), (INTACT,), 256),
    ("all entries dropped", _drop(ENTRIES, NEWEST, TILE, "tile/0/001.p/44", UPPER), (INTACT,), 0),
    ("the first entries dropped", _drop(ENTRIES), (INTACT,), 0),
    ("the log cut back under the newer checkpoint", _truncate_to(100), (INTACT,), 0),
    ("the last byte cut off", lambda m: m.update({NEWEST: m[NEWEST][:-1]}), (INTACT,), 299),
    ("a byte appended", lambda m: m.update({NEWEST: m[NEWEST] + b"\x00"}), (INTACT,), 299),
    ("an entry appended", lambda m: m.update({NEWEST: m[NEWEST] + b"\x00\x01x"}), (INTACT,), 299),
    ("an empty entry bundle", _put(NEWEST, b""), (INTACT,), 256),
    ("a lone length byte", _put(NEWEST, b"\x00"), (INTACT,), 256),
    ("a huge length", _put(NEWEST, b"\xff\xffx"), (INTACT,), 256),
    ("a partial bundle called full", _move(NEWEST, "tile/entries/001"), (INTACT,), 256),
    ("entry bundles under each other's numbers", _move(ENTRIES, "tile/entries/002"), (INTACT,), 0),
    ("a hash tile missing", _drop(TILE), (INTACT,), 0),
    ("a hash tile cut", lambda m: m.update({TILE: m[TILE][:-32]}), (INTACT,), 0),
    ("a hash in a tile changed", lambda m: m.update({TILE: m[TILE][:-1] + b"\x00"}), (INTACT,), 255),
    ("the upper tile missing", _drop(UPPER), (INTACT,), None),
    ("the upper tile changed", _put(UPPER, bytes(32)), (INTACT,), None),
    ("the upper tile too long", lambda m: m.update({UPPER: m[UPPER] * 2}), (INTACT,), None),
    ("a tile too many", _put("tile/0/002.p/1", bytes(32)), (INTACT,), None),
    ("a level too many", _put("tile/2/000.p/1", bytes(32)), (INTACT,), None),
    ("an entry bundle too many", _put("tile/entries/002.p/1", b"\x00\x01x"), (INTACT,), None),
    ("a partial copy of a full tile", lambda m: m.update({"tile/0/000.p/9": m[TILE][:288]}), (INTACT,), None),
    ("no checkpoint", _drop("checkpoint"), (AUTHENTIC,), None),
    ("an empty checkpoint", _put("checkpoint", b""), (AUTHENTIC,), None),
    ("a checkpoint that is not text", _put("checkpoint", b"\xff\xfe"), (AUTHENTIC,), None),
    ("the signature stripped", _put("checkpoint", _TEXT.encode()), (AUTHENTIC,), None),
    (
        "the signature stripped behind a blank line",
        _put("checkpoint", f"{_TEXT}\n".encode()),
        (AUTHENTIC,),
        None,
    ),
    (
        "signed by a stranger",
        _put("checkpoint", note_of(leaves(SIZE), STRANGER).encode()),
        (AUTHENTIC,),
        None,
    ),
    (
        "a blank line too many",
        _put("checkpoint", f"{_TEXT}\n\n{_GOOD_NOTE[len(_TEXT) :]}".encode()),
        (AUTHENTIC,),
        None,
    ),
    ("the note twice", _put("checkpoint", _GOOD_NOTE.encode() * 2), (AUTHENTIC,), None),
    ("windows line ends", _put("checkpoint", _GOOD_NOTE.replace("\n", "\r\n").encode()), (AUTHENTIC,), None),
    (
        "another size under the signature",
        _edit("checkpoint", b"\n300\n", b"\n256\n"),
        (AUTHENTIC, INTACT),
        None,
    ),
    (
        "a size without end",
        _edit("checkpoint", b"\n300\n", b"\n" + b"9" * 18 + b"\n"),
        (AUTHENTIC, INTACT),
        256,
    ),
    ("another origin", _edit("checkpoint", f"{ORIGIN}\n".encode(), b"x\n"), (AUTHENTIC, WELL_FORMED), 0),
    ("an older checkpoint", _put("checkpoint", OLD_NOTE.encode()), (INTACT,), 0),
    ("no key", _drop("log.vkey"), (AUTHENTIC,), None),
    ("another key", _put("log.vkey", f"{STRANGER.vkey}\n".encode()), (AUTHENTIC,), None),
    ("the key without its newline", _put("log.vkey", SIGNER.vkey.encode()), (AUTHENTIC,), None),
    ("the log rewritten by a stranger", lambda m: _rewrite(m, vkey=False), (AUTHENTIC,), None),
    ("the log rewritten, key and all", lambda m: _rewrite(m, vkey=True), (AUTHENTIC,), None),
]


def insiders() -> Iterator[Animal]:
    """Name what the holder of the log's key can sign, and what still gives it away."""
    for name, entries, failing, index in signed_logs():
        yield Animal(name, bundle_from(entries), frozenset(failing), index)
    for name, history, index in other_histories():
        yield Animal(name, bundle_from(history), frozenset({APPEND_ONLY}), index, OLD_NOTE)


def _with(at: int, item: bytes, size: int = 20) -> list[bytes]:
    entries = list(leaves(SIZE)[:size])
    entries[at] = item
    return entries


def signed_logs() -> list[tuple[str, list[bytes], tuple[str, ...], int | None]]:
    """Logs that are signed and whole, yet not what a log of this programme can be."""
    base = list(leaves(SIZE)[:20])
    line = base[4]
    both = (CONTIGUOUS, WELL_FORMED)

    def form(old: bytes, new: bytes) -> list[bytes]:
        assert line.count(old) == 1
        return _with(4, line.replace(old, new))

    return [
        ("an entry left out", base[:7] + base[8:], (CONTIGUOUS,), 7),
        ("an entry twice", [*base[:8], *base[7:]], (CONTIGUOUS,), 8),
        ("two entries exchanged", [*base[:7], base[8], base[7], *base[9:]], (CONTIGUOUS,), 7),
        ("a log that starts late", base[1:], (CONTIGUOUS,), 0),
        ("an index far away", _with(4, line.replace(b'"idx":4', b'"idx":9')), (CONTIGUOUS,), 4),
        ("time runs back", form(b"2026-03-01", b"2026-02-28"), (CONTIGUOUS,), 4),
        ("time ran ahead", form(b"2026-03-01", b"2027-03-01"), (CONTIGUOUS,), 5),
        ("a transaction twice", form(b'"tx4"', b'"tx3"'), (CONTIGUOUS,), 4),
        ("an unknown type", form(b"dispense.decision", b"gate.override"), both, 4),
        ("an unknown version", form(b'"v":1', b'"v":2'), both, 4),
        ("a version in words", form(b'"v":1', b'"v":"1"'), both, 4),
        ("an unknown member", form(b',"v":1}', b',"v":1,"x":1}'), both, 4),
        ("a member missing", form(b',"site":"ph_000123"', b""), both, 4),
        ("a member twice", form(b'"idx":4', b'"idx":4,"idx":4'), both, 4),
        ("members in another order", form(b'"v":1}', b'"v":1,"actor":"u_1"}'), both, 4),
        ("a space between", form(b'"v":1', b'"v": 1'), both, 4),
        ("a newline behind", _with(4, line + b"\n"), both, 4),
        ("an escape where none is due", form(b"u_7f3a", b"u\\u005f7f3a"), both, 4),
        ("a name in the clear", form(b"u_7f3a", b"Jane Doe"), both, 4),
        ("an address in the clear", form(b"u_7f3a", b"jane@clinic"), both, 4),
        ("a reason in words", form(b"SURVEY_DUE", b"survey due"), both, 4),
        ("a null", form(b'"denied"', b"null"), both, 4),
        ("a float", form(b'"supply":28', b'"supply":28.0'), both, 4),
        ("a minus zero", form(b'"supply":28', b'"supply":-0'), both, 4),
        ("references in another order", form(b'"authorization"', b'"zzz"'), both, 4),
        ("an index with a zero before it", form(b'"idx":4', b'"idx":04'), both, 4),
        ("a day that never was", form(b"2026-03-01", b"2026-02-30"), both, 4),
        ("a time without its zone", form(b'.004Z"', b'.004"'), both, 4),
        ("an entry for another log", form(b"gate.example/log/1", b"gate.example/log/2"), (WELL_FORMED,), 4),
        ("not JSON", _with(4, b"hello"), both, 4),
        ("an empty entry", _with(4, b""), both, 4),
        ("an array", _with(4, b"[" + line + b"]"), both, 4),
        ("not UTF-8", _with(4, line.replace(b"u_7f3a", b"u_\xff")), both, 4),
        ("depth without end", _with(4, b"[" * 16000), both, 4),
        ("too long", _with(4, line[:-1] + b" " * 16384 + b"}"), both, 4),
        ("the first entry damaged", _with(0, b"{}"), both, 0),
        ("the last entry damaged", _with(19, b"{}"), both, 19),
    ]


def other_histories() -> list[tuple[str, list[bytes], int | None]]:
    """Logs that are perfect in themselves but are not what was signed before."""
    entries = list(leaves(SIZE))
    changed = entries[0].replace(b'"denied"', b'"agreed"')
    return [
        ("the first entry rewritten", [changed, *entries[1:]], None),
        (
            "entry 199 rewritten",
            [*entries[:199], leaf(199).replace(b'"denied"', b'"agreed"'), *entries[200:]],
            None,
        ),
        ("a fork of the same size", [changed, *entries[1:200]], None),
        ("cut back by one", entries[:199], 199),
        ("cut back to nothing", [], 0),
    ]


Judge = Callable[[Animal], "tuple[frozenset[str], int | None] | None"]


def escaped(animals: Sequence[Animal], judge: Judge) -> list[str]:
    """Name the animals that a judge lets pass or places wrongly."""
    return [animal.name for animal in animals if judge(animal) != (animal.failing, animal.index)]
