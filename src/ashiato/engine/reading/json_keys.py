"""Which key of a JSON log says what: the data map first, then a server's own format, then usual names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ashiato.engine.reading.log_formats import LogFormat
from ashiato.engine.reading.meanings import KEYS, USUAL_PATHS, names_an_account

_KEY_BEFORE_VALUE = re.compile(rb'"([^"]+)"\s*:\s*"?$')
_USUAL = {key: (rank, meaning) for meaning, keys in KEYS.items() for rank, key in enumerate(keys)}
_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST_SHAPES = 1000
_KEEP_REQUESTS = {path.partition(".")[0] for paths in USUAL_PATHS.values() for path in paths}


@dataclass(frozen=True)
class Shape:
    """For records with the same keys: which key gives each meaning, and the keys left."""

    meant: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]


class KeyMap:
    """The meaning of one source's keys; remembers the shapes it has seen."""

    def __init__(self, told: Mapping[str, str], served: Mapping[str, str] | None = None) -> None:
        """``told``: key (or dotted path) -> meaning by the data map, ``served``: by the server's format."""
        self._told = dict(told)
        self._served = dict(served or {})
        self.served_keys = frozenset(self._served)
        self.has_paths = any("." in path for path in told)
        self._paths = [(meaning, path) for path, meaning in told.items() if "." in path]
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def shape_of(self, keys: tuple[str, ...]) -> Shape:
        """Say which of these keys means what; of several for one meaning the best known wins."""
        shape = self._shapes.get(keys)
        if shape is None:
            shape = self._find_shape(keys)
            if len(self._shapes) < _MOST_SHAPES:
                self._shapes[keys] = shape
        return shape

    def values_at_paths(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """The values (by meaning) at the data map's dotted paths, for keys inside objects."""
        found = {meaning: _at_path(members, path) for meaning, path in self._paths}
        return {meaning: value for meaning, value in found.items() if value is not None}

    def values_inside(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """The values (by meaning) where loggers usually keep a request and its reply, inside objects.

        A line that tells of no reply is the application's own, about a request.
        """
        if self._served or not any(isinstance(members.get(key), dict) for key in _KEEP_REQUESTS):
            return {}
        found = {
            meaning: next((value for path in paths if (value := _at_path(members, path)) is not None), None)
            for meaning, paths in USUAL_PATHS.items()
        }
        if found["http_response_code"] is None:
            return {}
        return {meaning: value for meaning, value in found.items() if value is not None}

    def _find_shape(self, keys: tuple[str, ...]) -> Shape:
        best: dict[str, tuple[int, str]] = {}
        for key in keys:
            rank, meaning = self._rank(key)
            if meaning is not None and rank < best.get(meaning, (1 << 30, ""))[0]:
                best[meaning] = (rank, key)
        chosen = {key for _, key in best.values()}
        meant = tuple((meaning, key) for meaning, (_, key) in best.items())
        coarser = {key for key, meaning in self._served.items() if meaning == "@time"}
        return Shape(meant, tuple(key for key in keys if key not in chosen | coarser))

    def _rank(self, key: str) -> tuple[int, str | None]:
        plain = key.lower().lstrip("@_").replace("-", "_").replace(".", "_")
        rank, usual = _USUAL.get(key.lower()) or _USUAL.get(plain) or _USUAL.get(_parted(key)) or (0, None)
        if key in self._told:
            return rank - 2000, self._told[key]
        if key in self._served:
            return list(self._served).index(key) - 1000, self._served[key]
        return rank, usual


def keys_of_format(log_format: LogFormat) -> dict[str, str]:
    """The keys of a server's JSON log format whose values have a meaning of their own, finest time first."""
    keys = {}
    pairs = zip(log_format.literals, log_format.values, strict=False)
    for literal, value in sorted(pairs, key=lambda pair: pair[1].name != "msec"):
        if value.meaning and (found := _KEY_BEFORE_VALUE.search(literal)):
            keys[found[1].decode("utf-8", "replace")] = value.meaning
    return keys


def _parted(key: str) -> str:
    """A key of words run together, as ``remoteAddr``, with its words apart."""
    return _INNER_CAPITAL.sub("_", key).lower()


def find_account(rest: tuple[str, ...]) -> str | None:
    """Of the keys left over, the one such as ``customer_id`` that names who signed in."""
    return next((key for key in rest if names_an_account(key.lower())), None)


def text_of_value(value: object) -> str | None:
    """A JSON value as text: true and false in lower case, numbers as written, nothing as nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def _at_path(members: Mapping[str, Any], path: str) -> object:
    here: Any = members
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here
