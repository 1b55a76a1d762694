"""Runs: one folder each, resumed after a kill stage by stage, and pinned in the ledger when done."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from ashiato import __version__
from ashiato.engine.case import PAIRS_FILE, PLACEHOLDERS_FILE, RULES_FOLDER, Case, write_whole
from ashiato.engine.chain import head_of
from ashiato.engine.fingerprints import Fingerprint, fingerprint_of
from ashiato.engine.pins import PINS_FILE
from ashiato.engine.sealed import MANIFEST
from ashiato.engine.snapshots import MANIFEST as SNAPSHOT_FILE
from ashiato.engine.snapshots import snapshot_folders
from ashiato.engine.store import Store
from ashiato.terms.errors import IntegrityError, Place

FINISHED = "investigate"
RUN_FILE = "run.json"
WORKINGS = "workings.json"
_DONE = ".done.json"


@dataclass(frozen=True)
class Key:
    """What decides a run's answer: hashes of its inputs by name, the program's version and the engine."""

    inputs: Mapping[str, str]
    version: str
    engine: str

    def as_json(self) -> dict[str, Any]:
        """The shape kept in the run's folder and in the ledger."""
        return {"inputs": dict(self.inputs), "version": self.version, "engine": self.engine}


@dataclass(frozen=True)
class Run:
    """One run's folder, ``runs/<NNNN>``: its tables, its done markers and its ``run.json``."""

    case: Case
    folder: Path
    key: Key

    @property
    def name(self) -> str:
        """The run's folder within the case."""
        return f"runs/{self.folder.name}"

    @property
    def number(self) -> int:
        """The run's number in the case, from 1."""
        return int(self.folder.name)

    def is_done(self, stage: str) -> bool:
        """Tell whether the stage finished here and its tables are still as it left them."""
        kept = self._marker(stage)
        if kept is None:
            return False
        files = {self.folder / f"{name}.parquet": print_["sha256"] for name, print_ in kept.items()}
        return all(path.exists() and fingerprint_of(path).sha256 == sha for path, sha in files.items())

    def mark_done(self, stage: str, tables: Iterable[str]) -> None:
        """Note, whole or not at all, that the stage finished, with the fingerprint of each table's file."""
        prints = {name: fingerprint_of(self.folder / f"{name}.parquet") for name in sorted(tables)}
        for name in prints:
            _force_to_disk(self.folder / f"{name}.parquet")
        text = json.dumps({name: print_.as_json() for name, print_ in prints.items()}, sort_keys=True)
        write_whole(self.folder / f"{stage}{_DONE}", text + "\n")

    def tables(self) -> dict[str, Fingerprint]:
        """Return the fingerprint of each table's file, as its stage left it."""
        markers = sorted(self.folder.glob(f"*{_DONE}"))
        found: dict[str, Fingerprint] = {}
        for marker in markers:
            kept = self._marker(marker.name.removesuffix(_DONE)) or {}
            found |= {name: Fingerprint.of_json(print_) for name, print_ in kept.items()}
        return dict(sorted(found.items()))

    def clear_half_written(self) -> None:
        """Remove what a killed run was writing, which holds people's data. The caller holds the case."""
        for path in self.folder.glob(".*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def finish(
        self,
        store: Store,
        counts: Mapping[str, int] | None = None,
        notyet: Mapping[str, str] | None = None,
    ) -> str:
        """Pin the answer in the ledger, mark the run finished, and return the entry's hash.

        The entry holds, for each table, the hash of its canonical CSV and of its file; and of each done
        marker, whose block fingerprints tell where a file changed; so do those of the stages' own tables.
        """
        prints = self.tables()
        self._note_workings(prints.keys())
        markers = sorted((*self.folder.glob(f"*{_DONE}"), self.folder / WORKINGS))
        results: dict[str, Any] = {
            "run": self.number,
            "tables": {name: canonical_hash(store, name) for name in prints},
            "files": {f"{name}.parquet": print_.sha256 for name, print_ in prints.items()},
            "markers": {marker.name: fingerprint_of(marker).sha256 for marker in markers},
            "counts": dict(counts or {}),
            "notyet": dict(notyet or {}),
        }
        digest = self.case.record(FINISHED, inputs=self.key.as_json(), results=results)
        self.write(finished=digest)
        return digest

    def _note_workings(self, told: Iterable[str]) -> None:
        """Fingerprint what stages kept for themselves, so that it too is checked."""
        names = {path.stem for path in self.folder.glob("[!.]*.parquet")} - set(told)
        prints = {name: fingerprint_of(self.folder / f"{name}.parquet").as_json() for name in sorted(names)}
        write_whole(self.folder / WORKINGS, json.dumps(prints, sort_keys=True) + "\n")

    @property
    def finished(self) -> str | None:
        """The hash of the ledger entry that pins the run; None while it is unfinished."""
        entry = _read(self.folder / RUN_FILE).get("finished")
        return None if entry is None else str(entry)

    def write(self, finished: str | None = None) -> None:
        """Write ``run.json``: what the run's answer follows from, and the entry that pins it."""
        write_whole(self.folder / RUN_FILE, self.file_text(self.key.as_json(), finished))

    @staticmethod
    def file_text(key: Mapping[str, Any], finished: str | None) -> str:
        """Return the text of a ``run.json``."""
        return json.dumps({"key": key, "finished": finished}, indent=1, sort_keys=True) + "\n"

    def _marker(self, stage: str) -> dict[str, Any] | None:
        path = self.folder / f"{stage}{_DONE}"
        return _read(path) if path.exists() else None


