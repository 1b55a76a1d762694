"""Check what came out: the tables of each finished run, and the files of each export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ashiato.engine.approved import list_editions
from ashiato.engine.case import Case
from ashiato.engine.chain import Body
from ashiato.engine.decided import list_decisions
from ashiato.engine.exported import Export, list_exports
from ashiato.engine.fingerprints import Fingerprint
from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import FINISHED, RUN_FILE, Run, list_runs
from ashiato.engine.verifying.problems import Kind, Problem, compare_file, compare_hash
from ashiato.terms.errors import AshiatoError

_BINARY_ENDINGS = (".pdf", ".parquet", ".png", ".zip")


def check_runs(case: Case) -> Iterator[Problem]:
    """Check each finished run against its ledger entry, and say which run has none."""
    entries = list_entries(case.folder, FINISHED)
    newest = {entry["results"]["run"]: entry for entry in entries}
    for entry in newest.values():
        yield from _check_run(case, entry)
    known = {entry["hash"] for entry in entries}
    for run in _readable_runs(case):
        if run.finished is not None and run.finished not in known:
            yield Problem(Kind.UNKNOWN, run.name, "the ledger has no entry of this run")


def check_exports(case: Case) -> Iterator[Problem]:
    """Check the newest export to each folder; a folder outside the case that is gone was carried away."""
    newest: dict[Path, Export] = {}
    for export in list_exports(case):
        problems = list(compare_hash(export.note, export.name, export.sha256))
        yield from problems
        if not problems:
            newest[export.read()[0]] = export
    for folder, export in sorted(newest.items()):
        if folder.is_dir() or folder.is_relative_to(case.folder):
            yield from _check_export(case.folder, folder, export)


def check_decisions(case: Case) -> Iterator[Problem]:
    """Check each decision, and the files of rules it was taken by, against the ledger."""
    for decision in list_decisions(case):
        for name, sha256 in decision.files.items():
            yield from compare_hash(case.folder / name, name, sha256)


def check_drafts(case: Case) -> Iterator[Problem]:
    """Check each edition of a draft that was approved against the ledger."""
    for edition in list_editions(case):
        yield from compare_hash(case.folder / edition.name, edition.name, edition.sha256)


def _check_export(case_folder: Path, folder: Path, export: Export) -> Iterator[Problem]:
    for name, sealed in export.read()[1].items():
        path = folder / name
        shown = path.relative_to(case_folder) if path.is_relative_to(case_folder) else path
        text = not name.endswith(_BINARY_ENDINGS)
        yield from compare_file(path, str(shown), sealed, text=text)


def _check_run(case: Case, entry: Body) -> Iterator[Problem]:
    folder = f"runs/{entry['results']['run']:04d}"
    for name, sha256 in sorted(entry["results"]["markers"].items()):
        path = case.folder / folder / name
        problems = list(compare_hash(path, f"{folder}/{name}", sha256))
        yield from problems
        if not problems:
            yield from _check_tables(case.folder, folder, path)
    yield from _check_run_file(case.folder / folder / RUN_FILE, f"{folder}/{RUN_FILE}", entry)


def _check_tables(case_folder: Path, folder: str, marker: Path) -> Iterator[Problem]:
    for table, kept in sorted(json.loads(marker.read_bytes()).items()):
        name = f"{folder}/{table}.parquet"
        yield from compare_file(case_folder / name, name, Fingerprint.of_json(kept))


def _check_run_file(path: Path, name: str, entry: Body) -> Iterator[Problem]:
    if not path.is_file():
        yield Problem(Kind.MISSING, name, "the file is not there")
    elif path.read_text("utf-8", "replace") != Run.file_text(entry["inputs"], entry["hash"]):
        yield Problem(Kind.ALTERED, name, "it does not say what the ledger's entry says")


def _readable_runs(case: Case) -> list[Run]:
    try:
        return list_runs(case)
    except AshiatoError:
        return []
