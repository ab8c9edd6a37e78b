"""So that anybody can check an exported log without trusting the program, or the people, that wrote it.

    python verify.py FILE.zip --key VKEY [--previous CHECKPOINT_FILE] [--json]

VKEY is the log's public key as you received it from somewhere else than this bundle. Keep the checkpoint
of every bundle you have accepted and name it with --previous next time: then a log that was rewritten in
between is found out. Exit code: 0 everything holds, 1 something does not, 2 the bundle cannot be read.

Five verdicts, each on its own: AUTHENTIC (the checkpoint is signed by VKEY), INTACT (every byte of every
entry hashes to the signed root), CONTIGUOUS (no index missing or repeated, time never runs back, no
transaction twice), WELL_FORMED (every entry is of a known version, type and spelling) and APPEND_ONLY
(the log begins with the log of the previous checkpoint).

One file, standard library only, Python 3.9 or newer. Long because it must travel alone.
Signatures are checked more strictly than RFC 8032 asks: small-order keys are refused.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

AUTHENTIC, INTACT, CONTIGUOUS = "AUTHENTIC", "INTACT", "CONTIGUOUS"
WELL_FORMED, APPEND_ONLY = "WELL_FORMED", "APPEND_ONLY"
VERDICTS = (AUTHENTIC, INTACT, CONTIGUOUS, WELL_FORMED, APPEND_ONLY)
PASS, FAIL, NOT_CHECKED = "PASS", "FAIL", "NOT_CHECKED"

MAX_LISTED = 100
MAX_LEAF = 16 * 1024
MAX_NOTE = 256 * 1024
MAX_SIGNATURES = 64
WIDTH = 256
HASH_BYTES = 32
KEY_BYTES = 32
KEY_ID_BYTES = 4
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Unreadable(Exception):
    """Says that there is no bundle here to judge."""


class Refused(Exception):
    """Says why a key, note or checkpoint is not to be believed."""


@dataclass(frozen=True)
class Finding:
    """Names one thing that does not hold and, where it can be told, the entry."""

    verdict: str
    index: int | None
    message: str


@dataclass(frozen=True)
class Checkpoint:
    """Holds the three lines that the log has signed."""

    origin: str
    size: int
    root: bytes


@dataclass
class Report:
    """Collects what was found, so that a person or a program can act on it."""

    verdicts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(VERDICTS, NOT_CHECKED))
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    remarks: list[str] = field(default_factory=list)
    unsigned: dict[str, str] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    fork_evidence: str | None = None

    def fail(self, verdict: str, message: str, index: int | None = None) -> None:
        """Record a finding; the first of each verdict are listed, all are counted."""
        self.verdicts[verdict] = FAIL
        self.counts[verdict] += 1
        if self.counts[verdict] <= MAX_LISTED:
            self.findings.append(Finding(verdict, index, message))

    def settle(self, verdict: str) -> None:
        """Call a verdict passed if nothing was found against it."""
        if self.verdicts[verdict] == NOT_CHECKED:
            self.verdicts[verdict] = PASS

    @property
    def ok(self) -> bool:
        """Whether everything that was asked holds: only APPEND_ONLY may go unasked."""
        needed = [self.verdicts[verdict] for verdict in VERDICTS if verdict != APPEND_ONLY]
        return set(needed) == {PASS} and self.verdicts[APPEND_ONLY] != FAIL

    @property
    def first_bad_index(self) -> int | None:
        """The lowest entry index that any finding names."""
        return min((item.index for item in self.findings if item.index is not None), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Give the report in the form that --json prints."""
        state = self.checkpoint
        return {
            "ok": self.ok,
            "verdicts": self.verdicts,
            "first_bad_index": self.first_bad_index,
            "findings": [vars(item) for item in self.findings],
            "counts": self.counts,
            "origin": state and state.origin,
            "size": state and state.size,
            "root": state and base64.b64encode(state.root).decode("ascii"),
            "remarks": self.remarks,
            "unsigned": self.unsigned,
            "fork_evidence": self.fork_evidence,
        }


