"""Who of staff says so, and the proof of it: options and answers that every verb of a decision shares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ashiato.rooms.accounts.api import Staff

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who of staff says so.")]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", metavar="FILE", help="The secret of --by, in its owner's file; else it is asked for."
    ),
]


def proven_staff(name: str, token_file: Path | None) -> Staff:
    """Return who of staff says so, having proven it."""
    from ashiato.rooms.accounts.api import prove

    return prove(name, read_secret(token_file, name))


def read_secret(file: Path | None, name: str) -> str:
    """Return somebody's secret out of its owner's file; without one it is asked for, unseen."""
    from ashiato.rooms.private_files import read_private

    if file is not None:
        return read_private(file).decode("utf-8", "replace").strip()
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"nobody is there to be asked for the secret of {name}: --token-file FILE")
    return str(typer.prompt(f"secret of {name}", hide_input=True, err=True))
