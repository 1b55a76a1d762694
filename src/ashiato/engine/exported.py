"""What was exported from a case, noted so that a changed byte in a delivered file is found and located."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.case import Case, write_whole
from ashiato.engine.fingerprints import Fingerprint, fingerprint_of
from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import Run

EXPORTED = "export"


@dataclass(frozen=True)
class Export:
    """One export as it was written: the note beside its run, and the ledger's hash of that note."""

    case_folder: Path
    note: Path
    sha256: str

    @property
    def name(self) -> str:
        """The note's name within the case."""
        return str(self.note.relative_to(self.case_folder))

    def read(self) -> tuple[Path, dict[str, Fingerprint]]:
        """Return the folder it went to, and the fingerprint of each file.

        A folder within the case moves with the case.
        """
        kept = json.loads(self.note.read_bytes())
        files = {name: Fingerprint.of_json(print_) for name, print_ in kept["files"].items()}
        return self.case_folder / kept["folder"], files


def record_export(run: Run, folder: Path, files: Iterable[str]) -> str:
    """Note the files of an export (names within ``folder``) beside the run and in the ledger.

    Returns the ledger entry's hash. The caller holds the case.
    """
    prints = {name: fingerprint_of(folder / name) for name in sorted(files)}
    number = len(list(run.folder.glob("export-*.json"))) + 1
    note = run.folder / f"export-{number:04d}.json"
    kept = {
        "folder": _named(folder.absolute(), run.case.folder.absolute()),
        "files": {name: print_.as_json() for name, print_ in prints.items()},
    }
    write_whole(note, json.dumps(kept, sort_keys=True) + "\n")
    name = str(note.relative_to(run.case.folder))
    results = {"note": name, "sha256": fingerprint_of(note).sha256}
    hashes = {file: print_.sha256 for file, print_ in prints.items()}
    return run.case.record(EXPORTED, inputs={"run": run.number}, results={**results, "files": hashes})


def list_exports(case: Case) -> list[Export]:
    """Return the exports that the ledger knows, oldest first."""
    entries = [entry["results"] for entry in list_entries(case.folder, EXPORTED)]
    return [Export(case.folder, case.folder / result["note"], result["sha256"]) for result in entries]


def _named(folder: Path, case_folder: Path) -> str:
    return str(folder.relative_to(case_folder) if folder.is_relative_to(case_folder) else folder)
