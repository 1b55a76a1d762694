"""What exporters send in one request, as lines: JSON lines, a JSON array, OpenTelemetry's logs.

Sources: the manuals of Fluent Bit's HTTP output (``json``, ``json_lines``, gzip) and Vector's http sink (read
2026-11-23); for OpenTelemetry the names of OTLP/JSON. None of the three was run against this.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from ashiato.guard.receiving.framing import line_of

BODY_BYTES = 16 << 20
_GZIP = 31
_BLANK = " \t\r\n"


class BadBodyError(Exception):
    """A body that cannot be read: the status to answer with, and why."""

    def __init__(self, status: int, why: str) -> None:
        """``status`` as HTTP has it."""
        super().__init__(why)
        self.status = status


def unpacked(body: bytes, coding: bytes, most: int = BODY_BYTES) -> bytes:
    """Return a body without its content coding. Raises: BadBodyError: another one, too large, or broken."""
    if coding in (b"", b"identity"):
        return body
    if coding != b"gzip":
        raise BadBodyError(415, "only gzip is understood")
    opened = zlib.decompressobj(_GZIP)
    try:
        content = opened.decompress(body, most)
    except zlib.error as error:
        raise BadBodyError(400, "this is no gzip") from error
    if opened.unconsumed_tail or opened.unused_data:
        raise BadBodyError(413, "it is too large unpacked")
    if not opened.eof:
        raise BadBodyError(400, "the gzip is cut off")
    return content


def lines_of(body: bytes, line_in: str | None) -> list[bytes]:
    """Return the lines of JSON lines or of one JSON array, each element as it is written.

    ``line_in``: the member of each object that holds the line itself; an object without it stays as it is.
    Raises: BadBodyError: an array that is no JSON.
    """
    if body.lstrip().startswith(b"["):
        elements = list(_elements(body.decode("utf-8", "surrogateescape").strip(_BLANK)))
    else:
        elements = body.split(b"\n")
    lines = [line_of(_inner(each, line_in) if line_in else each) for each in elements]
    return [line for line in lines if line.strip()]


def _elements(text: str) -> Iterator[bytes]:
    """Each element of an array as it is written, on one line: no line end can stand in its texts."""
    decoder, at = json.JSONDecoder(), 1
    while True:
        at = _after_blanks(text, at)
        if _is_end(text, at):
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise BadBodyError(400, "this is no JSON") from error
        yield text[at:end].replace("\n", " ").replace("\r", " ").encode("utf-8", "surrogateescape")
        at = _after_blanks(text, end)
        if text[at : at + 1] == ",":
            at += 1
        elif not _is_end(text, at):
            raise BadBodyError(400, "this is no JSON array")


def _is_end(text: str, at: int) -> bool:
    return at == len(text) - 1 and text[at] == "]"


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _inner(element: bytes, line_in: str) -> bytes:
    try:
        said = orjson.loads(element)
    except orjson.JSONDecodeError:
        return element
    line = said.get(line_in) if isinstance(said, dict) else None
    return line.encode("utf-8", "surrogatepass") if isinstance(line, str) else element


def lines_of_records(body: bytes) -> list[bytes]:
    """Return the bodies of OpenTelemetry's log records: a text as it is, anything else as JSON.

    Raises: BadBodyError: it is no such request.
    """
    try:
        said = orjson.loads(body)
        records = [
            record
            for resource in said.get("resourceLogs", ())
            for scope in resource.get("scopeLogs", ())
            for record in scope.get("logRecords", ())
        ]
        values = [_plain(record.get("body", {})) for record in records]
    except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise BadBodyError(400, "these are no logs of OpenTelemetry in JSON") from error
    texts = [v.encode("utf-8", "surrogatepass") if isinstance(v, str) else orjson.dumps(v) for v in values]
    return [line for text in texts if (line := line_of(text)).strip()]


def _plain(value: dict[str, Any]) -> object:
    """A value of OpenTelemetry as JSON has it; numbers of 64 bits travel as texts and stay so."""
    if "kvlistValue" in value:
        return {each["key"]: _plain(each.get("value", {})) for each in value["kvlistValue"].get("values", ())}
    if "arrayValue" in value:
        return [_plain(each) for each in value["arrayValue"].get("values", ())]
    return next(iter(value.values()), "")
