"""``ashiato snapshot``: add a copy of a system's tables as of a moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import CaseError, Place
from ashiato.terms.times import iso_of

if TYPE_CHECKING:
    from ashiato.engine.api import Case

app = typer.Typer(cls=Verbs, help="Add a copy of a system's tables.", no_args_is_help=True)


@app.callback()
def snapshot() -> None:
    """Add a copy of a system's tables."""


@app.command(
    epilog="\b\nExamples:\n  ashiato snapshot add incident-07 dump/ --as-of 2026-06-11T03:12:00+09:00\n"
    "  ashiato snapshot add incident-07 crm-dump/ --as-of '2026-06-11 03:12' --system crm"
)
def add(
    folder: CaseFolder,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A folder of <table>.csv or .parquet with schema.sql, a SQLite file, or a plain pg_dump.",
        ),
    ],
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="TIME", help="When the copy was taken (ISO 8601).")
    ],
    system: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which system of the data map; needed when it names several."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seal a snapshot: the tables of one system as of one moment.

    Statements are replayed against it, so the nearer to the break-in the better; several are better than one.
    A time without an offset is in the case's zone.
    """
    from ashiato.engine.api import add_snapshot, open_case

    case = open_case(folder, now_us)
    _check(path)
    added = add_snapshot(case, path, as_of, system or _only_system(case))
    moment = iso_of(added.as_of_us, case.zone)
    if as_json:
        say_json({"system": added.system, "as_of": moment})
    else:
        say(f"Sealed the snapshot of {clean(added.system)} as of {moment}.")


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
