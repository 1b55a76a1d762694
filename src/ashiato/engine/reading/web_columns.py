"""From what a web server wrote to columns: dashes to nothing, numbers, paths, queries, durations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote_to_bytes

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.parser import Columns, all_same
from ashiato.engine.reading.spans import (
    AnyInts,
    Bytes,
    Truths,
    cut_out,
    equals_at,
    has_byte,
    have_each,
    places_of,
    replaced,
    spans_of,
    truths_of,
)

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
#: A request line: method, target, version. Blanks inside the target are the client's own.
_REQUEST = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.*?)(?: (HTTP/[0-9](?:\.[0-9])?))?", re.DOTALL)
_INTEGERS = {
    "src_endpoint_port": pa.int32(),
    "http_response_code": pa.int32(),
    "http_response_body_bytes": pa.int64(),
    "traffic_out_bytes": pa.int64(),
    "databucket_file_size": pa.int64(),
    "process_pid": pa.int64(),
    "time_us": pa.int64(),
    "time_step_us": pa.int64(),
}
_USUAL_VERSION = b"HTTP/1.1"
_DASH = ord("-")
_DURATIONS = {"@seconds": 1e6, "@milliseconds": 1e3, "@microseconds": 1.0}
_PLAIN = r'^[^"\\\x00-\x1f\x7f]*$'


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
            kind = _INTEGERS[meaning]
            columns[meaning] = array if array.type == kind else whole_numbers(array, kind)
        elif meaning == "@request":
            for name, part in zip(("method", "target", "version"), split_requests(array), strict=True):
                columns.setdefault(f"http_request_{name}", without_dashes(part))
        elif not meaning.startswith("@"):
            columns[meaning] = without_dashes(array)
    if "src_endpoint_ip" in columns:
        columns["src_endpoint_ip"] = _unmapped(columns["src_endpoint_ip"])
    _split_targets(columns)
    return columns


def _unmapped(addresses: pa.Array) -> pa.Array:
    """Addresses of IPv4 as such: a server that listens for both writes ``::ffff:192.0.2.7``."""
    if not (addresses.type == pa.string() and has_byte(addresses, ord(":"))):
        return addresses
    return pc.replace_substring_regex(addresses, r"(?i)^::ffff:(\d+\.)", r"\1")


def without_dashes(array: pa.Array) -> pa.Array:
    """A lone dash, or nothing at all, is how servers write that there is no value."""
    if array.type != pa.string():
        return array
    codes, bounds = spans_of(array)
    lengths = bounds[1:] - bounds[:-1]
    short = np.flatnonzero(lengths < 2)
    if not len(short):
        return array
    single = lengths[short] == 1
    absent = short[~single]
    dashes = short[single]
    absent = np.concatenate((absent, dashes[codes[bounds[dashes]] == _DASH]))
    if not len(absent):
        return array
    if len(absent) == len(array):
        return pa.nulls(len(array), array.type)
    kept = np.ones(len(array), np.bool_)
    kept[absent] = False
    return _where(kept, array)


def whole_numbers(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Text as integers; what is no integer of this size becomes nothing."""
    cleaned = without_dashes(array)
    try:
        return pc.cast(cleaned, kind)
    except pa.ArrowInvalid:
        return pa.array([_integer(value, kind.bit_width) for value in cleaned.to_pylist()], kind)


def split_request(line: str) -> tuple[str | None, str, str | None]:
    """Split a request line into method, target, version; what is no request is all target."""
    found = _REQUEST.fullmatch(line)
    return (found[1], found[2], found[3]) if found else (None, line, None)


