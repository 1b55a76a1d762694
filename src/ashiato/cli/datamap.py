"""``ashiato datamap``: draft and check what you know of a system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.datamap_draft import draft
from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import DataMapError

if TYPE_CHECKING:
    from ashiato.written.problems import Problem

_MAP = "datamap.yaml"

app = typer.Typer(cls=Verbs, help="Draft and check a data map.", no_args_is_help=True)


@app.callback()
def datamap() -> None:
    """Draft and check a data map."""


app.command(epilog="\b\nExample:\n  ashiato datamap draft incident-07")(draft)


@app.command(
    epilog="\b\nExamples:\n  ashiato datamap check shop.yaml\n"
    "  ashiato datamap check incident-07/datamap.yaml"
)
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The data map (datamap.yaml), or a case's folder.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check a data map: each problem with its line and what to write instead.

    A map that lies in a case is held against the case's snapshots too. Exit code 5 when an error is found;
    advice alone is no error.
    """
    from ashiato.datamap.check import check_datamap
    from ashiato.written.problems import Level

    file = file / _MAP if file.is_dir() else file
    problems = check_datamap(file, _columns_beside(file))
    if as_json:
        say_json([_as_json(problem) for problem in problems])
    else:
        _say(file, problems)
    if any(problem.level is Level.ERROR for problem in problems):
        raise typer.Exit(DataMapError.exit_code)


def _columns_beside(file: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, by system and table, the columns of the newest snapshot in the case the map lies in."""
    if not (file.parent / "case.json").is_file():
        return {}
    from ashiato.datamap.snapshots import list_columns
    from ashiato.engine.api import list_snapshots, open_case

    snapshots = list_snapshots(open_case(file.parent, now_us))
    return {snapshot.system: list_columns(snapshot.folder) for snapshot in snapshots}


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "path": problem.path,
        "what": problem.what,
        "fix": problem.fix,
        "level": problem.level,
    }


def _say(file: Path, problems: list[Problem]) -> None:
    from ashiato.datamap.load import load_datamap

    for problem in problems:
        say(f"{problem.level}: {clean(problem)}")
    if not problems and load_datamap(file).is_empty:
        say("The data map is right, but it names no table: it cannot tell whose records were reached.")
    elif not problems:
        say("The data map is right.")
