"""From what a web server wrote to columns: dashes to nothing, numbers, paths, queries, durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Bytes, Ints
from ashiato.engine.reading.parser import Columns

_QUESTION = ord("?")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_INTEGERS = {
    "src_endpoint_port": pa.int32(),
    "http_response_code": pa.int32(),
    "http_response_body_bytes": pa.int64(),
    "traffic_out_bytes": pa.int64(),
}
_DURATIONS = {"@seconds": 1e6, "@milliseconds": 1e3, "@microseconds": 1.0}


def columns_from(meant: Columns) -> Columns:
    """Turn arrays by meaning (all of one length) into columns of ``records``.

    ``meant`` holds text arrays by column name or ``@`` meaning, times already as ``time_us`` and
    ``time_step_us``. Of two durations the first wins.
    """
    columns: Columns = {}
    for meaning, array in meant.items():
        if meaning in _DURATIONS:
            columns.setdefault("duration_us", _durations(array, _DURATIONS[meaning]))
        elif meaning in _INTEGERS:
            columns[meaning] = whole_numbers(array, _INTEGERS[meaning])
        elif not meaning.startswith("@"):
            columns[meaning] = array if meaning.startswith("time_") else without_dashes(array)
    _split_targets(columns)
    return columns


def without_dashes(array: pa.Array) -> pa.Array:
    """A lone dash, or nothing at all, is how servers write that there is no value."""
    absent = pc.or_(pc.equal(array, "-"), pc.equal(array, ""))
    return pc.if_else(absent, pa.scalar(None, array.type), array) if pc.any(absent).as_py() else array


def whole_numbers(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Text as integers; what is no integer of this size becomes nothing."""
    cleaned = without_dashes(array)
    try:
        return pc.cast(cleaned, kind)
    except pa.ArrowInvalid:
        return pa.array([_integer(value, kind.bit_width) for value in cleaned.to_pylist()], kind)


def spans_of(array: pa.Array) -> tuple[Bytes, Ints]:
    """The bytes of a text or binary array and each value's bounds in them (one more than values)."""
    width = 8 if array.type in (pa.large_string(), pa.large_binary()) else 4
    _, offsets, content = array.buffers()
    kind = np.int64 if width == 8 else np.int32
    bounds = np.frombuffer(offsets, kind, len(array) + 1, array.offset * width).astype(np.int64)
    codes = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    return codes, bounds


def pieces(content: object, bounds: Ints, step: int, which: int) -> pa.Array:
    """Of the stretches of ``content`` between consecutive ``bounds``, every ``step``-th from ``which``."""
    buffer = pa.py_buffer(content)
    offsets = pa.py_buffer(bounds.astype(np.int32))
    every = pa.Array.from_buffers(pa.binary(), len(bounds) - 1, [None, offsets, buffer])
    return every.take(pa.array(np.arange(which, len(bounds) - 1, step)))


def text_of(array: pa.Array) -> pa.Array:
    """Bytes as text; what is not UTF-8 becomes U+FFFD."""
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        values = array.to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in values], pa.string())


def split_first(array: pa.Array, code: int) -> tuple[pa.Array, pa.Array]:
    """Each text before and after the first byte ``code``; after is nothing where there is none."""
    codes, bounds = spans_of(array)
    starts, stops = bounds[:-1], bounds[1:]
    found = np.append(np.flatnonzero(codes == code), len(codes))
    cut = np.minimum(found[np.searchsorted(found, starts)], stops)
    has = cut < stops
    three = np.empty(3 * len(starts) + 1, np.int64)
    three[0:-1:3], three[1::3], three[2::3], three[-1] = starts, cut, cut + has, bounds[-1]
    gaps = ~has | array.is_null().to_numpy(zero_copy_only=False)
    head = _masked(pieces(codes, three, 3, 0), array.is_null().to_numpy(zero_copy_only=False))
    return head.cast(pa.string()), _masked(pieces(codes, three, 3, 2), gaps).cast(pa.string())


def path_of(target: str) -> str:
    """The path a request target names: without scheme and host, percent signs decoded once."""
    path = _ABSOLUTE.sub("", target, count=1) if "://" in target else target
    return unquote_to_bytes(path).decode("utf-8", "replace") if "%" in path else path


def unmapped_json(names: list[str], arrays: list[pa.Array], rows: int) -> pa.Array:
    """What has no column, as one JSON object per record (keys in the format's order)."""
    columns = [without_dashes(array).to_pylist() for array in arrays]
    objects = (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
    said = ({k: v for k, v in each.items() if v is not None} for each in objects)
    texts = [orjson.dumps(each).decode() if each else None for each in said]
    return pa.array(texts or [None] * rows, pa.string())


def _split_targets(columns: Columns) -> None:
    target = columns.get("http_request_target")
    if target is None:
        if "http_request_query" in columns:
            query = columns["http_request_query"]
            columns["http_request_query"] = pc.utf8_ltrim(query, "?")
        return
    path, query = split_first(target, _QUESTION)
    columns["http_request_path"] = _decoded(path)
    columns["http_request_query"] = query


def _decoded(paths: pa.Array) -> pa.Array:
    strange = pc.or_(pc.match_substring(paths, "%"), pc.match_substring(paths, "://"))
    if not pc.any(strange).as_py():
        return paths
    return _replace_where(paths, strange, path_of)


def _replace_where(array: pa.Array, where: pa.Array, change: Callable[[str], str]) -> pa.Array:
    where = pc.fill_null(where, fill_value=False)
    changed = pa.array([change(value) for value in array.filter(where).to_pylist()], array.type)
    return pc.replace_with_mask(array, where, changed)


def _masked(array: pa.Array, gaps: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.Array:
    return pc.if_else(pa.array(gaps), pa.scalar(None, array.type), array) if gaps.any() else array


def _durations(array: pa.Array, unit_us: float) -> pa.Array:
    cleaned = without_dashes(array)
    try:
        seconds = pc.cast(cleaned, pa.float64())
    except pa.ArrowInvalid:
        seconds = pa.array([_decimal(value) for value in cleaned.to_pylist()], pa.float64())
    finite = pc.if_else(pc.is_finite(seconds), seconds, pa.scalar(None, pa.float64()))
    return pc.cast(pc.round(pc.multiply(finite, unit_us)), pa.int64(), safe=False)


def _decimal(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _integer(text: str | None, bits: int) -> int | None:
    if text is None or not text.isascii() or not text.lstrip("-").isdigit():
        return None
    number = int(text) if len(text) < 20 else 1 << 64
    return number if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else None
