"""Approvals of drafts, kept in the case and pinned in the ledger: which bytes, by whom and when.

``drafts/<kind>.<language>/0001.json`` is an edition as it was approved. An edition is its bytes: a draft that
says anything else is the next one, which nobody has approved yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ashiato.engine.case import Case, write_whole
from ashiato.engine.ledger import list_entries
from ashiato.terms.approvals import APPROVALS_NEEDED, is_same_person
from ashiato.terms.errors import CaseError, IntegrityError, Place

APPROVED = "draft approved"
FOLDER = "drafts"


@dataclass(frozen=True)
class Approval:
    """Who approved, in which words, and when; ``files``: the SHA-256 of each file that was made of it."""

    by: str
    because: str
    time: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Edition:
    """One text of one kind of draft in one language: its number, as of when it speaks, and its approvals."""

    kind: str
    language: str
    number: int
    as_of: str
    name: str
    sha256: str
    approvals: tuple[Approval, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether enough different persons approved these very bytes."""
        return len(self.approvals) >= APPROVALS_NEEDED


@dataclass(frozen=True)
class DraftText:
    """What is to be approved: a draft's text, as of when it speaks, and the hashes of its files."""

    kind: str
    language: str
    as_of: str
    text: str
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """The hash of the text's bytes."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def approve_draft(case: Case, draft: DraftText, *, by: str, because: str) -> Edition:
    """Note a person's approval of a draft; returns the edition with all its approvals.

    Raises CaseError: no name or reason is given, or this person has approved this edition already. The caller
    holds the case.
    """
    if not by.strip() or not because.strip():
        raise CaseError("an approval names who gives it, and why", fix="give both --by and --because")
    editions = list_editions(case, draft.kind, draft.language)
    last = editions[-1] if editions else None
    number = len(editions) + 1
    if last is not None and last.sha256 == draft.sha256:
        number = last.number
        if any(is_same_person(each.by, by) for each in last.approvals):
            what = f"{by.strip()} has approved edition {number} already"
            raise CaseError(what, where=Place(last.name), fix="another person approves it")
    name = f"{FOLDER}/{draft.kind}.{draft.language}/{number:04d}.json"
    path = case.folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A file of a number that the ledger does not know is of an approval that was broken off.
    if last is None or number != last.number or not path.exists():
        write_whole(path, draft.text)
    named = {"kind": draft.kind, "language": draft.language, "edition": number, "as_of": draft.as_of}
    given = {"by": by.strip(), "because": because.strip()}
    results = {"draft": name, "sha256": draft.sha256, "files": dict(draft.files)}
    case.record(APPROVED, inputs=named | given, results=results)
    return list_editions(case, draft.kind, draft.language)[-1]


def list_editions(case: Case, kind: str | None = None, language: str | None = None) -> list[Edition]:
    """Return the editions that the ledger knows, by kind and language, oldest first."""
    held: dict[tuple[str, str, int], Edition] = {}
    for entry in list_entries(case.folder, APPROVED):
        told, results = entry["inputs"], entry["results"]
        key = (told["kind"], told["language"], told["edition"])
        new = Edition(*key, told["as_of"], results["draft"], results["sha256"])
        approval = Approval(told["by"], told["because"], entry["time"], results["files"])
        edition = held.get(key, new)
        held[key] = replace(edition, approvals=(*edition.approvals, approval))
    return [
        edition
        for key, edition in sorted(held.items())
        if kind in (None, edition.kind) and language in (None, edition.language)
    ]


def read_edition(case: Case, edition: Edition) -> str:
    """Return an edition's text; IntegrityError when it is not as the ledger pins it."""
    path = case.folder / edition.name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != edition.sha256:
        raise IntegrityError(
            "this draft is not as it was approved, or is gone",
            where=Place(str(path)),
            fix="run `ashiato verify` on the case, and restore the file from its copy",
        )
    return content.decode()
