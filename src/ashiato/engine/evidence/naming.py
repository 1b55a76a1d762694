"""Which files are meant by the paths an operator names, and under which name each is sealed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ashiato.terms.errors import EvidenceError, Place


@dataclass(frozen=True)
class Skipped:
    """One file that was not sealed, with the reason."""

    path: str
    reason: str


@dataclass(frozen=True)
class Wanted:
    """One file to seal: where it is, its name, and the folders above it, nearest first."""

    path: Path
    name: str
    above: tuple[str, ...]

    def names(self) -> Iterator[str]:
        """Yield the name, then the name with ever more of the folders above before it."""
        name = self.name
        yield name
        for folder in self.above:
            name = f"{folder}/{name}"
            yield name


def list_wanted(paths: Iterable[Path], without: Path) -> tuple[list[Wanted], list[Skipped]]:
    """Return the files meant, sorted by path, and what is left out; ``without`` is the case's own folder.

    A named path that does not exist raises EvidenceError before anything is sealed.
    """
    found: dict[Path, Wanted] = {}
    skipped: list[Skipped] = []
    for path in paths:
        root = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        for file in _files_under(root, without.resolve(), skipped):
            inside = file.relative_to(root) if file != root else Path(root.name)
            base = root if file != root else root.parent
            above = tuple(text_of_name(part) for part in reversed(base.parts[1:]))
            found.setdefault(file, Wanted(file, text_of_name(inside.as_posix()), above))
    return [found[path] for path in sorted(found)], skipped


def member_file(file: str, member: str, taken: set[str]) -> str:
    """Return the name of an archive's member: below the archive's, steps upwards left out, made unique."""
    parts = [part for part in PurePosixPath(member.replace("\\", "/")).parts if part not in ("/", "..", ".")]
    plain = "/".join([file, *map(text_of_name, parts)])
    name, count = plain, 1
    while name in taken:
        count += 1
        name = f"{plain}#{count}"
    taken.add(name)
    return name


def text_of_name(name: str) -> str:
    """Return a name as text; bytes that are no UTF-8 are written as a backslash, x and their code."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _files_under(root: Path, without: Path, skipped: list[Skipped]) -> Iterator[Path]:
    try:
        mode = root.lstat().st_mode
    except OSError as error:
        raise EvidenceError(
            f"this file or folder cannot be found: {error.strerror}", where=Place(str(root))
        ) from error
    yield from _walk(root, mode, without, skipped)


def _walk(path: Path, mode: int, without: Path, skipped: list[Skipped]) -> Iterator[Path]:
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISLNK(mode):
        skipped.append(Skipped(text_of_name(str(path)), "a symbolic link: name what it points to instead"))
    elif not stat.S_ISDIR(mode):
        skipped.append(Skipped(text_of_name(str(path)), "neither a file nor a folder"))
    elif path.resolve() != without:
        for entry in _entries(path, skipped):
            yield from _walk(entry, entry.lstat().st_mode, without, skipped)


def _entries(folder: Path, skipped: list[Skipped]) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        skipped.append(Skipped(text_of_name(str(folder)), f"the folder cannot be read: {error.strerror}"))
        return []
