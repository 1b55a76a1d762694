"""The file that the set-up built of the front end for these pages; without it they do with less."""

from __future__ import annotations

from functools import cache
from pathlib import Path

#: One build serves both sides; of it the public process hands out what is named here, and nothing else.
BUILT = Path(__file__).resolve().parent.parent / "web" / "static" / "built"
FRONT = "/static/built/"
_NAMED = ("private-*.js",)


@cache
def built_files() -> dict[str, Path]:
    """Return the built files by address; each name changes with its content."""
    found = [path for pattern in _NAMED for path in sorted(BUILT.glob(pattern))]
    return {f"{FRONT}{path.name}": path for path in found}


def built_scripts() -> list[str]:
    """Return the addresses, for a page's head."""
    return [*built_files()]
