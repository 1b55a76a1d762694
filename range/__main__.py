"""``python -m range``: start, stop, honest traffic, intruders."""

from __future__ import annotations

import sys

from range.commands import app
from range.errors import RangeError

if __name__ == "__main__":
    try:
        app(prog_name="python -m range")
    except RangeError as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(2)
