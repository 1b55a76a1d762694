"""Sealing evidence: copy, hash, look inside once, and write it down in a chained manifest."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.archives import Unread
from ashiato.engine.case import Case, writing
from ashiato.engine.chain import Body, append_link, head_of
from ashiato.engine.evidence.contents import Content, iterate_contents, raw_content
from ashiato.engine.evidence.naming import Skipped, Wanted, list_wanted, member_file, text_of_name
from ashiato.engine.evidence.overlaps import Known, list_beginnings, list_continuations
from ashiato.engine.evidence.pinning import ADDED, links_after, pinned_head
from ashiato.engine.evidence.tokens import TokenFacts, keep_token
from ashiato.engine.fingerprints import Fingerprint, fingerprint_stream
from ashiato.engine.sealed import MANIFEST, chunks_of_content, list_originals
from ashiato.engine.unpacking import Chunks
from ashiato.terms.errors import EvidenceError, Place

SEALED = "evidence/sealed"
_READ_ONLY = 0o400
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True)
class Custody:
    """Where evidence came from and who held it, in the operator's words; may be empty.

    ``by_reference``: the originals stay where they are and are only hashed; else they are copied in.
    """

    source: str = ""
    custodian: str = ""
    by_reference: bool = False


@dataclass(frozen=True)
class Token:
    """A timestamp token file (RFC 3161), and the CA certificates (PEM) its chain is checked against."""

    path: Path
    trusted: Path | None = None


@dataclass(frozen=True)
class Sealing:
    """What one call sealed: new names, names sealed before with the same bytes, and what was left out.

    ``inside`` are the contents that cannot be read whole, by name and reason; they are sealed all the same.
    """

    added: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    inside: tuple[Skipped, ...] = ()
    token: TokenFacts | None = None


def add_evidence(
    case: Case,
    paths: Sequence[Path],
    custody: Custody = Custody(),
    *,
    token: Token | None = None,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Sealing:
    """Seal files and folders (links are not followed), each by itself: a bad one costs no other.

    ``tell`` hears bytes done and bytes in all. Raises EvidenceError for a path that does not exist, a
    disk too small, or a token that stamps something else; CaseError when another process is writing.
    """
    wanted, skipped = list_wanted(paths, case.folder)
    with writing(case):
        sealer = _Sealer(case, custody)
        sealer.skipped.extend(skipped)
        if not custody.by_reference:
            _check_room(case.folder, wanted)
        facts = None
        try:
            sealer.seal_all(wanted, tell)
            facts = keep_token(case, token.path, token.trusted) if token else None
        finally:
            sealer.record()
    return Sealing(
        tuple(sealer.added),
        tuple(sealer.already),
        tuple(sealer.skipped),
        tuple(sealer.inside),
        facts,
    )


class _Sealer:
    """One call's work: the names taken so far, and what came of each file."""

    def __init__(self, case: Case, custody: Custody) -> None:
        self.case, self.custody = case, custody
        self.manifest = case.folder / MANIFEST
        self.folder = case.folder / SEALED
        self.folder.mkdir(exist_ok=True, mode=0o700)
        originals = list_originals(case.folder)
        self.taken = {link["file"]: link["sha256"] for link in originals}
        self.known = [known for link in originals for known in _known_of(case.folder, link)]
        self.added: list[str] = []
        self.already: list[str] = []
        self.skipped: list[Skipped] = []
        self.inside: list[Skipped] = []
        for leftover in self.folder.glob(".sealing-*"):
            leftover.unlink()

    def seal_all(self, wanted: Sequence[Wanted], tell: Callable[[int, int], None]) -> None:
        sizes = [_size_of(one.path) for one in wanted]
        for place, one in enumerate(wanted):
            tell(sum(sizes[:place]), sum(sizes))
            try:
                self._seal(one)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise EvidenceError("the disk is full", where=Place(str(self.folder))) from error
                self.skipped.append(Skipped(text_of_name(str(one.path)), f"cannot be read: {error.strerror}"))
        tell(sum(sizes), sum(sizes))

    def record(self) -> None:
        """Pin the manifest's head in the ledger, when it has grown since it was last pinned.

        What an interrupted call sealed and could not pin is pinned by the next.
        """
        head, pinned = head_of(self.manifest), pinned_head(self.case.folder)
        if head == pinned:
            return
        fresh = links_after(self.case.folder, pinned)
        inputs = {link["file"]: link["sha256"] for link in fresh}
        self.case.record(ADDED, inputs=inputs, results={"entries": len(fresh), "manifest": head})

    def _seal(self, wanted: Wanted) -> None:
        before = wanted.path.stat(follow_symlinks=False)
        kept, print_ = self._keep(wanted.path)
        if self.custody.by_reference and _state(before) != _state(wanted.path.stat(follow_symlinks=False)):
            self.skipped.append(Skipped(text_of_name(str(wanted.path)), "it changed while it was read"))
            return
        file = self._free_name(wanted, print_.sha256)
        if file is None:
            return
        modified_us = before.st_mtime_ns // 1000
        self._write_down(file, kept, print_, modified_us)

    def _keep(self, path: Path) -> tuple[str, Fingerprint]:
        """Copy the original in, or look at it where it is; return where it is kept, and its fingerprint."""
        if self.custody.by_reference:
            with path.open("rb") as file:
                return str(path.absolute()), fingerprint_stream(file)
        beside = self.folder / f".sealing-{os.getpid()}"
        with path.open("rb") as file, beside.open("wb") as copy:
            print_ = fingerprint_stream(file, pass_on=copy.write)
            copy.flush()
            os.fsync(copy.fileno())
        beside.chmod(_READ_ONLY)
        beside.replace(self.folder / print_.sha256)
        return f"{SEALED}/{print_.sha256}", print_

    def _free_name(self, wanted: Wanted, sha256: str) -> str | None:
        """Return a name no other content has; None, and say so, when these bytes are sealed under one."""
        names = (*wanted.names(), f"{wanted.name}#{sha256}")
        name = next(name for name in names if self.taken.get(name, sha256) == sha256)
        if name not in self.taken:
            return name
        self.already.append(name)
        return None

    def _write_down(self, file: str, kept: str, print_: Fingerprint, modified_us: int) -> None:
        contents, unread = self._look_inside(file, self.case.folder / kept, modified_us)
        link: Body = {
            "kind": "original",
            "file": file,
            "kept_as": kept,
            "by_reference": self.custody.by_reference,
            **print_.as_json(),
            "modified_us": modified_us,
            "source": self.custody.source,
            "custodian": self.custody.custodian,
            "added_us": self.case.clock(),
            "unread": unread,
            "contents": contents,
        }
        append_link(self.manifest, link)
        self.taken[file] = print_.sha256
        self.added.extend(content["file"] for content in contents)
        self.known.extend(_known_of(self.case.folder, link))

    def _look_inside(
        self, file: str, path: Path, modified_us: int
    ) -> tuple[list[Body], list[dict[str, str]]]:
        names = {file}
        contents: list[Body] = []
        unread: list[dict[str, str]] = []
        for item in iterate_contents(path, modified_us):
            if isinstance(item, Unread):
                unread.append({"member": text_of_name(item.name), "reason": item.reason})
                continue
            label = file if item.member is None else member_file(file, item.member, names)
            contents.append(_content_of(label, item))
        if not contents:
            contents.append(_content_of(file, raw_content(path, modified_us)))
        self.inside.extend(Skipped(f"{file}/{item['member']}", item["reason"]) for item in unread)
        self.inside.extend(Skipped(item["file"], item["broken"]) for item in contents if item["broken"])
        self._mark_overlaps(path, contents)
        return contents, unread

    def _mark_overlaps(self, path: Path, contents: list[Body]) -> None:
        for place, content in enumerate(contents):
            own = _known(path, content)
            others = [*self.known, *(_known(path, other) for other in contents[:place])]
            content["starts_with"] = list_beginnings(own, others)
            content["continued_by"] = list_continuations(own, others)


