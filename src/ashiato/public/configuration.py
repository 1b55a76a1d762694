"""What the operator said of the public pages: a folder of its own with ``public.yaml`` and ``public.key``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ashiato.bundle.keys import PublicKeys
from ashiato.rooms.private_files import read_private
from ashiato.terms.errors import Place, ServerError
from ashiato.web.configuration import Configuration, named_database
from ashiato.written.parsing import Written, parse_written
from ashiato.written.problems import refusal_of

FILE, KEYS = "public.yaml", "public.key"
_LISTEN = "127.0.0.1:8080"


@dataclass(frozen=True)
class PublicConfiguration:
    """One folder's file. ``proxies``: servers of the operator's own that stand in front."""

    home: Path
    hosts: tuple[str, ...]
    listen: str
    proxies: int
    processes: int
    database: Configuration
    leaked_passwords: Path | None

    def keys(self) -> PublicKeys:
        """Return the keys that the console made; ServerError where they are missing or open to others."""
        return PublicKeys.read(read_private(self.home / KEYS))


def read_public(home: Path) -> PublicConfiguration:
    """Read the folder's file.

    Raises: ServerError: there is none, or it is wrong; the line and the remedy are named.
    """
    path = home / FILE
    if not path.is_file():
        raise ServerError("there is no such file", where=Place(str(path)), fix="see docs/guides/public.md")
    written = parse_written(path.read_bytes(), str(path))
    _refuse_faults(written)
    said: dict[str, Any] = written.value
    leaked = said.get("leaked_passwords")
    return PublicConfiguration(
        home=home,
        hosts=tuple(said["hosts"]),
        listen=said.get("listen", _LISTEN),
        proxies=said.get("proxies", 0),
        processes=said.get("processes", 2),
        database=_database(home, said.get("database"), Place(str(path), written.line(("database",)))),
        leaked_passwords=home / leaked if leaked else None,
    )


def _database(home: Path, said: dict[str, Any] | None, where: Place) -> Configuration:
    return Configuration(home, named_database(said, home, where) if said else None)


def _refuse_faults(written: Written) -> None:
    problems = list(written.problems)
    if not problems:
        text = resources.files("ashiato.public").joinpath("configuration.schema.json").read_text("utf-8")
        for error in Draft202012Validator(json.loads(text)).iter_errors(written.value or {}):
            fix = "write it as docs/guides/public.md shows."
            problems.append(written.problem(tuple(error.absolute_path), error.message[:200], fix))
    if problems:
        what, where, remedy = refusal_of(problems, "the configuration of the public pages")
        raise ServerError(what, where=where, fix=remedy)