def key_of(case: Case, engine: str = "duckdb") -> Key:
    """Return what decides the answer of a run begun now: its inputs, the version and the engine."""
    inputs = {"evidence/manifest.jsonl": head_of(case.folder / MANIFEST), "zone": case.zone.key}
    for folder in snapshot_folders(case.folder):
        inputs[f"snapshots/{folder.name}"] = fingerprint_of(folder / SNAPSHOT_FILE).sha256
    if case.datamap_path.exists():
        inputs[case.datamap_path.name] = fingerprint_of(case.datamap_path).sha256
    own = [case.folder / name for name in (PAIRS_FILE, PINS_FILE, PLACEHOLDERS_FILE)]
    own += sorted((case.folder / RULES_FOLDER).rglob("*.y*ml"))
    inputs |= {
        path.relative_to(case.folder).as_posix(): fingerprint_of(path).sha256
        for path in own
        if path.is_file()
    }
    return Key(inputs, __version__, engine)


def open_run(case: Case, key: Key) -> Run:
    """Resume the newest unfinished run of the same key, or begin a new one. The caller holds the case."""
    runs = list_runs(case)
    for run in reversed(runs):
        if run.finished is None and run.key == key:
            run.clear_half_written()
            return run
    number = runs[-1].number + 1 if runs else 1
    folder = case.folder / "runs" / f"{number:04d}"
    folder.mkdir(mode=0o700, exist_ok=True)
    run = Run(case, folder, key)
    run.write()
    return run


def list_runs(case: Case) -> list[Run]:
    """Return the case's runs, oldest first, finished or not."""
    paths = sorted((case.folder / "runs").glob(f"[0-9]*/{RUN_FILE}"))
    return [Run(case, path.parent, Key(**_read(path)["key"])) for path in paths]


def find_answer(case: Case) -> Run | None:
    """Return the newest finished run: the one that `explain` and `export` speak of."""
    return next((run for run in reversed(list_runs(case)) if run.finished is not None), None)


def canonical_hash(store: Store, name: str) -> str:
    """Return the SHA-256 of a table's canonical CSV.

    Canonical: a header line; rows sorted by all columns from the left; every value that is not NULL in
    double quotes; UTF-8. The same rows give the same hash whatever engine or Parquet writer made them.
    """
    sink = _Sink()
    with pa.PythonFile(sink, mode="w") as out:
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
        columns = [str(row[0]) for row in store.rows(f'DESCRIBE "{name}"')]
        sink.write((",".join(f'"{column}"' for column in columns) + "\n").encode())
        for batch in store.batches(f'SELECT * FROM "{name}" ORDER BY ALL'):
            pyarrow.csv.write_csv(batch, out, options)
    return sink.hasher.hexdigest()


class _Sink:
    """A file that keeps nothing but the hash of what is written to it."""

    def __init__(self) -> None:
        self.hasher = hashlib.sha256()
        self.closed = False

    def write(self, piece: bytes) -> int:
        self.hasher.update(piece)
        return len(piece)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def _force_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise IntegrityError(
            "this file of a run cannot be read",
            where=Place(f"runs/{path.parent.name}/{path.name}"),
            fix="run `ashiato verify`; removing the run's folder lets it be computed again",
        ) from error
