"""Keys by file: one per case, one per campaign. Destroying a file erases what it locked."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from ashiato.rooms.private_files import keep_private, read_private
from ashiato.terms.errors import ServerError

_KEY_BYTES, _NONCE_BYTES = 32, 12


def key_path(name: str) -> Path:
    """Return where the key of this name is kept."""
    return Path(settings.ASHIATO_HOME) / "keys" / f"{name}.key"


def make_key(name: str) -> bytes:
    """Return a key, made on first use."""
    return keep_private(key_path(name), secrets.token_bytes(_KEY_BYTES))


def read_key(name: str) -> bytes:
    """Return a key; ServerError where it was destroyed, or others may read it."""
    return read_private(key_path(name))


def destroy_key(name: str) -> bool:
    """Write over a key and remove it: what it locked is erased wherever copies of it are. False: was gone."""
    path = key_path(name)
    if not path.exists():
        return False
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return True


def name_by(key: bytes, *parts: str) -> str:
    """Name something by a key: 32 hex digits that tell nothing without it."""
    words = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.digest(key, words, "sha256").hex()[:32]


class Locker:
    """Locks and unlocks texts under one key; each is bound to whom it belongs to."""

    def __init__(self, key: bytes) -> None:
        """``key``: 32 bytes."""
        self._cipher = AESGCM(key)

    def lock(self, text: bytes, owner: str) -> bytes:
        """Return a text that only this key opens, and only as this owner's."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text, owner.encode())

    def unlock(self, locked: bytes, owner: str) -> bytes:
        """Return the text; ServerError where it is another owner's, of another key, or was changed."""
        try:
            return self._cipher.decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], owner.encode())
        except InvalidTag as error:
            raise ServerError("a locked value does not open: it was changed, or is of another key") from error
