"""The arguments and options that several verbs share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ashiato.exports.words import Language

CaseFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The case's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang", help="Language of the answer; the machine's own unless given.", show_default=False
    ),
]
