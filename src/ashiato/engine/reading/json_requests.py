"""Requests written as JSON lines that are all alike, a block at a time.

Whatever is unusual (an escape, a value of another kind, an event, an address with a port) is left to the
exact way, line by line, with which this one must agree to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.column_times import read_times
from ashiato.engine.reading.forwarded import Proxies
from ashiato.engine.reading.json_keys import KeyMap, Shape
from ashiato.engine.reading.json_templates import JsonTemplate, json_template_of
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, all_same
from ashiato.engine.reading.spans import Ints, Truths, numbers_of, truths_of
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.web_columns import columns_from, unmapped_json

#: Meanings that make a record a request, and those that need a look at each value.
REQUEST = frozenset({"http_request_method", "http_request_target", "@request"})
_EACH = frozenset({"@event", "@outcome", "@address"})
_NUMERIC = frozenset({
    "http_response_code", "http_response_body_bytes", "traffic_out_bytes", "src_endpoint_port",
    "@seconds", "@milliseconds", "@microseconds",
})  # fmt: skip
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
_TIME_NUMBER = r"^[0-9]{10}(\.[0-9]{3})?$"
_CODE = r"^[0-9]{3}$"
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*")
_MOST_TEMPLATES = 4


class AlikeRequests:
    """Reads the lines of one source that keep to one of a few templates, learned from the lines."""

    def __init__(self, keys: KeyMap, clock: Clock, proxies: Proxies) -> None:
        """As for the exact way."""
        self._keys = keys
        self._clock = clock
        self._proxies = proxies

    def parse(self, block: Block) -> list[Parsed]:
        """Return the records of each template."""
        found: list[Parsed] = []
        left = np.arange(len(block), dtype=np.int64)
        for _ in range(_MOST_TEMPLATES):
            if not len(left):
                break
            rest = block if len(left) == len(block) else block.compact(left)
            parsed = self._parse_alike(rest, rest.line(0))
            if not len(parsed):
                break
            found.append(parsed.at(left))
            left = left[parsed.left_over(len(rest))]
        return found

    def _parse_alike(self, block: Block, line: bytes) -> Parsed:
        learned = json_template_of(line)
        if learned is None or not self._keys.served_keys <= set(learned.keys):
            return NOTHING
        shape = self._keys.shape_of(learned.keys)
        meant = {meaning: learned.keys.index(key) for meaning, key in shape.meant}
        if "@time" not in meant or not REQUEST & meant.keys() or _EACH & meant.keys():
            return NOTHING
        matched = learned.template.match(block)
        if not len(matched.rows):
            return NOTHING
        values = [matched.text(index) for index in range(len(learned.keys))]
        return self._parsed(matched.rows, values, learned, shape)

    def _parsed(self, rows: Ints, values: list[pa.Array], learned: JsonTemplate, shape: Shape) -> Parsed:
        meant = {meaning: learned.keys.index(key) for meaning, key in shape.meant}
        times, steps, usual = read_times(values[meant["@time"]], self._clock)
        usual = usual & _are_usual(values, learned, meant)
        if not usual.any():
            return NOTHING
        if not usual.all():
            rows, times, steps = rows[usual], times[usual], steps[usual]
            values = [value.filter(truths_of(usual)) for value in values]
        columns: Columns = {"time_us": numbers_of(times), "time_step_us": numbers_of(steps)}
        columns |= {meaning: values[index] for meaning, index in meant.items()}
        unmapped = {key: values[learned.keys.index(key)] for key in shape.rest}
        raw = {key for key, quoted in zip(learned.keys, learned.quoted, strict=True) if not quoted}
        if (forwarded := columns.get("@forwarded")) is not None:
            unmapped["x_forwarded_for"] = forwarded
            raw |= {"x_forwarded_for"} if not learned.quoted[meant["@forwarded"]] else set()
        columns["unmapped"] = unmapped_json(unmapped, len(rows), raw)
        read = columns_from(columns) | {"record_kind": all_same("web-request", len(rows))}
        if forwarded is not None:
            self._proxies.resolve(read, forwarded)
        return Parsed(rows, rows, read)


def _are_usual(values: list[pa.Array], learned: JsonTemplate, meant: Mapping[str, int]) -> Truths:
    """Which lines' values are of the kinds that need no closer look."""
    meanings = {index: meaning for meaning, index in meant.items()}
    usual = np.ones(len(values[0]), np.bool_)
    for index, value in enumerate(values):
        meaning = meanings.get(index)
        if not learned.quoted[index]:
            usual &= _matches(value, _pattern_of_number(meaning))
        if meaning == "http_response_code":
            usual &= _matches(value, _CODE)
        elif meaning == "src_endpoint_ip":
            usual &= _are_addresses(value)
    return usual


def _pattern_of_number(meaning: str | None) -> str:
    if meaning == "@time":
        return _TIME_NUMBER
    return _NUMBER if meaning in _NUMERIC else _WHOLE


def _matches(array: pa.Array, pattern: str) -> Truths:
    return np.asarray(pc.match_substring_regex(array, pattern).to_numpy(zero_copy_only=False))


def _are_addresses(array: pa.Array) -> Truths:
    coded = array.dictionary_encode()
    sound = [_ADDRESS.fullmatch(text) is not None for text in coded.dictionary.to_pylist()]
    return np.asarray(np.array([*sound, False], np.bool_)[coded.indices.to_numpy()])
