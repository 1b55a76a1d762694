"""What an archive says of itself: every file with its hash, the heads of its ledgers, rows by table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ashiato.terms.errors import IntegrityError

FORMAT = 1
MANIFEST = "manifest.json"
#: Where things stand in an archive.
HOME, CASES, DATABASE = "home", "cases", "database"


@dataclass(frozen=True)
class Kept:
    """One file: its size in bytes, its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class KeptCase:
    """A case folder: where it stood, and its ledger's newest entry."""

    folder: str
    head: str


@dataclass(frozen=True)
class Counted:
    """A database at one moment: rows by table, and the newest entry of its ledger (none: empty)."""

    rows: Mapping[str, int]
    head: str


@dataclass(frozen=True)
class Manifest:
    """All of an archive. ``kind``: server or public; ``engine``: sqlite or postgresql.

    ``elsewhere``: files that the configuration names outside its folder; they are not in the archive.
    """

    kind: str
    made_at: str
    version: str
    engine: str
    database: Counted
    cases: Mapping[str, KeptCase]
    folders: tuple[str, ...]
    files: Mapping[str, Kept]
    elsewhere: tuple[str, ...] = ()

    def written(self) -> bytes:
        """Return it as JSON, sorted."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True).encode()


def read_manifest(text: bytes) -> Manifest:
    """Return what an archive says of itself; IntegrityError where it is not of our form."""
    try:
        held: dict[str, Any] = json.loads(text)
        number = held.pop("format")
        if number != FORMAT:
            raise IntegrityError(
                f"the archive has format {number}; this program reads {FORMAT}",
                fix="use the program that made it",
            )
        return Manifest(**held | {
            "database": Counted(**held["database"]),
            "cases": {name: KeptCase(**said) for name, said in held["cases"].items()},
            "folders": tuple(held["folders"]),
            "elsewhere": tuple(map(str, held.get("elsewhere", ()))),
            "files": {name: Kept(**said) for name, said in held["files"].items()},
        })  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(f"the archive's {MANIFEST} is not of our form") from error
