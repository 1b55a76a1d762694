"""JSON lines that nothing in a log can break: one line per value, whatever reads them.

Characters that end a line somewhere (U+2028, U+0085), steer a terminal or turn the direction of text are
written as JSON's own escapes, so that the value is the same and the file is safe to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from ashiato.exports.cell import show
from ashiato.exports.whole import whole_file

_SEPARATORS = re.compile("[\u2028\u2029]")


def line_of(value: Mapping[str, object]) -> bytes:
    """Return a value as one line of JSON with its line end."""
    text = show(orjson.dumps(value).decode())
    return _SEPARATORS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode() + b"\n"


def write_lines(path: Path, values: Iterable[Mapping[str, object]]) -> Path:
    """Write values as JSON lines, one after another as they come; the file is whole or absent."""
    with whole_file(path) as file:
        for value in values:
            file.write(line_of(value))
    return path
