"""So that a log's whole state fits in three lines that can be signed, printed and compared.

C2SP tlog-checkpoint without extension lines, since no monitor can check what those say.
"""

import base64
import re
from dataclasses import dataclass

from compliance.ledger.errors import LedgerError
from compliance.ledger.merkle import EMPTY_ROOT, HASH_BYTES
from compliance.ledger.note import Signer, Verifier, decode_base64, open_note, sign_note

_ORIGIN = re.compile(r"[^\s+\x00-\x1f]+")
_LINES = 3
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Checkpoint:
    """Names one log at one size by its root hash."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse a state that no log can be in."""
        if not _ORIGIN.fullmatch(self.origin):
            raise LedgerError("bad_checkpoint", f"{self.origin!r:.80} cannot be the origin of a log")
        if not _SIZE.fullmatch(str(self.size)):
            raise LedgerError("bad_checkpoint", f"{self.size} is not the size of a log")
        if len(self.root) != HASH_BYTES or (self.size == 0) != (self.root == EMPTY_ROOT):
            raise LedgerError("bad_checkpoint", f"the root cannot be that of a log of size {self.size}")

    def to_text(self) -> str:
        """Give the text to be signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def from_text(cls, text: str) -> "Checkpoint":
        """Read the text of an opened note, refusing any other spelling of the same state."""
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise LedgerError("bad_checkpoint", "a checkpoint has exactly three lines: origin, size, root")
        origin, size, root, _ = lines
        if not _SIZE.fullmatch(size):
            raise LedgerError("bad_checkpoint", f"{size!r:.40} is not the size of a log")
        return cls(origin, int(size), decode_base64(root))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """Make the note by which the log stands for its state."""
    return sign_note(checkpoint.to_text(), *signers)


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """Read a checkpoint that the log's own key has signed; the key's name must be the log's origin."""
    checkpoint = Checkpoint.from_text(open_note(note, [verifier]).text)
    if checkpoint.origin != verifier.name:
        raise LedgerError("bad_checkpoint", f"the key of {verifier.name!r} has signed for {checkpoint.origin!r:.80}")
    return checkpoint
