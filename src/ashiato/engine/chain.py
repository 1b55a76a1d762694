"""Hash-chained JSON lines: each line holds the hash of the one before, so nothing changes unnoticed.

One line is one link: canonical JSON (sorted keys, no blanks, ASCII) with ``seq`` (1-based), ``prev``
(the hash before; 64 zeros at the start) and ``hash`` (SHA-256 of the line without ``hash``).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.terms.errors import IntegrityError, Place

START = "0" * 64
Body = dict[str, Any]


@dataclass(frozen=True)
class Flaw:
    """One line of a chain that is not as it was written: its number and byte range (0-based, inclusive)."""

    line: int
    byte_first: int
    byte_last: int
    what: str


@dataclass(frozen=True)
class _Line:
    number: int
    byte_first: int
    text: bytes

    @property
    def byte_last(self) -> int:
        return self.byte_first + len(self.text) - 1

    def flaw(self, what: str) -> Flaw:
        return Flaw(self.number, self.byte_first, self.byte_last, what)


def append_link(path: Path, body: Mapping[str, Any]) -> str:
    """Add one link, forced to disk before returning, and return its hash.

    A last line torn by a kill is set aside in ``<name>.torn`` first. Writers take turns by a lock of the file
    itself, held for one link: who has the case for hours keeps nobody from adding one.
    """
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _set_torn_line_aside(path)
        last = _last_link(path)
        link = {**body, "seq": (last["seq"] if last else 0) + 1, "prev": last["hash"] if last else START}
        digest = _hash_of(link)
        file.write(_canonical({**link, "hash": digest}) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return digest


def read_links(path: Path) -> list[Body]:
    """Return the links in order, without a torn last line; an unreadable line raises IntegrityError."""
    links = []
    for line in _lines(path):
        link = _parsed(line.text)
        if link is not None:
            links.append(link)
        elif line.text.endswith(b"\n"):
            raise IntegrityError(
                "this line has been altered: it cannot be read",
                where=Place(path.name, line.number),
                fix="run `ashiato verify` on the case, and restore the file from its copy",
            )
    return links


def head_of(path: Path) -> str:
    """Return the hash of the last whole link, or 64 zeros for a chain that has none."""
    links = read_links(path)
    return str(links[-1]["hash"]) if links else START


def check_links(path: Path) -> list[Flaw]:
    """Return what is wrong with the chain, line by line; an empty list when nothing is."""
    flaws: list[Flaw] = []
    known = {START}
    for line in _lines(path):
        link = _parsed(line.text)
        wrong = _fault_of(link, line, known)
        if wrong:
            flaws.append(line.flaw(wrong))
        known = _hashes_to_follow(link)
    return flaws


def _fault_of(link: Body | None, line: _Line, known: set[str]) -> str | None:
    if link is None:
        return "cannot be read" if line.text.endswith(b"\n") else "breaks off"
    if link["hash"] != _hash_of(link) or line.text != _canonical(link) + b"\n":
        return "does not fit its hash"
    if (known and link["prev"] not in known) or link["seq"] != line.number:
        return "does not follow the line before it"
    return None


def _hashes_to_follow(link: Body | None) -> set[str]:
    """An altered line is reported once: the next may follow its stored or its true hash."""
    return {str(link["hash"]), _hash_of(link)} if link else set()


def _lines(path: Path) -> Iterator[_Line]:
    if not path.exists():
        return
    place = 0
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            yield _Line(number, place, text)
            place += len(text)


def _parsed(text: bytes) -> Body | None:
    try:
        link = json.loads(text)
    except ValueError:
        return None
    if not isinstance(link, dict) or not {"seq", "prev", "hash"} <= link.keys():
        return None
    return link


def _canonical(link: Mapping[str, Any]) -> bytes:
    return json.dumps(link, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _hash_of(link: Mapping[str, Any]) -> str:
    body = {name: value for name, value in link.items() if name != "hash"}
    return hashlib.sha256(_canonical(body)).hexdigest()


def _last_link(path: Path) -> Body | None:
    if not path.exists() or path.stat().st_size == 0:
        return None
    link = _parsed(_last_line(path))
    if link is None:
        raise IntegrityError(
            "the last line has been altered: nothing can be chained to it",
            where=Place(path.name),
            fix="run `ashiato verify` on the case, and restore the file from its copy",
        )
    return link


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        step = 4096
        while True:
            start = max(0, size - step)
            file.seek(start)
            tail = file.read(size - start)
            cut = tail.rfind(b"\n", 0, len(tail) - 1)
            if cut >= 0 or start == 0:
                return tail[cut + 1 :]
            step *= 2


def _set_torn_line_aside(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    torn = _last_line(path)
    if torn.endswith(b"\n"):
        return
    with path.with_name(f"{path.name}.torn").open("ab") as aside:
        aside.write(torn + b"\n")
    os.truncate(path, path.stat().st_size - len(torn))
