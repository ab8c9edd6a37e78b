"""So that what the log's commitments hide can be forgotten: sealed under a key of the patient's own.

The patient's key is itself sealed under the deployment's key and stored in one row. Without that row nothing
that was sealed for the patient can be read again, while every proof over the log still holds.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from compliance.storage.errors import RecordUnreadable

KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """Seals and opens under keys that are wrapped by the deployment's own."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise RecordUnreadable(f"the data key has {len(key)} bytes; it must have {KEY_BYTES}")
        self._key = key
        self._outer = AESGCM(key)

    def new_key(self, patient: str) -> bytes:
        """Make a key for a patient, in the wrapped form that is stored."""
        return _seal(self._outer, os.urandom(KEY_BYTES), patient)

    def seal(self, wrapped: bytes, patient: str, txn: str, plain: bytes) -> bytes:
        """Seal what an entry hides; it opens only for this patient and this entry."""
        return _seal(self._inner(wrapped, patient), plain, f"{patient}|{txn}")

    def open(self, wrapped: bytes, patient: str, txn: str, sealed: bytes) -> bytes:
        """Open what was sealed for this patient and this entry."""
        return _open(self._inner(wrapped, patient), sealed, f"{patient}|{txn}")

    def mark(self, secret: str) -> str:
        """Something by which a secret is recognised again, and from which nobody without the key can guess it."""
        return hmac.digest(self._key, b"mark|" + secret.encode("utf-8", "replace"), "sha256").hex()

    def _inner(self, wrapped: bytes, patient: str) -> AESGCM:
        return AESGCM(_open(self._outer, wrapped, patient))


def _seal(key: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, bound_to.encode())


def _open(key: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise RecordUnreadable("a sealed value does not open with this data key") from error