def _content_of(label: str, content: Content) -> Body:
    return {
        "file": label,
        "member": None if content.member is None else text_of_name(content.member),
        "position": content.position,
        "compression": content.compression,
        "modified_us": content.modified_us,
        "sha256": content.sha256,
        "bytes": content.size_bytes,
        "lines": content.lines,
        "first_line": content.first_line,
        "head": content.head,
        "broken": content.broken,
    }


def _known_of(case_folder: Path, link: Body) -> list[Known]:
    return [_known(case_folder / link["kept_as"], content) for content in link["contents"]]


def _known(path: Path, content: Body) -> Known:
    def reopen() -> Chunks:
        packed, member = content["compression"], content["member"] is not None
        return chunks_of_content(path, packed, content["position"] if member else None)

    return Known(content["sha256"], content["bytes"], content["first_line"], content["head"], reopen)


def _check_room(case_folder: Path, wanted: Iterable[Wanted]) -> None:
    need = sum(_size_of(one.path) for one in wanted) + _SPARE_BYTES
    free = shutil.disk_usage(case_folder).free
    if need > free:
        raise EvidenceError(
            f"the copies need {need:,} bytes and the disk has {free:,}",
            where=Place(str(case_folder)),
            fix="seal by reference, or put the case on a larger disk",
        )


def _size_of(path: Path) -> int:
    try:
        return path.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
