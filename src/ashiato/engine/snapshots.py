"""Snapshots of a system's tables as of a moment, sealed in the case like evidence."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from ashiato.engine.case import Case, moment_us_of, write_whole, writing
from ashiato.engine.dumps import SCHEMA, convert_dump, convert_parquet, is_dump
from ashiato.engine.fingerprints import Fingerprint, fingerprint_of
from ashiato.engine.ledger import list_entries
from ashiato.engine.snapshot_tables import refuse_no_tables
from ashiato.engine.workspace import Snapshot
from ashiato.terms.errors import CaseError, IntegrityError, Place
from ashiato.terms.ids import short_id
from ashiato.terms.times import iso_of

ADDED = "snapshot add"
MANIFEST = "snapshot.json"
TABLES = "tables"
ORIGINAL = "original"
#: Where tables are looked through before they are sealed.
CHECKED = "checked"


def add_snapshot(case: Case, path: Path, as_of: str, system: str) -> Snapshot:
    """Seal one system's tables as of an ISO 8601 time; one without an offset is in the case's zone.

    ``path`` is a folder of ``<table>.csv`` or ``.parquet`` with ``schema.sql``, a SQLite file, a dump in SQL,
    or a folder with such dumps in it. What is no CSV is kept too, and turned into CSV. The same files again
    are no change.
    Raises: EvidenceError: a file is no table. CaseError: there is none, one is in two files, or the case has
    other files for this system and time.
    """
    as_of_us = moment_us_of(as_of, case.zone)
    folder = case.folder / "snapshots" / _folder_name(system, as_of_us)
    beside = folder.with_name(f".{folder.name}")
    with writing(case):
        try:
            _gather(path, beside)
            _seal(beside, folder, {"system": system, "as_of_us": as_of_us})
        finally:
            shutil.rmtree(beside, ignore_errors=True)
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
    """Return ``{system, as_of_us, files: {path in the folder: fingerprint}}`` of a snapshot's folder."""
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


def _gather(path: Path, beside: Path) -> None:
    """Bring the tables together in a folder beside the place where they will be kept."""
    shutil.rmtree(beside, ignore_errors=True)
    tables, original = beside / TABLES, beside / ORIGINAL
    for folder in (tables, original):
        folder.mkdir(parents=True, mode=0o700)
    if path.is_file():
        convert_dump(_copied(path, original), tables)
    elif path.is_dir():
        _gather_folder(path, tables, original)
    if not list(tables.glob("*.csv")):
        raise CaseError(
            "no table is here: neither <table>.csv or <table>.parquet in a folder, nor a dump",
            where=Place(str(path)),
            fix="export each table with its header line, in psql: \\copy owners to owners.csv csv header; "
            "or name the dump itself, uncompressed, or a folder in which its name ends in .sql",
        )
    refuse_no_tables(tables, beside / CHECKED)
    shutil.rmtree(beside / CHECKED)


def _gather_folder(path: Path, tables: Path, original: Path) -> None:
    """Take what a folder holds of tables; dumps last, as they add to the schema that lies beside them."""
    files = [file for file in sorted(path.iterdir()) if file.is_file() and not file.is_symlink()]
    for file in files:
        if file.suffix == ".parquet":
            convert_parquet(_copied(file, original), tables)
        elif file.suffix == ".csv":
            _copied(file, tables)
    texts = [file for file in files if file.suffix == ".sql"]
    dumps = [file for file in texts if _is_dump_beside(file, tables)]
    for file in texts:
        if file not in dumps:
            _copied(file, tables)
    for file in dumps:
        convert_dump(_copied(file, original), tables)


def _is_dump_beside(file: Path, tables: Path) -> bool:
    """Tell whether a text in SQL is a dump; ``schema.sql`` beside tables is theirs, whatever it holds."""
    return is_dump(file) and not (file.name == SCHEMA and any(tables.glob("*.csv")))


def _seal(beside: Path, folder: Path, facts: dict[str, Any]) -> None:
    files = sorted(file for file in beside.rglob("*") if file.is_file())
    prints = {file.relative_to(beside).as_posix(): fingerprint_of(file) for file in files}
    if folder.exists():
        _refuse_other(folder, prints)
        return
    for file in files:
        file.chmod(0o400)
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


def _copied(file: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(file, folder / file.name))


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
