"""Sealed files as the stages see them: what was sealed, and its content as a stream."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from ashiato.engine.archives import open_member, open_outer
from ashiato.engine.chain import Body, read_links
from ashiato.engine.unpacking import Chunks, ChunkStream, TruncatedContent, chunks_of_path
from ashiato.terms.errors import EvidenceError, Place
from ashiato.terms.ids import short_id

__all__ = ["SealedFile", "TruncatedContent", "file_label", "list_sealed", "open_content", "read_head"]

MANIFEST = "evidence/manifest.jsonl"
_HEX = "0123456789ABCDEF"


@dataclass(frozen=True)
class SealedFile:
    """One sealed file, or one member of a sealed archive.

    ``file`` is the path as added (``label``: as outputs write it); ``kept_as`` the original, relative to the
    case folder, or absolute when sealed by reference; ``member`` the name inside an archive, at
    ``position``. ``compression`` is ``none``, ``gz``, ``bz2``, ``xz``, ``zst``, or the archive and what
    its member is packed with (``zip``, ``tar.gz``, ``tar.gz+gz``). ``duplicate_of`` is the evidence id
    that holds the same content or continues it. ``broken`` says why the content breaks off, if it does.
    """

    evidence_id: str
    file: str
    kept_as: str
    member: str | None
    original_sha256: str
    content_sha256: str
    original_bytes: int
    content_bytes: int
    content_lines: int
    compression: str
    duplicate_of: str | None
    modified_us: int
    source: str
    custodian: str
    added_us: int
    position: int = 0
    broken: str | None = None

    @property
    def label(self) -> str:
        """The name as outputs write it; see ``file_label``."""
        return file_label(self.file)


def list_sealed(case_folder: Path) -> tuple[SealedFile, ...]:
    """Return the sealed files, sorted by ``file``, duplicates marked whatever the order of adding."""
    originals = list_originals(case_folder)
    contents = [content for original in originals for content in original["contents"]]
    files = [_sealed_of(content, original) for original in originals for content in original["contents"]]
    continued = {(short, content["sha256"]) for content in contents for short in content["starts_with"]}
    continued |= {(content["sha256"], long) for content in contents for long in content["continued_by"]}
    return tuple(sorted(_with_duplicates(files, continued), key=lambda sealed: sealed.file))


def list_originals(case_folder: Path) -> list[Body]:
    """Return the manifest's entry of each sealed original, with its contents, in the order of adding."""
    return [link for link in read_links(case_folder / MANIFEST) if link["kind"] == "original"]


def open_content(case_folder: Path, sealed: SealedFile) -> BinaryIO:
    """Open the content as a stream of bytes, decompressed on the way.

    Where the content breaks off, all that can be read is handed out before TruncatedContent is raised;
    read the stream directly, as a BufferedReader around it loses what it holds at that moment.
    """
    path = case_folder / sealed.kept_as
    if not path.is_file():
        raise EvidenceError(
            "the sealed original is not where it was",
            where=Place(str(path)),
            fix="put it back, or run `ashiato verify` to see what else is missing",
        )
    if sealed.member is None and sealed.compression == "none":
        return path.open("rb")
    position = None if sealed.member is None else sealed.position
    return cast("BinaryIO", ChunkStream(chunks_of_content(path, sealed.compression, position)))


def read_head(stream: BinaryIO, most: int) -> bytes:
    """Return the first bytes of a content, as far as they can be read."""
    parts = []
    try:
        while most > 0 and (part := stream.read(most)):
            parts.append(part)
            most -= len(part)
    except TruncatedContent:
        pass
    return b"".join(parts)


def chunks_of_content(path: Path, compression: str, position: int | None) -> Chunks:
    """Return an original's content, or that of its member at ``position``, in pieces.

    ``compression`` is as sealed: what was not unpacked then is not unpacked now.
    """
    if position is not None:
        return open_member(path, compression, position)
    if compression == "none":
        return chunks_of_path(path)
    return open_outer(chunks_of_path(path)).chunks


def file_label(file: str) -> str:
    """Return a file's name as outputs write it: ``;``, ``:``, ``|`` and unseen characters percent-encoded.

    A percent sign is encoded only where it would read as such a code, so that a name can be read back.
    """
    return "".join(_percent(char) if _is_reserved(file, place) else char for place, char in enumerate(file))


def _is_reserved(file: str, place: int) -> bool:
    char = file[place]
    if char == "%":
        code = file[place + 1 : place + 3]
        return len(code) == 2 and set(code) <= set(_HEX)
    return char in ";:|" or unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _sealed_of(content: Body, original: Body) -> SealedFile:
    return SealedFile(
        evidence_id=short_id(content["file"], original["sha256"]),
        file=content["file"],
        kept_as=original["kept_as"],
        member=content["member"],
        original_sha256=original["sha256"],
        content_sha256=content["sha256"],
        original_bytes=original["bytes"],
        content_bytes=content["bytes"],
        content_lines=content["lines"],
        compression=content["compression"],
        duplicate_of=None,
        modified_us=content["modified_us"],
        source=original["source"],
        custodian=original["custodian"],
        added_us=original["added_us"],
        position=content["position"],
        broken=content["broken"],
    )


def _with_duplicates(files: Iterable[SealedFile], continued: set[tuple[str, str]]) -> Iterable[SealedFile]:
    """Mark copies of a content, and contents that another continues, with the file to read instead."""
    by_content: dict[str, list[SealedFile]] = defaultdict(list)
    for sealed in files:
        by_content[sealed.content_sha256].append(sealed)
    chosen = {content: min(same, key=_preference) for content, same in by_content.items()}
    for content, same in by_content.items():
        longer = [chosen[long] for short, long in continued if short == content and long in chosen]
        best = max(longer, key=lambda sealed: (sealed.content_bytes, sealed.file), default=chosen[content])
        for sealed in same:
            empty = sealed.content_bytes == 0
            yield sealed if empty or sealed is best else replace(sealed, duplicate_of=best.evidence_id)


def _preference(sealed: SealedFile) -> tuple[bool, str]:
    return (sealed.broken is not None, sealed.file)
