"""The programme's key files: made once, readable by its own account alone, never replaced."""

import os
import secrets
from pathlib import Path

from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Signer
from compliance.services.errors import Unavailable
from compliance.settings import Settings

_BYTES = 32


def make_missing(settings: Settings) -> None:
    """Make the key files that are not there; those that are stay as they are."""
    _make(settings.log_key_file, Signer.generate(settings.log_origin).to_text())
    _make(settings.data_key_file, secrets.token_hex(_BYTES))
    _make(settings.secret_key_file, secrets.token_hex(_BYTES))


def read_signer(settings: Settings) -> Signer:
    """The key that signs the log; it must bear the log's name."""
    try:
        signer = Signer.from_text(_read(settings.log_key_file))
    except LedgerError as error:
        raise Unavailable("KEY_UNREADABLE", f"{settings.log_key_file.name} is not a signing key") from error
    if signer.name != settings.log_origin:
        raise Unavailable("KEY_OF_ANOTHER_LOG", f"the log is {settings.log_origin}, its key is for {signer.name}")
    return signer


def read_data_key(settings: Settings) -> bytes:
    """The key under which every patient's own key is sealed."""
    try:
        return bytes.fromhex(_read(settings.data_key_file))
    except ValueError as error:
        raise Unavailable("KEY_UNREADABLE", f"{settings.data_key_file.name} is not a data key") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise Unavailable("KEY_MISSING", f"{path.name} cannot be read: run kelsey init, or restore it") from error


def _make(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and linked into place: of two processes that make keys at once, one wins as a whole.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
