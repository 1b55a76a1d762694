"""What an operator tells the guard, in ``guard.yaml``: what to follow, and how many people are too many."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from ashiato.datamap.load import load_datamap
from ashiato.datamap.model import DataMap
from ashiato.guard.receivers import Receiver, check_receivers, receiver_of
from ashiato.terms.errors import GuardError, Place
from ashiato.written.parsing import MAX_BYTES, Written, parse_written
from ashiato.written.problems import Problem, refusal_of
from ashiato.written.structure import check_against, read_schema

SETTINGS_FILE = "guard.yaml"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SILENT_AFTER = "1h"


class Spender(StrEnum):
    """Whose budget it is: one asker's (an account or a session), an address's, or that of many together."""

    SESSION = "session"
    ADDRESS = "address"
    NETWORK = "network"
    EVERYONE = "everyone"


class Attempt(StrEnum):
    """What is tried at a site; each has budgets as a role has, of different tries in place of people."""

    SQL = "attempts/sql"
    PASSWORDS = "attempts/passwords"
    COPIES = "attempts/copies"


class Window(StrEnum):
    """The lengths of time that budgets are for."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_ATTEMPTS = frozenset(map(str, Attempt))
SPAN_S = {Window.MINUTE: 60, Window.HOUR: 3600, Window.DAY: 86400}


@dataclass(frozen=True)
class Budget:
    """How many different people may be seen: ``floor`` always, above ``ceiling`` never."""

    floor: int
    ceiling: int


@dataclass(frozen=True)
class FileSource:
    """Log files to follow: a path whose last part may be a pattern.

    ``is_received``: a receiver writes it, so that what was set aside before the first start is new too.
    """

    files: str
    from_beginning: bool
    silent_after_s: int
    is_received: bool = False


@dataclass(frozen=True)
class ReasonRoute:
    """A route by which staff take up work: a look shortly after it has a business reason."""

    path: str
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """All that ``guard.yaml`` says, with the data map it names."""

    folder: Path
    datamap: DataMap
    zone: ZoneInfo
    configs: tuple[Path, ...]
    sources: tuple[FileSource, ...]
    receivers: tuple[Receiver, ...]
    staff_roles: frozenset[str]
    budgets: Mapping[tuple[str, Spender, Window], Budget]
    replies: Mapping[str, int]
    canaries: frozenset[tuple[str, str]]
    business_reasons: tuple[ReasonRoute, ...]

    def budget_of(self, role: str, spender: Spender, window: Window) -> Budget | None:
        """Return the budget that holds for a role's routes: the operator's, else the usual one, if any."""
        own = self.budgets.get((role, spender, window))
        kind = "staff" if role in self.staff_roles else "customer"
        kind = role if role in _ATTEMPTS else kind
        return own or usual_budgets().get((kind, spender, window))


def load_settings(folder: Path) -> Settings:
    """Load and check ``guard.yaml`` of a guard's folder, and the data map that it names.

    Raises: GuardError: it cannot be read, or naming every fault with its line and what to write instead.
    DataMapError: the data map has errors.
    """
    written = _read(folder / SETTINGS_FILE)
    _refuse([*written.problems, *check_against(written, _schema())])
    said: dict[str, Any] = written.value
    _refuse(_check_meaning(written))
    datamap = load_datamap(folder / said["datamap"]) if "datamap" in said else DataMap()
    staff = frozenset(said.get("staff_roles", ())) | frozenset(datamap.accounts.staff_roles.values())
    receivers = tuple(receiver_of(fields, folder) for fields in said.get("receivers", ()))
    received = (
        _received(each, fields, folder)
        for each, fields in zip(receivers, said.get("receivers", ()), strict=True)
    )
    return Settings(
        folder=folder,
        datamap=datamap,
        zone=ZoneInfo(said.get("zone") or datamap.zone or "UTC"),
        configs=tuple(folder / path for path in said.get("configs", ())),
        sources=(*(_source(fields) for fields in said.get("sources", ())), *received),
        receivers=receivers,
        staff_roles=staff,
        budgets={_budget_key(row["role"], row): _budget(row) for row in said.get("budgets", ())},
        replies={row["path"]: row["people"] for row in said.get("replies", ())},
        canaries=frozenset((row["table"], str(row["key"])) for row in said.get("canaries", ())),
        business_reasons=tuple(
            ReasonRoute(row["path"], tuple(row.get("methods", ())))
            for row in said.get("business_reasons", ())
        ),
    )


@functools.cache
def usual_budgets() -> Mapping[tuple[str, Spender, Window], Budget]:
    """Return the budgets that hold where an operator says nothing, by kind of role, spender and window."""
    text = resources.files("ashiato.guard").joinpath("budgets.yaml").read_text(encoding="utf-8")
    return {_budget_key(row["of"], row): _budget(row) for row in yaml.safe_load(text)}


@functools.cache
def _schema() -> dict[str, Any]:
    return read_schema("ashiato.guard", "schema.json")


def _read(path: Path) -> Written:
    try:
        with path.open("rb") as stream:
            written = parse_written(stream.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        what = f"the guard's settings cannot be read: {error.strerror or error}."
        raise GuardError(
            what, where=Place(str(path)), fix="write one as docs/guides/guard.md shows."
        ) from error
    if written.value is None and not written.problems:
        raise GuardError("the file is empty.", where=Place(str(path)), fix="name at least one source.")
    return written


def _refuse(problems: list[Problem]) -> None:
    if problems:
        ordered = sorted(problems, key=lambda each: (each.line or 0, each.path, each.what))
        what, where, fix = refusal_of(ordered, SETTINGS_FILE)
        raise GuardError(what, where=where, fix=fix)


def _check_meaning(written: Written) -> list[Problem]:
    said: dict[str, Any] = written.value
    found = []
    for number, row in enumerate(said.get("budgets", ())):
        if row["floor"] > row["ceiling"]:
            what = f"the floor {row['floor']} is above the ceiling {row['ceiling']}."
            found.append(
                written.problem(("budgets", number, "floor"), what, "write a floor at most as high.")
            )
    found += check_receivers(written)
    if not said.get("sources") and not said.get("receivers"):
        found.append(written.problem((), "nothing is followed.", "name `sources` or `receivers`."))
    try:
        ZoneInfo(said.get("zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fix = "write a zone's name, such as `Asia/Tokyo`."
        found.append(written.problem(("zone",), "this is no time zone.", fix))
    return found


def _received(receiver: Receiver, fields: Mapping[str, Any], folder: Path) -> FileSource:
    """What comes in by a receiver, as a log that is followed from its first line on."""
    source = _source({"files": str(receiver.spool(folder)), "from": "beginning"} | _silence(fields))
    return replace(source, is_received=True)


def _silence(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("silent_after",) if name in fields}


def _source(fields: Mapping[str, Any]) -> FileSource:
    silent = fields.get("silent_after", _SILENT_AFTER)
    return FileSource(
        files=fields["files"],
        from_beginning=fields.get("from") == "beginning",
        silent_after_s=int(silent[:-1]) * _SECONDS[silent[-1]],
    )


def _budget_key(kind: str, row: Mapping[str, Any]) -> tuple[str, Spender, Window]:
    return kind, Spender(row["actor"]), Window(row["per"])


def _budget(row: Mapping[str, Any]) -> Budget:
    return Budget(row["floor"], row["ceiling"])
