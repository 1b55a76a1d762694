"""Find bytes and cut stretches in a block's content, many at a time and without copying twice."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Truths = NDArray[np.bool_]
AnyInts = NDArray[np.integer[Any]]


def places_of(codes: Bytes, code: int) -> Ints:
    """Where a byte stands, ascending."""
    return np.flatnonzero(codes == code)


def numbers_of(values: Ints) -> pa.Array:
    """Whole numbers as Arrow sees them, not copied."""
    sound = np.ascontiguousarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(sound), [None, pa.py_buffer(sound)])


def truths_of(values: Truths) -> pa.Array:
    """Truth values as Arrow sees them."""
    bits = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])


def have_each(places: Ints, many: int, starts: AnyInts, stops: AnyInts) -> Truths:
    """Which stretches hold exactly ``many`` of the ascending places."""
    if many and len(places) == many * len(starts) and len(places):
        table = places.reshape(len(starts), many)
        fits = (table[:, 0] >= starts) & (table[:, -1] < stops)
        if fits.all():
            return np.asarray(fits)
    return np.asarray(np.searchsorted(places, stops) - np.searchsorted(places, starts) == many)


def has_byte(array: pa.Array, code: int) -> bool:
    """Whether a byte stands anywhere in a text array (or in the values beside a slice of it)."""
    content = array.buffers()[2]
    return content is not None and bool((np.frombuffer(content, np.uint8) == code).any())


def cut_out(content: object, starts: AnyInts, stops: AnyInts) -> pa.Array:
    """Stretches of ``content`` that ascend and do not overlap, as one binary array."""
    rows = len(starts)
    bounds = np.empty(2 * rows + 1, np.int32)
    bounds[0:-1:2], bounds[1::2] = starts, stops
    bounds[-1] = stops[-1] if rows else 0
    parts = [None, pa.py_buffer(bounds), pa.py_buffer(content)]
    every = pa.Array.from_buffers(pa.binary(), 2 * rows, parts)
    return every.take(_even_numbers(rows.bit_length()).slice(0, rows))


def spans_of(array: pa.Array) -> tuple[Bytes, AnyInts]:
    """The bytes of a text or binary array and each value's bounds in them (one more than values)."""
    _, offsets, content = array.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(array) + 1, array.offset * 4)
    codes = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    return codes, bounds


def text_of(array: pa.Array) -> pa.Array:
    """Bytes as text; what is not UTF-8 becomes U+FFFD."""
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        values = array.to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in values], pa.string())


def replaced(array: pa.Array, where: pa.Array, change: Callable[[Any], Any]) -> pa.Array:
    """The values, changed where this is true; equal values are changed once."""
    where = pc.fill_null(where, fill_value=False)
    unique = array.filter(where).dictionary_encode()
    changed = pa.array([change(value) for value in unique.dictionary.to_pylist()], array.type)
    return pc.replace_with_mask(array, where, changed.take(unique.indices))


def equals_at(codes: Bytes, at: AnyInts, literal: bytes) -> Truths:
    """Whether ``literal`` stands at each of these places."""
    same = np.ones(len(at), np.bool_)
    for offset in range(0, len(literal), 8):
        same &= _word_equals(codes, at + offset, literal[offset : offset + 8])
    return same


def _word_equals(codes: Bytes, at: AnyInts, literal: bytes) -> Truths:
    if len(literal) == 1:
        return np.asarray((at < len(codes)) & (codes[np.minimum(at, len(codes) - 1)] == literal[0]))
    if len(codes) < 8:
        return np.array([codes[i : i + len(literal)].tobytes() == literal for i in at.tolist()], np.bool_)
    last = len(codes) - 8
    if len(at) and int(at.max()) > last:
        early = at <= last
        same = np.zeros(len(at), np.bool_)
        same[early] = _word_equals(codes, at[early], literal)
        late = [codes[i : i + len(literal)].tobytes() == literal for i in at[~early].tolist()]
        same[~early] = late
        return same
    words = np.ndarray((last + 1,), "<u8", codes, 0, (1,))[at]
    mask = np.uint64((1 << (8 * len(literal))) - 1)
    wanted = np.uint64(int.from_bytes(literal, "little"))
    return np.asarray((words & mask) == wanted)


@functools.cache
def _even_numbers(bits: int) -> pa.Array:
    return pa.array(np.arange(0, 2 << bits, 2, dtype=np.int32))