# --- Ed25519 (RFC 8032), verification only ---------------------------------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
_IDENTITY: _Point = (0, 1, 1, 0)


def _add(a: _Point, b: _Point) -> _Point:
    lower, upper = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    third, fourth = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = upper - lower, fourth - third, fourth + third, upper + lower
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _multiply(scalar: int, point: _Point) -> _Point:
    total = _IDENTITY
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _pack(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _unpack(data: bytes) -> _Point | None:
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


_BASE = _unpack((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _IDENTITY


def ed25519_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Decide whether a signature holds, refusing every second spelling of key, point or scalar."""
    if len(key) != KEY_BYTES or len(signature) != 2 * KEY_BYTES:
        return False
    point, scalar = _unpack(key), int.from_bytes(signature[KEY_BYTES:], "little")
    if point is None or scalar >= _ORDER or _pack(_multiply(8, point)) == _pack(_IDENTITY):
        return False
    digest = hashlib.sha512(signature[:KEY_BYTES] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    minus = (_P - point[0], point[1], point[2], _P - point[3])
    # Comparing bytes refuses a second spelling of R as well.
    return _pack(_add(_multiply(scalar, _BASE), _multiply(challenge, minus))) == signature[:KEY_BYTES]


# --- Signed notes and checkpoints ------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_BAD_NAME = re.compile(r"[\s+\x00-\x1f]")
_CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([^\n]+)\n")


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Refused(f"{text[:80]!r} is not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise Refused(f"{text[:80]!r} is not base64 as an encoder writes it")
    return data


def parse_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    """Read a verifier key into name, key id and public key, or say why it is none."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _base64(encoded)
    if not name or _BAD_NAME.search(name) or len(key) != 1 + KEY_BYTES or key[0] != 1:
        raise Refused(f"{vkey[:120]!r} is not an Ed25519 verifier key, written NAME+ID+BASE64")
    expected = hashlib.sha256(name.encode("utf-8") + b"\n" + key).digest()[:KEY_ID_BYTES]
    if key_id != expected.hex():
        raise Refused(f"the key id {key_id[:16]!r} does not belong to the key")
    return name, expected, key[1:]


def open_checkpoint(note: str, vkey: str) -> Checkpoint:
    """Read a checkpoint that this key has signed, or say why it is not to be believed."""
    name, key_id, key = parse_vkey(vkey)
    body, blank, tail = note.rpartition("\n\n")
    *lines, end = tail.split("\n")
    if _CONTROL.search(note) or not blank or end or not 0 < len(lines) <= MAX_SIGNATURES:
        raise Refused("the checkpoint is not a note: text, blank line, signature lines")
    text = body + "\n"
    good = 0
    for line in lines:
        signer, _, encoded = line[2:].partition(" ")
        if line[:2] != "\u2014 " or not signer or _BAD_NAME.search(signer):
            raise Refused(f"{line[:120]!r} is not a signature line")
        signature = _base64(encoded)
        if len(signature) <= KEY_ID_BYTES:
            raise Refused(f"{line[:120]!r} is not a signature line")
        if (signer, signature[:KEY_ID_BYTES]) == (name, key_id):
            if not ed25519_verify(key, text.encode("utf-8"), signature[KEY_ID_BYTES:]):
                raise Refused(f"the signature of {name} on the checkpoint does not verify")
            good += 1
    if not good:
        raise Refused(f"the checkpoint is not signed by {name}")
    state = parse_checkpoint(text)
    if state.origin != name:
        raise Refused(f"the key of {name} has signed for another log, {state.origin[:80]!r}")
    return state


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the three lines of a checkpoint, whoever has or has not signed them."""
    match = _CHECKPOINT.fullmatch(text)
    if match is None:
        raise Refused("a checkpoint has exactly three lines: origin, size, root")
    state = Checkpoint(match[1], int(match[2]), _base64(match[3]))
    if len(state.root) != HASH_BYTES or (state.size == 0) != (state.root == EMPTY_ROOT):
        raise Refused(f"the root cannot be that of a log of size {state.size}")
    return state


# --- The tree of RFC 6962 --------------------------------------------------------------------------------


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class _Tree:
    """Grows by one leaf hash at a time and remembers what the hash tiles must say."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []
        # The roots of full tiles, level by level: the contents of tiles from level 1 up.
        self.tiles: dict[int, list[bytes]] = {}

    def append(self, node: bytes) -> None:
        index, height = self.size, 0
        while index & 1:
            node = _node(self._peaks.pop(), node)
            index, height = index >> 1, height + 1
            if height % 8 == 0:
                self.tiles.setdefault(height // 8, []).append(node)
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = _node(peak, node)
        return node


# --- What an entry may say: gate-entry/1 -----------------------------------------------------------------

REQUIRED = {"v", "log", "idx", "t", "type", "txn", "actor", "site", "sd"}
OPTIONAL = {"outcome", "reasons", "policy", "refs"}
TYPES = (
    *("log.genesis", "log.key", "log.exported", "patient.registered", "fact.recorded", "fact.corrected"),
    *("prescription.issued", "authorization.decision", "authorization.voided", "confirmation.decision"),
    *("confirmation.voided", "dispense.decision", "dispense.reversed", "stock.returned", "hold.placed"),
    *("hold.reviewed", "certification.recorded", "certification.revoked", "decision.asked", "auth.success"),
    *("auth.failure", "auth.lockout", "auth.signout", "user.added", "user.changed", "apikey.issued"),
    *("apikey.revoked", "record.read", "config.changed", "clock.status"),
)

_OPAQUE = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}"
_ORIGIN = r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}"
_REASON = r'"[A-Z0-9_]{1,64}"'
_SEALED = r'"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})"
_REF = rf'"[a-z][a-z0-9_]{{0,63}}":(?:"{_OPAQUE}"|{_INTEGER}|\["{_OPAQUE}"(?:,"{_OPAQUE}"){{0,255}}\])'
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
# The whole format is one regular language, canonical spelling included, so no parser's leniency can matter.
_LEAF = re.compile(
    (
        rf'\{{"actor":"{_OPAQUE}","idx":(?P<idx>0|[1-9][0-9]{{0,15}}),"log":"(?P<log>{_ORIGIN})"'
        r'(?:,"outcome":"[a-z][a-z0-9_]{0,31}")?'
        rf'(?:,"policy":\{{"id":"{_ORIGIN}","sha256":"[0-9a-f]{{64}}","ver":"{_OPAQUE}"\}})?'
        rf'(?:,"reasons":\[{_REASON}(?:,{_REASON}){{0,255}}\])?'
        rf'(?:,"refs":\{{(?P<refs>{_REF}(?:,{_REF}){{0,255}})\}})?'
        rf',"sd":\[(?P<sd>(?:{_SEALED}(?:,{_SEALED})*)?)\],"site":"{_OPAQUE}","t":"(?P<t>{_TIME})"'
        rf',"txn":"(?P<txn>{_OPAQUE})","type":"(?:{"|".join(map(re.escape, TYPES))})","v":1\}}'
    ).encode("ascii")
)
_REF_NAME = re.compile(rb'"([a-z0-9_]+)":')


def read_leaf(leaf: bytes) -> re.Match[bytes] | None:
    """Match an entry against the format; None if it is not well formed."""
    match = _LEAF.fullmatch(leaf) if len(leaf) <= MAX_LEAF else None
    if match is None or int(match["idx"]) >= 2**53 or not _is_date(match["t"][:10].decode("ascii")):
        return None
    names = _REF_NAME.findall(match["refs"] or b"")
    sealed = match["sd"].split(b",")
    return match if _strictly_rising(names) and _strictly_rising(sealed) else None


def _strictly_rising(items: Sequence[bytes]) -> bool:
    return list(items) == sorted(set(items))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def explain(leaf: bytes) -> str:
    """Put into words why an entry is not well formed."""
    try:
        text = leaf.decode("utf-8")
        body = json.loads(text)
        same = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(body, dict):
        return "it is not an object"
    if body.get("v") != 1:
        return f"its version {body.get('v')!r:.40} is unknown"
    if body.get("type") not in TYPES:
        return f"its type {body.get('type')!r:.40} is unknown"
    wrong = sorted(set(body) - REQUIRED - OPTIONAL) or sorted(REQUIRED - set(body))
    if wrong:
        return f"the member {wrong[0]!r:.40} is unknown or missing"
    return "a member does not have the form it must have" if same else "it is not spelled canonically"


# --- The bundle ------------------------------------------------------------------------------------------

_PATH = r"(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
# Name and largest size of everything that may stand in a bundle.
_ALLOWED = (
    (re.compile(r"checkpoint"), MAX_NOTE),
    (re.compile(r"log\.vkey"), 4096),
    (re.compile(r"README\.txt|verify\.py"), 1024 * 1024),
    (re.compile(rf"tile/(?:[0-9]|[1-5][0-9]|6[0-3])/{_PATH}"), WIDTH * HASH_BYTES),
    (re.compile(rf"tile/entries/{_PATH}"), WIDTH * (2 + 0xFFFF)),
)


class _Archive:
    """Reads a zip as narrowly as possible: stored members, known names, bounded sizes, nothing else."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
            raise Unreadable(f"this is not a zip file that can be read ({error})") from None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self.unread: set[str] = set()
        try:
            for info in self._zip.infolist():
                self._admit(info)
        except Unreadable:
            self.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        limit = next((most for pattern, most in _ALLOWED if pattern.fullmatch(name)), None)
        if limit is None:
            raise Unreadable(f"{name[:120]!r} has no place in a bundle")
        if name in self._infos:
            raise Unreadable(f"{name!r} is there twice")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise Unreadable(f"{name!r} is compressed; a bundle stores its members as they are")
        if info.file_size > limit:
            raise Unreadable(f"{name!r} is larger than the {limit} bytes it may have")
        self._infos[name] = info
        self.unread.add(name)

    def read(self, name: str) -> bytes | None:
        """Give a member's bytes; None if it is not there."""
        if name not in self._infos:
            return None
        self.unread.discard(name)
        try:
            return self._zip.read(self._infos[name])
        except (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
            raise Unreadable(f"{name!r} cannot be read ({error})") from None

    def read_text(self, name: str) -> str | None:
        """Give a member as text; None if it is not there or not UTF-8."""
        data = self.read(name)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError:
            return None


def tile_name(level: str, number: int, width: int = WIDTH) -> str:
    """Spell the path of a tile as C2SP tlog-tiles does."""
    digits = str(number)
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    marked = "".join(f"x{digits[at : at + 3]}/" for at in range(0, len(digits) - 3, 3))
    return f"tile/{level}/{marked}{digits[-3:]}" + ("" if width == WIDTH else f".p/{width}")


def _tiles(size: int) -> Iterator[tuple[int, int]]:
    """Give number and width of the tiles that hold this many items."""
    for start in range(0, size, WIDTH):
        yield start // WIDTH, min(WIDTH, size - start)


def _split_entries(data: bytes, width: int) -> tuple[list[bytes], bool]:
    """Cut an entry bundle into its entries; say whether it is exactly that many and nothing else."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            return entries, False
        entries.append(data[at + 2 : end])
        at = end
    return entries, at == len(data)


class _Check:
    """Walks once through a bundle and judges it."""

    def __init__(self, archive: _Archive, report: Report) -> None:
        self._archive = archive
        self._report = report
        self._tree = _Tree()
        self._last_t = b""
        self._txns: set[bytes] = set()
        # The root as it was when the tree had the size of the previous checkpoint.
        self._old_root: bytes | None = None

    def run(self, vkey: str, previous: str | None) -> None:
        report = self._report
        note = self._authenticate(vkey)
        old = self._open_previous(previous, vkey)
        if report.checkpoint is not None:
            if self._walk_entries(report.checkpoint, old):
                self._check_upper_tiles()
                self._check_root(report.checkpoint)
            for verdict in (INTACT, CONTIGUOUS, WELL_FORMED):
                report.settle(verdict)
        if previous is not None:
            self._check_append_only(old, note, previous)
        self._list_unsigned()

    def _authenticate(self, vkey: str) -> str:
        """Open the checkpoint; even if nobody signed it, go on with what it claims, to say more."""
        report = self._report
        note = self._archive.read_text("checkpoint")
        copy = self._archive.read_text("log.vkey")
        if copy is None or copy != vkey + "\n":
            report.fail(AUTHENTIC, "log.vkey in the bundle is missing or is not the key you trust")
        if note is None:
            report.fail(AUTHENTIC, "there is no checkpoint, so nothing here is signed")
            return ""
        try:
            report.checkpoint = open_checkpoint(note, vkey)
            report.settle(AUTHENTIC)
        except Refused as error:
            report.fail(AUTHENTIC, str(error))
            try:
                report.checkpoint = parse_checkpoint(note.rpartition("\n\n")[0] + "\n")
            except Refused:
                report.remarks.append("without a checkpoint that can be read, the entries were not judged")
        return note

    def _open_previous(self, previous: str | None, vkey: str) -> Checkpoint | None:
        if previous is None:
            return None
        try:
            return open_checkpoint(previous, vkey)
        except Refused as error:
            self._report.fail(APPEND_ONLY, f"the previous checkpoint cannot be used: {error}")
            return None

    def _walk_entries(self, state: Checkpoint, old: Checkpoint | None) -> bool:
        """Hash and read every entry; False if the rest of the log is not there."""
        report = self._report
        for number, width in _tiles(state.size):
            first = number * WIDTH
            data = self._archive.read(tile_name("entries", number, width))
            tile = self._archive.read(tile_name("0", number, width))
            if data is None:
                report.fail(INTACT, f"the entries from {first} on are missing", first)
                return False
            if tile is None or len(tile) != width * HASH_BYTES:
                report.fail(INTACT, f"the hash tile from entry {first} on is missing or cut", first)
                tile = b""
            entries, whole = _split_entries(data, width)
            for place, leaf in enumerate(entries):
                if old is not None and self._tree.size == old.size:
                    self._old_root = self._tree.root()
                digest = hashlib.sha256(b"\x00" + leaf).digest()
                if tile and tile[place * HASH_BYTES : (place + 1) * HASH_BYTES] != digest:
                    report.fail(INTACT, "the entry does not have the hash in its tile", first + place)
                self._read_entry(leaf, first + place, state.origin)
                self._tree.append(digest)
            if not whole:
                at = min(first + len(entries), first + width - 1)
                report.fail(INTACT, "the entries are cut short or run over their end", at)
                return False
        if old is not None and self._tree.size == old.size:
            self._old_root = self._tree.root()
        return True

    def _read_entry(self, leaf: bytes, index: int, origin: str) -> None:
        report = self._report
        match = read_leaf(leaf)
        if match is None:
            report.fail(WELL_FORMED, f"not an entry of format 1: {explain(leaf)}", index)
            report.fail(CONTIGUOUS, "index, time and transaction cannot be read", index)
            return
        if match["log"].decode("ascii") != origin:
            report.fail(WELL_FORMED, "the entry belongs to another log", index)
        if int(match["idx"]) != index:
            report.fail(CONTIGUOUS, f"the entry says it stands at index {int(match['idx'])}", index)
        if match["t"] < self._last_t:
            report.fail(CONTIGUOUS, "the entry is older than the one before it", index)
        if match["txn"] in self._txns:
            report.fail(CONTIGUOUS, "the transaction was already logged", index)
        self._last_t = max(match["t"], self._last_t)
        self._txns.add(match["txn"])

    def _check_upper_tiles(self) -> None:
        for level, hashes in self._tree.tiles.items():
            for number, width in _tiles(len(hashes)):
                name = tile_name(str(level), number, width)
                expected = b"".join(hashes[number * WIDTH : number * WIDTH + width])
                if self._archive.read(name) != expected:
                    self._report.fail(INTACT, f"{name} is missing or does not follow from the entries")

    def _check_root(self, state: Checkpoint) -> None:
        if self._tree.root() != state.root:
            self._report.fail(INTACT, "the entries do not hash to the root in the checkpoint")
        for name in sorted(self._archive.unread - {"README.txt", "verify.py"}):
            self._report.fail(INTACT, f"{name!r} does not belong to a log of size {state.size}")

    def _check_append_only(self, old: Checkpoint | None, note: str, previous: str) -> None:
        report, state = self._report, self._report.checkpoint
        if old is None:
            return
        if report.verdicts[AUTHENTIC] != PASS or state is None:
            report.fail(APPEND_ONLY, "without a signed checkpoint there is nothing to compare")
            return
        if old.size > state.size:
            report.fail(APPEND_ONLY, f"the log had {old.size} entries and now has {state.size}", state.size)
        elif old.size == state.size:
            if old.root != state.root:
                report.fail(APPEND_ONLY, f"two logs of size {state.size} are signed: this is a fork")
                report.fork_evidence = f"{previous}\n{note}"
        elif self._tree.size != state.size or self._tree.root() != state.root:
            report.fail(APPEND_ONLY, "cannot be established, since the entries are not those signed")
        elif self._old_root != old.root:
            report.fail(APPEND_ONLY, f"the first {old.size} entries are not those of the previous checkpoint")
            report.fork_evidence = f"{previous}\n{note}"
        report.settle(APPEND_ONLY)

    def _list_unsigned(self) -> None:
        """Name what no signature covers, so that nobody takes it for proven."""
        for name in ("README.txt", "verify.py"):
            data = self._archive.read(name)
            if data is not None:
                self._report.unsigned[name] = hashlib.sha256(data).hexdigest()
        own = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        if self._report.unsigned.get("verify.py", own) != own:
            self._report.remarks.append("verify.py in the bundle differs from this program: do not run it")


def verify_bundle(path: str, vkey: str, previous: str | None = None) -> Report:
    """Judge a bundle by a key you trust and, if you have one, the text of the last checkpoint you accepted.

    Raises Unreadable if there is nothing to judge.
    """
    try:
        parse_vkey(vkey)
    except Refused as error:
        raise Unreadable(f"the key cannot be used: {error}") from None
    archive = _Archive(path)
    report = Report()
    try:
        _Check(archive, report).run(vkey, previous)
    finally:
        archive.close()
    return report


# --- The command line ------------------------------------------------------------------------------------


def _print_report(report: Report) -> None:
    if report.checkpoint is not None:
        print(f"log {report.checkpoint.origin!a}, {report.checkpoint.size} entries")
    for verdict in VERDICTS:
        print(f"{verdict:12} {report.verdicts[verdict]}")
    for item in report.findings:
        where = "" if item.index is None else f" at index {item.index}"
        print(f"finding: {item.verdict}{where}: {ascii(item.message)[1:-1]}")
    for remark in report.remarks:
        print(f"remark: {remark}")
    for name, digest in report.unsigned.items():
        print(f"not covered by any signature: {name} (SHA-256 {digest})")
    if report.fork_evidence is not None:
        print("Both notes below are signed by the log's key and cannot both be true:")
        print(report.fork_evidence)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check from a command line and give its exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Check an exported log.")
    parser.add_argument("file", help="the bundle (zip)")
    parser.add_argument("--key", required=True, metavar="VKEY", help="the log's public key, from elsewhere")
    parser.add_argument("--previous", metavar="FILE", help="the checkpoint of the last bundle you accepted")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        previous = options.previous and Path(options.previous).read_bytes().decode("utf-8")
        report = verify_bundle(options.file, options.key, previous)
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        said = json.dumps({"ok": False, "unreadable": str(error)})
        print(said if options.json else f"unreadable: {ascii(str(error))[1:-1]}")
        return 2
    if options.json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        _print_report(report)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
