"""Mail that came in for the address of bounces, as our own mail server laid it down: a Maildir.

The server writes above everything it received whom a mail was for (``Delivered-To``, ``X-Original-To``);
the same words further down are the sender's, and say nothing. A mail is moved from ``new`` to ``cur`` once
what it says is kept, so that a crash in between reads it again; its report has the same key then. What a
person has to read goes to ``.desk``, a folder of the same Maildir to any mail program.
Source: D. J. Bernstein, maildir(5); Postfix, local(8), virtual(8) (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ashiato.outside.messages.outcomes import MessageError
from ashiato.terms.errors import Place

_MOST_BYTES = 1024 * 1024
_FOR = (b"x-original-to", b"delivered-to")
_OURS = (*_FOR, b"return-path")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail that came in: its file, whom it was for, and its bytes, cut at a megabyte."""

    path: Path
    to: str
    content: bytes


def read_incoming(maildir: Path) -> Iterator[Incoming]:
    """Yield the mails nobody has read yet, in the order of their names.

    Raises: MessageError: there is no such Maildir. A file that cannot be read stays where it is.
    """
    new = maildir / "new"
    if not new.is_dir():
        raise MessageError(
            "this is no Maildir", where=Place(str(maildir)), fix="name the folder above new and cur"
        )
    for path in sorted(new.iterdir()):
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES)
        except OSError:
            continue
        yield Incoming(path, _recipient(content), content)


def mark_read(incoming: Incoming) -> None:
    """Move a mail to those that are read, as seen."""
    name = f"{incoming.path.name.partition(':')[0]}:2,S"
    _move(incoming, incoming.path.parent.parent / "cur" / name)


def leave_to_the_desk(incoming: Incoming) -> None:
    """Move a mail to where a person reads it."""
    _move(incoming, incoming.path.parent.parent / ".desk" / "new" / incoming.path.name)


def _move(incoming: Incoming, target: Path) -> None:
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    incoming.path.rename(target)


def _recipient(content: bytes) -> str:
    """Whom our own server says a mail was for: in the lines that only it can have put on top.

    What a mail was sent to (``X-Original-To``) goes before what that stands for on this machine.
    """
    found: dict[bytes, bytes] = {}
    for line in content[:8192].splitlines():
        name, _, value = line.partition(b":")
        if name.lower() not in _OURS:
            break
        found.setdefault(name.lower(), value.strip())
    return next((found[name] for name in _FOR if name in found), b"").decode("utf-8", "replace")
