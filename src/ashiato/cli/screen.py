"""The terminal: answers on standard output, everything else on standard error.

What a log says is shown, never obeyed: no markup is read, and control characters, terminal escapes
and direction marks are written out as codes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from ashiato.exports.cell import show
from ashiato.terms.errors import AshiatoError


def console(*, error: bool = False) -> Console:
    """Return a console of the moment's stream that reads no markup and wraps nothing."""
    return Console(stderr=error, markup=False, highlight=False, emoji=False, soft_wrap=True)


def clean(text: object) -> str:
    """Return a value on one line, with line breaks, tabs and controls written out."""
    line = str(text).replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return show(line)


def say(text: str = "", *, style: str | None = None) -> None:
    """Print to standard output; line breaks stay, other controls are written out."""
    console().print(show(text.replace("\r", "\\r")), style=style)


def note(text: str, *, style: str | None = None) -> None:
    """Print to standard error what is not part of the answer."""
    console(error=True).print(show(text.replace("\r", "\\r")), style=style)


def say_json(value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Print one JSON document, sorted; characters beyond ASCII as escapes, so that it shows safely."""
    console().out(json.dumps(value, indent=2, sort_keys=True), highlight=False)


def say_table(rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = (), indent: int = 2) -> None:
    """Print rows in columns as wide as their cells (double-width characters count two)."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = (
        [max((cell_len(row[place]) for row in cells), default=0) for place in range(len(cells[0]))]
        if cells
        else []
    )
    for row in cells:
        padded = [
            _padded(cell, width, right=place in numbers)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        say((" " * indent + "  ".join(padded)).rstrip())


def complain(error: AshiatoError) -> None:
    """Print what is wrong, where, and what to do, to standard error."""
    where = f"{error.where}: " if error.where else ""
    note(f"error: {where}{error.what}", style="bold red")
    if error.fix:
        note(f"  fix: {error.fix}")


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
