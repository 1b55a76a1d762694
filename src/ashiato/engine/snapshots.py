"""Snapshots of a system's tables as of a moment, sealed in the case like evidence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ashiato.engine.case import Case, moment_us_of, write_whole, writing
from ashiato.engine.fingerprints import Fingerprint, fingerprint_of
from ashiato.engine.ledger import list_entries
from ashiato.engine.workspace import Snapshot
from ashiato.terms.errors import CaseError, IntegrityError, Place
from ashiato.terms.ids import short_id
from ashiato.terms.times import iso_of

ADDED = "snapshot add"
MANIFEST = "snapshot.json"
TABLES = "tables"
_TABLE_ENDINGS = (".csv", ".parquet")
_KEPT_ENDINGS = (*_TABLE_ENDINGS, ".sql")


def add_snapshot(case: Case, path: Path, as_of: str, system: str) -> Snapshot:
    """Seal a folder of ``<table>.csv`` or ``.parquet`` (and ``schema.sql``), as of an ISO 8601 time.

    A time without an offset is in the case's zone. The same files again are no change; other files for
    the same system and time raise CaseError, as does a folder that holds no table.
    """
    as_of_us = moment_us_of(as_of, case.zone)
    files = _files_of(path)
    folder = case.folder / "snapshots" / _folder_name(system, as_of_us)
    prints = {file.name: fingerprint_of(file) for file in files}
    with writing(case):
        if folder.exists():
            _refuse_other(folder, prints)
        else:
            _seal(folder, files, {"system": system, "as_of_us": as_of_us})
        _pin(case, folder)
    return Snapshot(system, as_of_us, folder / TABLES)


def list_snapshots(case: Case) -> tuple[Snapshot, ...]:
    """Return the case's snapshots, sorted by system and time."""
    found = [(folder, read_manifest(folder)) for folder in snapshot_folders(case.folder)]
    snapshots = [Snapshot(kept["system"], kept["as_of_us"], folder / TABLES) for folder, kept in found]
    return tuple(sorted(snapshots, key=lambda snapshot: (snapshot.system, snapshot.as_of_us)))


def snapshot_folders(case_folder: Path) -> list[Path]:
    """Return the folder of each sealed snapshot; unfinished ones are left out."""
    return sorted(path.parent for path in (case_folder / "snapshots").glob(f"[!.]*/{MANIFEST}"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return ``{system, as_of_us, files: {name: fingerprint}}`` of a snapshot's folder."""
    try:
        kept = json.loads((folder / MANIFEST).read_bytes())
        return {"system": kept["system"], "as_of_us": kept["as_of_us"], "files": dict(kept["files"])}
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "the snapshot's manifest cannot be read",
            where=Place(f"{folder.name}/{MANIFEST}"),
            fix="restore it from a copy, or add the snapshot again to a new case",
        ) from error


def pinned_manifests(case_folder: Path) -> dict[str, str]:
    """Return the hash of each snapshot's manifest that the ledger vouches for, by its path in the case."""
    entries = list_entries(case_folder, ADDED)
    return {entry["results"]["manifest"]: entry["results"]["sha256"] for entry in entries}


def _seal(folder: Path, files: list[Path], facts: dict[str, Any]) -> None:
    beside = folder.with_name(f".{folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    (beside / TABLES).mkdir(parents=True, mode=0o700)
    prints = {file.name: _copied(file, beside / TABLES) for file in files}
    manifest = {**facts, "files": {name: print_.as_json() for name, print_ in prints.items()}}
    write_whole(beside / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    beside.replace(folder)


def _pin(case: Case, folder: Path) -> None:
    """Record the snapshot in the ledger, unless it is there; a call killed before this is made good."""
    manifest = f"snapshots/{folder.name}/{MANIFEST}"
    if manifest in pinned_manifests(case.folder):
        return
    kept = read_manifest(folder)
    case.record(
        ADDED,
        inputs={name: print_["sha256"] for name, print_ in kept["files"].items()},
        results={
            "system": kept["system"],
            "as_of": iso_of(kept["as_of_us"], case.zone),
            "manifest": manifest,
            "sha256": fingerprint_of(folder / MANIFEST).sha256,
        },
    )


def _copied(file: Path, folder: Path) -> Fingerprint:
    copy = folder / file.name
    shutil.copyfile(file, copy)
    copy.chmod(0o400)
    return fingerprint_of(copy)


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        raise CaseError(
            "a snapshot is a folder of <table>.csv or <table>.parquet files, with schema.sql beside them",
            where=Place(str(path)),
            fix="export each table with its header line, in psql: \\copy owners to owners.csv csv header",
        )
    files = list(_kept(path))
    if not any(file.suffix in _TABLE_ENDINGS for file in files):
        raise CaseError("the folder holds no <table>.csv and no <table>.parquet", where=Place(str(path)))
    return files


def _kept(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.suffix in _KEPT_ENDINGS and file.is_file() and not file.is_symlink():
            yield file


def _refuse_other(folder: Path, prints: dict[str, Fingerprint]) -> None:
    kept = {name: print_["sha256"] for name, print_ in read_manifest(folder)["files"].items()}
    if kept != {name: print_.sha256 for name, print_ in prints.items()}:
        raise CaseError(
            "the case has another snapshot of this system at this time",
            where=Place(str(folder)),
            fix="give the time at which this one was taken, or another system's name",
        )


def _folder_name(system: str, as_of_us: int) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", system)[:40]
    return f"{plain}-{short_id(system, str(as_of_us))[:8]}"
