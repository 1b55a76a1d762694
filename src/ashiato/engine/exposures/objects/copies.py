"""Copies of objects among the sealed files, found by the key at the end of their path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ashiato.datamap.model import Objects
from ashiato.engine.archives import open_member
from ashiato.engine.exposures.objects.asked import ObjectName
from ashiato.engine.exposures.objects.cells import UnreadableError
from ashiato.engine.exposures.objects.unwrapping import MOST_BYTES
from ashiato.engine.sealed import list_originals
from ashiato.engine.unpacking import Chunks, TruncatedContent, chunks_of_path
from ashiato.terms.ids import short_id


@dataclass(frozen=True, order=True)
class Copy:
    """One sealed file, or member of a sealed archive, with its bytes as they were sealed."""

    file: str
    evidence_id: str
    size: int
    kept_as: str
    outer: str
    position: int | None
    sha256: str


def list_copies(case_folder: Path) -> dict[str, list[Copy]]:
    """Return every sealed file that may be an object's copy, by the last part of its path."""
    found: dict[str, list[Copy]] = defaultdict(list)
    for original in list_originals(case_folder):
        for copy in _copies_of(original):
            found[copy.file.rpartition("/")[2]].append(copy)
    return {name: sorted(copies) for name, copies in found.items()}


def find_copy(
    name: ObjectName, places: Sequence[Objects], copies: Mapping[str, Sequence[Copy]], size: int | None
) -> Copy | None:
    """Return the copy of an object: where the data map says, else the one whose path ends as the key does."""
    ranked = [
        (_rank(copy, key, name, places), copy.size == size, copy)
        for key in sorted({name.key, unquote(name.key)})
        for copy in copies.get(key.rpartition("/")[2], ())
    ]
    fitting = [each for each in ranked if each[0]]
    return min(fitting, key=lambda each: (-each[0], not each[1], each[2]))[2] if fitting else None


def read_copy(case_folder: Path, copy: Copy) -> bytes:
    """Return the bytes of a copy, as the object has them.

    Raises: UnreadableError: it is too large to be held, or breaks off.
    """
    path = case_folder / copy.kept_as
    if not path.is_file():
        raise UnreadableError("copy-missing")
    if copy.size > MOST_BYTES:
        raise UnreadableError("too-large")
    try:
        return b"".join(_chunks(path, copy))
    except TruncatedContent as error:
        raise UnreadableError("damaged-copy") from error


def _chunks(path: Path, copy: Copy) -> Chunks:
    if copy.position is None:
        return chunks_of_path(path)
    return open_member(path, copy.outer, copy.position)


def _copies_of(original: Mapping[str, Any]) -> Iterable[Copy]:
    sha256, kept = original["sha256"], original["kept_as"]
    contents = original["contents"]
    evidence = short_id(contents[0]["file"], sha256) if contents else ""
    yield Copy(original["file"], evidence, original["bytes"], kept, "", None, sha256)
    for content in contents:
        if content["member"] is not None:
            outer, _, _ = content["compression"].partition("+")
            evidence = short_id(content["file"], sha256)
            size = content["bytes"]
            yield Copy(content["file"], evidence, size, kept, outer, content["position"], content["sha256"])


def _rank(copy: Copy, key: str, name: ObjectName, places: Sequence[Objects]) -> int:
    """How surely this is the object's copy; 0 when it is not."""
    folders = [place.copies.strip("/") for place in places if place.copies]
    if any(copy.file in (f"{folder}/{key}", f"{folder}/{name.bucket}/{key}") for folder in folders):
        return 4
    if name.bucket and f"/{copy.file}".endswith(f"/{name.bucket}/{key}"):
        return 3
    if f"/{copy.file}".endswith(f"/{key}"):
        return 2
    return 0