def split_requests(array: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Split request lines: those of three plain parts together, any other by itself."""
    codes, bounds = spans_of(array)
    blanks = places_of(codes[: bounds[-1]], 32)
    starts, stops = bounds[:-1], bounds[1:]
    simple = have_each(blanks, 2, starts, stops) & _valid(array)
    middle, last = starts.copy(), stops.copy()
    if simple.all():
        middle, last = blanks[0::2], blanks[1::2]
    else:
        first = np.searchsorted(blanks, starts[simple])
        middle[simple], last[simple] = blanks[first], blanks[first + 1]
    method = cut_out(codes, starts, middle).view(pa.string()).dictionary_encode()
    version = _versions(codes, np.minimum(last + 1, stops), stops)
    simple &= _fits(method, "{} x") & _fits(version, "A x {}")
    target = cut_out(codes, np.minimum(middle + simple, stops), last).view(pa.string())
    parts = (method, target, version)
    return parts if simple.all() else _with_odd_requests(array, parts, ~simple)


def path_of(target: str) -> str:
    """The path a request target names: without scheme and host, percent signs decoded once."""
    path = _ABSOLUTE.sub("", target, count=1) if "://" in target else target
    return unquote_to_bytes(path).decode("utf-8", "replace") if "%" in path else path


def split_first(array: pa.Array, code: int) -> tuple[pa.Array, pa.Array]:
    """Each text before and after the first byte ``code``; after is nothing where there is none."""
    codes, bounds = spans_of(array)
    starts, stops = bounds[:-1], bounds[1:]
    found = np.append(places_of(codes, code), len(codes) + 1)
    cut = np.minimum(found[np.searchsorted(found, starts)], stops)
    has = cut < stops
    valid = _valid(array)
    head = cut_out(codes, starts, cut).view(pa.string())
    tail = cut_out(codes, cut + has, stops).view(pa.string())
    return _where(valid, head), _where(valid & has, tail)


def unmapped_json(columns: Mapping[str, pa.Array], rows: int, raw: Collection[str] = ()) -> pa.Array:
    """What has no column, as one JSON object per record (keys in the order given), or nothing.

    The values of ``raw`` columns are JSON already.
    """
    cleaned = {name: without_dashes(array) for name, array in columns.items()}
    spoken = {name: array for name, array in cleaned.items() if array.null_count < rows}
    if not spoken:
        return pa.nulls(rows, pa.string())
    members = [_members(name, array, raw=name in raw) for name, array in spoken.items()]
    # Joining with nulls skipped leaves rows of nothing but nulls out altogether (pyarrow 26).
    ended = [pc.fill_null(pc.binary_join_element_wise(member, ",", ""), "") for member in members]
    joined = pc.utf8_rtrim(pc.binary_join_element_wise(*ended, ""), ",")
    whole = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)


def _members(name: str, array: pa.Array, *, raw: bool) -> pa.Array:
    key = orjson.dumps(name).decode() + ":"
    if raw:
        return pc.binary_join_element_wise(key, array, "")
    if array.type == pa.string() and not pc.all(pc.match_substring_regex(array, _PLAIN)).as_py():
        quoted = [None if value is None else orjson.dumps(value).decode() for value in array.to_pylist()]
        return pc.binary_join_element_wise(key, pa.array(quoted, pa.string()), "")
    return pc.binary_join_element_wise(f'{key}"', array, '"', "")


def _fits(parts: pa.DictionaryArray, frame: str) -> Truths:
    """Whether each part, put in a frame, reads as that part of a request line."""
    place = frame.split().index("{}")
    sound = [split_request(frame.format(part))[place] == part for part in parts.dictionary.to_pylist()]
    if all(sound):
        return np.ones(len(parts), np.bool_)
    return np.asarray(np.array(sound, np.bool_)[parts.indices.to_numpy()])


def _versions(codes: Bytes, starts: AnyInts, stops: AnyInts) -> pa.Array:
    if (stops - starts == len(_USUAL_VERSION)).all() and equals_at(codes, starts, _USUAL_VERSION).all():
        return all_same(_USUAL_VERSION.decode(), len(starts))
    return cut_out(codes, starts, stops).view(pa.string()).dictionary_encode()


def _with_odd_requests(
    array: pa.Array, parts: tuple[pa.Array, ...], odd: Truths
) -> tuple[pa.Array, pa.Array, pa.Array]:
    where = truths_of(odd)
    texts = array.filter(where).to_pylist()
    split = [(None, None, None) if text is None else split_request(text) for text in texts]
    replaced = [
        pc.replace_with_mask(part.cast(pa.string()), where, pa.array(column, pa.string()))
        for part, column in zip(parts, zip(*split, strict=True), strict=True)
    ]
    return replaced[0], replaced[1], replaced[2]


def _split_targets(columns: Columns) -> None:
    target = columns.get("http_request_target")
    if target is not None:
        path, query = split_first(target, ord("?"))
        columns["http_request_path"], columns["http_request_query"] = _decoded(path), query
    elif "http_request_query" in columns:
        columns["http_request_query"] = pc.utf8_ltrim(columns["http_request_query"], "?")


def _decoded(paths: pa.Array) -> pa.Array:
    marks = [mark for mark in ("%", "://") if has_byte(paths, ord(mark[0]))]
    for mark in marks:
        paths = replaced(paths, pc.match_substring(paths, mark), path_of)
    return paths


def _valid(array: pa.Array) -> Truths:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def _where(kept: Truths, array: pa.Array) -> pa.Array:
    return array if kept.all() else pc.if_else(truths_of(kept), array, pa.scalar(None, array.type))


def _durations(array: pa.Array, unit_us: float) -> pa.Array:
    cleaned = without_dashes(array)
    try:
        seconds = pc.cast(cleaned, pa.float64())
    except pa.ArrowInvalid:
        seconds = pa.array([_decimal(value) for value in cleaned.to_pylist()], pa.float64())
    sound = pc.and_(pc.is_finite(seconds), pc.less(pc.abs(seconds), 1e12))
    known = pc.if_else(sound, seconds, pa.scalar(None, pa.float64()))
    return pc.cast(pc.round(pc.multiply(known, unit_us)), pa.int64(), safe=False)


def _decimal(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _integer(text: str | None, bits: int) -> int | None:
    if text is None or not text.isascii() or not text.removeprefix("-").isdigit():
        return None
    number = int(text) if len(text) < 20 else 1 << 64
    return number if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else None
