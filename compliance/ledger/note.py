"""So that a text can be trusted by its signature wherever it travels: C2SP signed notes with Ed25519.

Only signature type 0x01 is spoken. Signatures of other types or keys are carried and ignored, which is
what lets witnesses and further algorithms be added to the same note.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.ledger.errors import LedgerError

MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 64

_ED25519 = b"\x01"
_SEED_BYTES = 32
_KEY_ID_BYTES = 4
_PRIVATE_PREFIX = "PRIVATE+KEY+"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_BAD_NAME = re.compile(r"[\s+\x00-\x1f]")
_LINE_START = "\N{EM DASH} "


@dataclass(frozen=True)
class Note:
    """What is left when a note has been opened: its text, and the names of the known keys that signed."""

    text: str
    signed_by: tuple[str, ...]


class Verifier:
    """Knows one public key by name, so that a note can be checked against it."""

    def __init__(self, name: str, public_key: bytes) -> None:
        _check_name(name)
        try:
            self._key = Ed25519PublicKey.from_public_bytes(public_key)
        except ValueError as error:
            raise LedgerError("bad_key", "the public key does not have 32 bytes") from error
        self.name = name
        self.key_id = _key_id(name, public_key)
        self.vkey = f"{name}+{self.key_id.hex()}+{_b64(_ED25519 + public_key)}"

    @classmethod
    def from_vkey(cls, vkey: str) -> "Verifier":
        """Read a verifier key, refusing one whose key id does not belong to it."""
        verifier = cls(*_parse_key(vkey))
        if verifier.vkey != vkey:
            raise LedgerError("bad_key", f"the key id in {vkey!r:.120} does not belong to the key")
        return verifier

    def verify(self, text: bytes, signature: bytes) -> None:
        """Refuse a signature that this key did not make over these bytes."""
        try:
            self._key.verify(signature, text)
        except InvalidSignature as error:
            raise LedgerError("bad_signature", f"the signature of {self.name} does not verify") from error


class Signer:
    """Holds one private key, so that the log can sign; never shows it except through `to_text`."""

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != _SEED_BYTES:
            raise LedgerError("bad_key", "the private key does not have 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())
        self.name = name

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """Make a new key pair."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> "Signer":
        """Read a private key in the customary textual form, without ever quoting it in an error."""
        if not text.startswith(_PRIVATE_PREFIX):
            raise LedgerError("bad_key", f"a private key begins with {_PRIVATE_PREFIX}")
        try:
            signer = cls(*_parse_key(text.removeprefix(_PRIVATE_PREFIX)))
        except LedgerError:
            raise LedgerError("bad_key", "the private key cannot be read") from None
        if signer.to_text() != text:
            raise LedgerError("bad_key", "the key id does not belong to the private key")
        return signer

    def to_text(self) -> str:
        """Give the private key in the customary textual form, to be stored in a protected place."""
        secret = _b64(_ED25519 + self._key.private_bytes_raw())
        return f"{_PRIVATE_PREFIX}{self.name}+{self.verifier.key_id.hex()}+{secret}"

    @property
    def vkey(self) -> str:
        """The verifier key to hand to auditors."""
        return self.verifier.vkey

    def sign(self, text: bytes) -> bytes:
        """Sign bytes, without the key id."""
        return self._key.sign(text)

    def __repr__(self) -> str:
        return f"<Signer {self.verifier.vkey}>"


def sign_note(text: str, *signers: Signer) -> str:
    """Make a note: the text, a blank line and one signature line for each signer."""
    _check_text(text)
    if not text.endswith("\n"):
        raise LedgerError("bad_note", "the text of a note must end with a newline")
    if not signers:
        raise LedgerError("bad_note", "a note needs at least one signer")
    data = text.encode("utf-8")
    signed = [(signer.name, _b64(signer.verifier.key_id + signer.sign(data))) for signer in signers]
    return text + "\n" + "".join(f"{_LINE_START}{name} {signature}\n" for name, signature in signed)


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """Give the text of a note if a known key signed it and no known key's signature fails."""
    _check_text(note)
    body, blank, tail = note.rpartition("\n\n")
    *lines, end = tail.split("\n")
    if not blank or not lines or end:
        raise LedgerError("bad_note", "a note is a text, a blank line and whole signature lines")
    if len(lines) > MAX_SIGNATURES:
        raise LedgerError("bad_note", f"the note carries more than {MAX_SIGNATURES} signatures")
    text = body + "\n"
    signed_by = _check_signatures(text.encode("utf-8"), lines, verifiers)
    if not signed_by:
        raise LedgerError("unsigned_note", "no known key has signed the note")
    return Note(text, signed_by)


def _check_signatures(text: bytes, lines: Sequence[str], verifiers: Iterable[Verifier]) -> tuple[str, ...]:
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed_by: dict[tuple[str, bytes], str] = {}
    for line in lines:
        name, key_id, signature = _parse_signature_line(line)
        verifier = known.get((name, key_id))
        if verifier is not None:
            verifier.verify(text, signature)
            signed_by[name, key_id] = name
    return tuple(signed_by.values())


def _parse_signature_line(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not name or _BAD_NAME.search(name):
        raise LedgerError("bad_note", f"not a signature line: {line!r:.120}")
    signature = decode_base64(encoded)
    if len(signature) <= _KEY_ID_BYTES:
        raise LedgerError("bad_note", f"not a signature line: {line!r:.120}")
    return name, signature[:_KEY_ID_BYTES], signature[_KEY_ID_BYTES:]


def decode_base64(text: str) -> bytes:
    """Read standard base64, refusing every spelling but the one an encoder gives."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise LedgerError("bad_base64", f"not base64: {text!r:.80}") from error
    if _b64(data) != text:
        raise LedgerError("bad_base64", f"not canonical base64: {text!r:.80}")
    return data


def _parse_key(text: str) -> tuple[str, bytes]:
    # The key id between name and key is compared by the caller, who spells the key anew.
    name, _, rest = text.partition("+")
    data = decode_base64(rest.partition("+")[2])
    if data[:1] != _ED25519:
        raise LedgerError("bad_key", f"{name!r:.80} does not name an Ed25519 key written NAME+ID+BASE64")
    return name, data[1:]


def _key_id(name: str, public_key: bytes) -> bytes:
    return sha256(name.encode("utf-8") + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def _check_name(name: str) -> None:
    if not name or _BAD_NAME.search(name):
        raise LedgerError("bad_key", f"{name!r:.80} cannot be the name of a key")


def _check_text(text: str) -> None:
    if len(text) > MAX_NOTE_BYTES:
        raise LedgerError("bad_note", f"the note is longer than {MAX_NOTE_BYTES} characters")
    if _CONTROL.search(text):
        raise LedgerError("bad_note", "the note holds a control character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LedgerError("bad_note", "the note holds half of a surrogate pair") from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
