"""Bring a backup back into an empty place: all of it is made ready beside that place, then put there."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ashiato.terms.errors import IntegrityError, Place, ServerError
from ashiato.web.backups.archives import open_sealed
from ashiato.web.backups.databases import engine_of, filling
from ashiato.web.backups.manifest import CASES, DATABASE, HOME, Manifest
from ashiato.web.backups.unpacking import Unpacked, flaws_of_counts
from ashiato.web.configuration import SQLITE, Configuration

#: How each kind of data folder is read, by its kind.
Readers = Mapping[str, Callable[[Path], Configuration]]


@dataclass(frozen=True)
class Destination:
    """Where to restore to. ``cases``: a folder for all of them; None: each where it stood."""

    home: Path
    readers: Readers
    cases: Path | None = None


def restore(archive: Path, key: Path, to: Destination, sha256: str = "") -> Manifest:
    """Bring back all of an archive, its database included; returns what it says of itself.

    A configuration file that stands in the folder already, with the password it names, stays: it says where
    the database is now. Raises: IntegrityError: the archive is not as it was made; what is wrong is named.
    ServerError: the place is not empty, or the archive says where its cases go and nobody said by its hash
    that it is ours: whoever knows the recipient can make one. Nothing is put anywhere then.
    """
    _refuse_other(archive, sha256)
    standing = _standing(to)
    home = to.home.absolute()
    home.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{home.name}.restoring-", dir=home.parent) as work:
        unpacked = Unpacked(Path(work))
        open_sealed(archive, key, unpacked.take)
        manifest = unpacked.judged()
        targets = _targets(manifest, to.cases, is_known=bool(sha256))
        staged = Path(work, HOME)
        inside = _gather(Path(work), home, targets)
        for name in standing:
            shutil.copy2(home / name, staged / name)
        with _database(manifest, _configuration(manifest, staged, to.readers), Path(work)):
            _wake(manifest, staged, targets, archive)
            outside = {name: targets[name] for name in targets.keys() - inside}
            _put(Path(work), home, outside, standing)
    return manifest


def _refuse_other(archive: Path, sha256: str) -> None:
    if not sha256:
        return
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.strip().lower():
        raise IntegrityError(f"this is another archive: its SHA-256 is {found}", where=Place(str(archive)))


def _standing(to: Destination) -> set[str]:
    """Return what of a folder stays; ServerError where there is more than its configuration."""
    names = {path.name for path in to.home.iterdir()} if to.home.exists() else set()
    for kind, read in to.readers.items():
        if f"{kind}.yaml" in names:
            named = read(to.home).database
            password = {named.password_file.name} if named and named.password_file else set()
            if names <= password | {f"{kind}.yaml"}:
                return names
    if names:
        fix = "name a new folder: a backup is never put over anything"
        raise ServerError("there is something here already", where=Place(str(to.home)), fix=fix)
    return names


def _targets(manifest: Manifest, cases: Path | None, *, is_known: bool) -> dict[str, Path]:
    if manifest.cases and cases is None and not is_known:
        raise ServerError(
            "the archive says where its cases go, and nobody said that it is the one you made",
            fix="name the hash that `backup make` printed: --sha256 HEX; or a folder for cases: --cases DIR",
        )
    targets = {name: cases / name if cases else Path(case.folder) for name, case in manifest.cases.items()}
    for name, folder in targets.items():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = f"where the case `{name}` goes there is something already"
            raise ServerError(what, where=Place(str(folder)), fix="name a folder for cases: --cases DIR")
    return targets


def _configuration(manifest: Manifest, staged: Path, readers: Readers) -> Configuration:
    if manifest.kind not in readers:
        raise IntegrityError(f"the archive is of a `{manifest.kind[:40]}`, which this program does not know")
    configuration = readers[manifest.kind](staged)
    if engine_of(configuration) != manifest.engine:
        raise ServerError(
            f"the backup is of {manifest.engine}, and {manifest.kind}.yaml names {engine_of(configuration)}",
            fix=f"put a {manifest.kind}.yaml into the folder first that names an empty {manifest.engine}",
        )
    return configuration


@contextmanager
def _database(manifest: Manifest, configuration: Configuration, work: Path) -> Generator[None]:
    """Bring the database; where anything fails afterwards, what a PostgreSQL was given goes again."""
    if configuration.database is None:
        shutil.move(work / DATABASE / SQLITE, work / HOME / SQLITE)
        yield
        return
    (dump,) = (work / DATABASE).iterdir()
    with filling(configuration.database, dump) as counted:
        flaws = list(flaws_of_counts(manifest, counted.rows, counted.head))
        if flaws:
            raise IntegrityError(f"the archive is not as it was made: {'; '.join(flaws)}")
        yield


def _wake(manifest: Manifest, staged: Path, targets: Mapping[str, Path], archive: Path) -> None:
    """Let a server of its own check the ledger and note the restoring, before anybody can reach it."""
    if manifest.kind != "server":
        return
    said = {name: str(folder.absolute()) for name, folder in targets.items()}
    words = [str(staged), json.dumps(said), manifest.made_at, archive.name]
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [sys.executable, "-m", "ashiato.web.backups.waking", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise IntegrityError(f"what was restored does not hold: {last[:400]}")


def _gather(work: Path, home: Path, targets: Mapping[str, Path]) -> set[str]:
    """Put the cases that go inside the data folder where they belong in it; returns which these are."""
    inside = {name for name, folder in targets.items() if folder.absolute().is_relative_to(home)}
    for name in sorted(inside):
        place = work / HOME / targets[name].absolute().relative_to(home)
        if place.exists():
            what = f"where the case `{name}` goes there is something of the backup's own"
            raise ServerError(
                what, where=Place(str(targets[name])), fix="name a folder for cases: --cases DIR"
            )
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (work / CASES / name).rename(place)
    return inside


def _put(work: Path, home: Path, targets: Mapping[str, Path], standing: set[str]) -> None:
    """Put everything where it goes, the data folder last; where anything fails, nothing of it stays."""
    files = [path for path in sorted((work / HOME).iterdir()) if path.name not in standing]
    moves = [(work / CASES / name, folder) for name, folder in targets.items()]
    moves += [(path, home / path.name) for path in files]
    with ExitStack() as undoing:
        for source, place in moves:
            if source.is_dir() and place.is_dir():
                place.rmdir()
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            undoing.callback(_remove, place)
            shutil.move(source, place)
        home.mkdir(exist_ok=True)
        home.chmod(0o700)
        undoing.pop_all()


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
