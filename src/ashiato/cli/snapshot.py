"""``ashiato snapshot``: add a copy of a system's tables as of a moment."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import CaseError, Place
from ashiato.terms.times import iso_of

if TYPE_CHECKING:
    from ashiato.engine.api import Case, Snapshot

app = typer.Typer(cls=Verbs, help="Add a copy of a system's tables.", no_args_is_help=True)


@app.callback()
def snapshot() -> None:
    """Add a copy of a system's tables."""


@app.command(
    epilog="\b\nExamples:\n  ashiato snapshot add incident-07 dump/ --as-of 2026-06-11T03:12:00+09:00\n"
    "  ashiato snapshot add incident-07 crm-dump/ --as-of '2026-06-11 03:12' --system crm\n"
    "  ashiato snapshot add incident-07 postgresql://reader@db.example/crm --system crm"
)
def add(
    folder: CaseFolder,
    source: Annotated[
        str,
        typer.Argument(
            metavar="PATH|ADDRESS",
            help="A folder of <table>.csv or .parquet with schema.sql, a SQLite file, a dump in SQL (of "
            "pg_dump, mysqldump or sqlite3), or a live database: postgresql://, mysql://, mariadb://, sqlite:///.",
        ),
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="TIME", help="When the copy was taken (ISO 8601); of a live database: now."
        ),
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which system of the data map; needed when it names several."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seal a snapshot: the tables of one system as of one moment.

    Statements are replayed against it, so the nearer to the break-in the better; several are better than one.
    A time without an offset is in the case's zone. A live database is read by its own client, in one
    transaction; passwords come from ~/.pgpass or ~/.my.cnf, never from the address.
    """
    from ashiato.engine.api import open_case

    case = open_case(folder, now_us)
    named = system or _only_system(case)
    added = (
        _fetched(case, source, as_of, named) if _is_address(source) else _taken(case, source, as_of, named)
    )
    moment = iso_of(added.as_of_us, case.zone)
    if as_json:
        say_json({"system": added.system, "as_of": moment})
    else:
        say(f"Sealed the snapshot of {clean(added.system)} as of {moment}.")


def _is_address(source: str) -> bool:
    from ashiato.outside.databases import is_address

    return is_address(source)


def _fetched(case: Case, address: str, as_of: str | None, system: str) -> Snapshot:
    """Copy a live database and seal the copy; it is as of the moment before that began."""
    from ashiato.engine.api import add_snapshot
    from ashiato.outside.databases import fetch

    begun = as_of or iso_of(now_us(), case.zone)
    with TemporaryDirectory() as folder:
        return add_snapshot(case, fetch(address, Path(folder)), begun, system)


def _taken(case: Case, source: str, as_of: str | None, system: str) -> Snapshot:
    from ashiato.engine.api import add_snapshot

    path = Path(source)
    _check(path)
    if as_of is None:
        raise CaseError(
            "the time at which this copy was taken is missing",
            where=Place(source),
            fix="say it with --as-of, for example --as-of 2026-06-11T03:12:00+09:00",
        )
    return add_snapshot(case, path, as_of, system)


def _check(path: Path) -> None:
    if not path.exists():
        raise CaseError("there is no such file or folder", where=Place(str(path)), fix="check the path")
    if path.is_file() and path.suffix.lower() in (".csv", ".parquet"):
        raise CaseError(
            "this is one table, and a snapshot is a folder of tables",
            where=Place(str(path)),
            fix="name its folder: every <table>.csv or <table>.parquet in it is taken",
        )


def _only_system(case: Case) -> str:
    from ashiato.engine.api import datamap_of

    names = sorted(datamap_of(case).systems)
    if len(names) > 1:
        listed = ", ".join(names)
        raise CaseError(
            f"the data map names several systems: {listed}", fix="say which one with --system NAME"
        )
    return names[0] if names else "main"
