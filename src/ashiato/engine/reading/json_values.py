"""JSON of a log: read only as deep as it can be written out again."""

from __future__ import annotations

from typing import Any

import orjson

#: With fewer brackets than this nothing is nested too deeply to be written.
_MANY = 200


def load_json(text: bytes | str) -> Any:  # noqa: ANN401 - a value of JSON may be anything
    """Return a value. Raises ValueError: the text is no JSON, or goes too deep."""
    value = orjson.loads(text)
    raw = text if isinstance(text, bytes) else text.encode()
    if raw.count(b"[") + raw.count(b"{") > _MANY:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError("nested-too-deeply") from error
    return value
