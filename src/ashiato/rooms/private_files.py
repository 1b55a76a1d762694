"""Files that their owner alone may read: secrets and keys, made whole, never written over."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ashiato.terms.errors import Place, ServerError

_OTHERS = 0o077


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read; of two that write at once the first one's content stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def read_private(path: Path) -> bytes:
    """Read a secret; ServerError where it is missing or others than its owner may read it."""
    try:
        others = path.stat().st_mode & _OTHERS
        content = path.read_bytes()
    except OSError as error:
        what = f"a secret file cannot be read ({error.strerror})"
        raise ServerError(what, where=Place(str(path)), fix="give it back from where you keep it") from error
    if others:
        what = "a secret file may be read by others than its owner"
        raise ServerError(what, where=Place(str(path)), fix=f"chmod 600 {path}")
    return content


def keep_private(path: Path, content: bytes) -> bytes:
    """Return a secret, made of ``content`` where there is none yet."""
    if not path.exists():
        write_private(path, content)
    return read_private(path)
