"""Files that are whole or absent, and that only their owner may read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ashiato.exports.cell import show


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside ``path`` (0600) and put it in place when the block ends without an error."""
    beside = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
    beside.replace(path)


def write_json(path: Path, value: dict[str, Any]) -> Path:
    """Write a value as JSON that is the same for the same value, whole or not at all; return the path.

    What would steer a terminal or turn the direction of text stands there as JSON's own escape.
    """
    text = show(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
    with whole_file(path) as file:
        file.write(text.encode() + b"\n")
    return path
