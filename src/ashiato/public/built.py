"""The files that the set-up built of the front end, by name; without them the pages do with less."""

from __future__ import annotations

from functools import cache
from pathlib import Path

BUILT = Path(__file__).resolve().parent / "static" / "built"


@cache
def built_files(name: str) -> list[str]:
    """Return the addresses of the built files of a name (``public.js``), each under a name of its content."""
    stem, _, kind = name.partition(".")
    return [f"/static/built/{path.name}" for path in sorted(BUILT.glob(f"{stem}-*.{kind}"))]
