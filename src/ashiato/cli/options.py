"""The arguments and options that several verbs share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ashiato.cli.faults import CASE
from ashiato.exports.words import Language


def _remember(ctx: typer.Context, folder: Path | None) -> Path | None:
    """Let the group of verbs know which case it is about, should anything go wrong."""
    if folder is not None:
        ctx.meta[CASE] = folder
    return folder


CaseFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The case's folder.", callback=_remember)]
CaseFolderIfAny = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR", help="The case's folder; `list` needs none.", callback=_remember, show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang", help="Language of the answer; the machine's own unless given.", show_default=False
    ),
]
DiaryFile = Annotated[
    Path | None,
    typer.Option("--facts", metavar="FILE", help="The diary of facts; the case's facts.yaml unless given."),
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="A day (its end) or a time; now unless given.")
]
#: The diary of facts of a case, within its folder.
FACTS_FILE = "facts.yaml"
#: What was done to tell people, as `notify report` wrote it there.
NOTICES_FILE = "notices.json"
