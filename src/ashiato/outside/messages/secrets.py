"""Passwords, keys and tokens: read from a file that only its owner may open, and never shown."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ashiato.outside.messages.outcomes import MessageError
from ashiato.terms.errors import Place


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret value; printing it shows nothing."""

    value: bytes

    def __repr__(self) -> str:
        """Hide the value from logs, tracebacks and error messages."""
        return "Secret(***)"

    @property
    def text(self) -> str:
        """The value as text, without the line break that editors put at its end."""
        return self.value.decode("utf-8").rstrip("\r\n")


def read_secret(path: Path) -> Secret:
    """Read a secret from its file.

    Raises: MessageError: no regular file, somebody else's, open to others, or empty; the value is not named.
    """
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _refused(
            path, f"the secret cannot be read: {error.strerror}", "name a file that exists"
        ) from None
    try:
        _check(path, os.fstat(opened))
        value = b"".join(iter(lambda: os.read(opened, 65_536), b""))
    finally:
        os.close(opened)
    if not value.strip():
        raise _refused(path, "the secret's file is empty", "put the secret in it")
    return Secret(value)


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "a secret stands in a regular file", "name a regular file")
    if found.st_uid not in {os.geteuid(), 0}:
        raise _refused(path, "the secret's file belongs to somebody else", "make it the service's own")
    if found.st_mode & 0o077:
        raise _refused(
            path, f"the secret's file is open to others (mode {found.st_mode & 0o777:04o})", "chmod 600"
        )


def _refused(path: Path, what: str, fix: str) -> MessageError:
    return MessageError(what, where=Place(str(path)), fix=fix)
