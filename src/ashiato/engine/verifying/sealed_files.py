"""Check what was sealed: evidence, its manifest and tokens, snapshots, and the case file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ashiato.engine.case import CASE_FILE
from ashiato.engine.chain import START, Body, read_links
from ashiato.engine.evidence.pinning import links_after, pinned_head
from ashiato.engine.evidence.sealing import SEALED
from ashiato.engine.evidence.stamps import read_stamp
from ashiato.engine.evidence.tokens import find_stamped, list_tokens
from ashiato.engine.fingerprints import Fingerprint
from ashiato.engine.ledger import list_entries
from ashiato.engine.sealed import MANIFEST, list_originals
from ashiato.engine.snapshots import MANIFEST as SNAPSHOT_FILE
from ashiato.engine.snapshots import pinned_manifests, read_manifest, snapshot_folders
from ashiato.engine.verifying.problems import Kind, Problem, compare_file, compare_hash
from ashiato.terms.errors import AshiatoError


def check_case_file(case_folder: Path) -> Iterator[Problem]:
    """Check ``case.json`` against the ledger's first entry."""
    entries = list_entries(case_folder, "case new")
    if not entries:
        yield Problem(Kind.UNKNOWN, CASE_FILE, "the ledger has no entry of the case's making")
        return
    yield from compare_hash(case_folder / CASE_FILE, CASE_FILE, entries[0]["results"][CASE_FILE])


def check_evidence(case_folder: Path) -> Iterator[Problem]:
    """Re-hash every original, and look for originals that the manifest does not list."""
    originals = list_originals(case_folder)
    checked: set[str] = set()
    for link in originals:
        if link["kept_as"] not in checked:
            checked.add(link["kept_as"])
            yield from _check_original(case_folder, link)
    for path in sorted((case_folder / SEALED).glob("[!.]*")):
        if f"{SEALED}/{path.name}" not in checked:
            yield Problem(
                Kind.UNKNOWN,
                f"{SEALED}/{path.name}",
                "the manifest does not list this file: a sealing was cut short, or an entry was removed",
            )


def check_pinned(case_folder: Path) -> Iterator[Problem]:
    """Check that the manifest ends where the ledger says."""
    pinned = pinned_head(case_folder)
    hashes = {START, *(link["hash"] for link in read_links(case_folder / MANIFEST))}
    if pinned not in hashes:
        yield Problem(Kind.MISSING, MANIFEST, "the entry that the ledger vouches for is not in it")
        return
    for link in links_after(case_folder, pinned):
        what = "the ledger does not vouch for this entry: `evidence add` was cut short; run it again"
        yield Problem(Kind.UNKNOWN, MANIFEST, what, line_first=link["seq"], line_last=link["seq"])


def check_tokens(case_folder: Path) -> Iterator[Problem]:
    """Check each timestamp token's signature again, and that it still stamps what it did."""
    for link in list_tokens(case_folder):
        path = case_folder / link["file"]
        yield from compare_hash(path, link["file"], link["sha256"])
        try:
            over = find_stamped(case_folder, read_stamp(path))
        except (AshiatoError, OSError):
            over = None
        if over != link["over"]:
            yield Problem(Kind.ALTERED, link["file"], f"the token does not stamp {link['over']} any more")


def check_snapshots(case_folder: Path) -> Iterator[Problem]:
    """Check each snapshot's manifest against the ledger, and its files against the manifest."""
    pinned = pinned_manifests(case_folder)
    for name, sha256 in sorted(pinned.items()):
        yield from compare_hash(case_folder / name, name, sha256)
    for folder in snapshot_folders(case_folder):
        name = f"snapshots/{folder.name}"
        if f"{name}/{SNAPSHOT_FILE}" not in pinned:
            yield Problem(Kind.UNKNOWN, name, "`snapshot add` was cut short; run it again")
        yield from _check_snapshot(folder, name)


def _check_snapshot(folder: Path, name: str) -> Iterator[Problem]:
    try:
        files = read_manifest(folder)["files"]
    except AshiatoError as error:
        yield Problem(Kind.ALTERED, f"{name}/{SNAPSHOT_FILE}", error.what)
        return
    for file, kept in sorted(files.items()):
        text = file.endswith((".csv", ".sql"))
        yield from compare_file(folder / file, f"{name}/{file}", Fingerprint.of_json(kept), text=text)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if path.is_file() and inside not in (*files, SNAPSHOT_FILE):
            yield Problem(Kind.UNKNOWN, f"{name}/{inside}", "the snapshot's manifest does not list it")


def _check_original(case_folder: Path, link: Body) -> Iterator[Problem]:
    sealed = Fingerprint.of_json(link)
    text = all(content["compression"] == "none" for content in link["contents"])
    name = f"{link['file']} [{link['kept_as']}]"
    yield from compare_file(case_folder / link["kept_as"], name, sealed, text=text)
