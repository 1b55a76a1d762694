"""What the operator said of the server: a data folder, and in it one file written by hand.

The folder holds ``server.yaml`` (optional), ``server.sqlite3`` (where no other database is named),
``secret`` and ``keys/``. A database is a named entry; its password is a file's content, never a word of an
address or of a command line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ashiato.outside.messages.nearness import is_this_machine
from ashiato.terms.errors import Place, ServerError
from ashiato.written.parsing import Written, parse_written
from ashiato.written.problems import refusal_of

CONFIGURATION = "server.yaml"
SQLITE = "server.sqlite3"
#: Where nobody says otherwise, beside what other programs of the user keep.
USUAL_HOME = Path("~/.local/share/ashiato")


@dataclass(frozen=True)
class NamedDatabase:
    """A PostgreSQL server as the configuration names it; ``password_file`` is its owner's alone.

    ``ca_file``: certificates by which the server's own and its name are checked; with it TLS is a must.
    """

    host: str
    port: int
    name: str
    user: str
    password_file: Path | None = None
    ca_file: Path | None = None

    def trust(self) -> dict[str, str]:
        """Return how the connection is to be sealed, by libpq's own words."""
        return {"sslmode": "verify-full", "sslrootcert": str(self.ca_file)} if self.ca_file else {}


@dataclass(frozen=True)
class Configuration:
    """The data folder, the database it names, and what its file says by section."""

    home: Path
    database: NamedDatabase | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


def read_configuration(home: Path) -> Configuration:
    """Read the data folder's file; without one everything stands at its usual value.

    Raises: ServerError: the file is wrong; the line and the remedy are named.
    """
    path = home / CONFIGURATION
    if not path.exists():
        return Configuration(home)
    written = parse_written(path.read_bytes(), str(path))
    _refuse_faults(written)
    said: dict[str, Any] = written.value or {}
    return Configuration(home, _database(said, written, home), said)


def _refuse_faults(written: Written) -> None:
    problems = list(written.problems)
    if not problems:
        schema = json.loads(resources.files("ashiato.web").joinpath("server.schema.json").read_text("utf-8"))
        for error in Draft202012Validator(schema).iter_errors(written.value or {}):
            fix = "write it as docs/guides/notices.md shows."
            problems.append(written.problem(tuple(error.absolute_path), error.message[:200], fix))
    if problems:
        what, where, remedy = refusal_of(problems, "the server's configuration")
        raise ServerError(what, where=where, fix=remedy)


def _database(said: Mapping[str, Any], written: Written, home: Path) -> NamedDatabase | None:
    name = said.get("database")
    if name is None:
        return None
    entry = said.get("databases", {}).get(name)
    if entry is None:
        raise ServerError(
            f"no database is named `{name}`",
            where=Place(written.file, written.line(("database",))),
            fix="name it under `databases`, or take `database` out to use SQLite",
        )
    return named_database(entry, home, Place(written.file, written.line(("databases", name, "host"))))


def named_database(entry: Mapping[str, Any], home: Path, where: Place) -> NamedDatabase:
    """Return a database as a configuration names it; its files stand by the folder ``home``.

    Raises: ServerError: it is reached over the network, and nothing says by what its server is known.
    """
    host, ca_file = entry["host"], entry.get("ca_file")
    if not (ca_file or host.startswith("/") or is_this_machine(host)):
        raise ServerError(
            "the database would be reached over the network without knowing whose server answers",
            where=where,
            fix="name the file of certificates that its server's is checked by, in PEM: `ca_file: root.pem`",
        )
    password = entry.get("password_file")
    return NamedDatabase(
        host=host,
        port=entry.get("port", 5432),
        name=entry["name"],
        user=entry["user"],
        password_file=home / password if password else None,
        ca_file=home / ca_file if ca_file else None,
    )
