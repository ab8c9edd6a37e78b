"""So that one person can prove one act: receipts (C2SP tlog-proof) and the numbers read off a leaf."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from compliance.ledger import merkle
from compliance.ledger.checkpoint import open_checkpoint
from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Verifier, decode_base64

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})")
_MAX_RECEIPT = 256 * 1024
_MAX_HASHES = 63
_MAX_TYPED = 64
_PAYLOAD = 12
# Powers of 3 modulo the prime 31 are all different over 30 places, so no single substitution and no
# exchange of two unequal characters keeps the sum at zero.
_PRIME = 31
_WEIGHTS = tuple(pow(3, place, _PRIME) for place in range(_PAYLOAD))
_CHECK_WEIGHT = pow(3, _PAYLOAD, _PRIME)


@dataclass(frozen=True)
class Receipt:
    """Holds what a receipt says, before anything in it has been verified."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint_note: str


@dataclass(frozen=True)
class VerifiedReceipt:
    """States that an entry stands at an index under a signed root; only `verify_receipt` makes one."""

    index: int
    size: int
    root: bytes


def make_receipt(index: int, proof: Sequence[bytes], checkpoint_note: str) -> str:
    """Write the receipt that goes out with a number."""
    hashes = "".join(f"{base64.b64encode(item).decode('ascii')}\n" for item in proof)
    text = f"{_HEADER}\nindex {index}\n{hashes}\n{checkpoint_note}"
    parse_receipt(text)
    return text


def parse_receipt(text: str) -> Receipt:
    """Read a receipt; the optional `extra` line is refused because nothing authenticates it."""
    if len(text) > _MAX_RECEIPT:
        raise LedgerError("bad_receipt", f"the receipt is longer than {_MAX_RECEIPT} characters")
    head, blank, note = text.partition("\n\n")
    header, _, rest = head.partition("\n")
    index_line, *hashes = rest.split("\n")
    index = _INDEX.fullmatch(index_line)
    if not blank or header != _HEADER or index is None:
        raise LedgerError("bad_receipt", f"a receipt begins with {_HEADER} and an index, then a checkpoint")
    proof = tuple(decode_base64(line) for line in hashes)
    if len(proof) > _MAX_HASHES or any(len(item) != merkle.HASH_BYTES for item in proof):
        raise LedgerError("bad_receipt", "the proof holds too many lines or one that is not a hash")
    return Receipt(int(index[1]), proof, note)


def verify_receipt(receipt_text: str, leaf: bytes, verifier: Verifier) -> VerifiedReceipt:
    """Refuse a receipt unless this very leaf stands in a log state that the log's key has signed."""
    receipt = parse_receipt(receipt_text)
    checkpoint = open_checkpoint(receipt.checkpoint_note, verifier)
    merkle.verify_inclusion(receipt.index, checkpoint.size, merkle.leaf_hash(leaf), receipt.proof, checkpoint.root)
    return VerifiedReceipt(receipt.index, checkpoint.size, checkpoint.root)


def number_from_leaf(leaf_hash: bytes) -> str:
    """Derive the number people read out from the entry it stands for, so that none exists without one.

    Twelve characters of thirty carry 58.9 bits; a unique constraint must stand behind the rest.
    """
    if len(leaf_hash) != merkle.HASH_BYTES:
        raise LedgerError("bad_number", "a number is derived from a whole leaf hash")
    digest = leaf_hash
    while True:
        digits = _digits(int.from_bytes(digest, "big") % len(ALPHABET) ** _PAYLOAD)
        check = _check_digit(digits)
        # One residue in 31 has no character; hashing on keeps the number a function of the leaf.
        if check < len(ALPHABET):
            return _grouped("".join(ALPHABET[digit] for digit in [*digits, check]))
        digest = sha256(digest).digest()


def normalise_number(text: str) -> str:
    """Read a number as people type it: any case, with or without spaces and hyphens."""
    # Only ASCII is folded: beyond it, upper() turns strangers into letters of the alphabet.
    compact = re.sub(r"[\s-]", "", text).upper() if text.isascii() and len(text) <= _MAX_TYPED else ""
    places = [ALPHABET.find(character) for character in compact]
    if len(places) != _PAYLOAD + 1 or min(places) < 0 or _check_digit(places[:-1]) != places[-1]:
        raise LedgerError("bad_number", f"{text!r:.40} is not a number of this programme; read it again from the label")
    return _grouped(compact)


def _digits(value: int) -> list[int]:
    digits = []
    for _ in range(_PAYLOAD):
        value, digit = divmod(value, len(ALPHABET))
        digits.append(digit)
    return digits


def _check_digit(digits: Sequence[int]) -> int:
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return -total * pow(_CHECK_WEIGHT, -1, _PRIME) % _PRIME


def _grouped(compact: str) -> str:
    return "-".join(compact[at : at + 4] for at in range(0, len(compact), 4))
