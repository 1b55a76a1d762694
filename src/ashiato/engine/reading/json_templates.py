"""JSON lines that are all written alike: same keys in the same order, plain values, no escapes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.engine.reading.templates import Shape, Template, template_of

_KEY = re.compile(rb'\s*"([^"\\\x00-\x1f]+)"\s*:\s*')
_TEXT = re.compile(rb'"([^"\\\x00-\x1f]*)"')
_NUMBER = re.compile(rb"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_END = re.compile(rb"\s*([,}])")


@dataclass(frozen=True)
class JsonTemplate:
    """The template of such lines, the key of each value, and which values are quoted."""

    template: Template
    keys: tuple[str, ...]
    quoted: tuple[bool, ...]


def json_template_of(line: bytes) -> JsonTemplate | None:
    """The template a line follows; None when it has objects in objects, escapes, or a key twice."""
    if not line.startswith(b"{") or b"\\" in line:
        return None
    keys, quoted, literals = [], [], []
    at, after = 1, 0
    while True:
        key = _KEY.match(line, at)
        value = key and (_TEXT.match(line, key.end()) or _NUMBER.match(line, key.end()))
        end = value and _END.match(line, value.end())
        if not key or not value or not end:
            return None
        keys.append(key[1].decode("utf-8", "replace"))
        quoted.append(value[0].startswith(b'"'))
        literals.append(line[after : value.start(1)])
        at, after = end.end(), value.end(1)
        if end[1] == b"}":
            break
    if at != len(line) or len(set(keys)) < len(keys):
        return None
    template = template_of([*literals, line[after:]], [Shape()] * len(keys))
    return JsonTemplate(template, tuple(keys), tuple(quoted)) if template else None
