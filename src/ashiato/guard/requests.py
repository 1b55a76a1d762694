"""The requests of a log, as the guard needs them: who asked, for what, and what came back.

Most requests show nobody. They are told from the others column by column, each different request once, so
that only those that count become objects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_KINDS = pa.array(["web-request", "sign-in"])
_SIGN_IN = "sign-in"
#: No route, or no status.
NONE = -1
#: More than there are 32-bit numbers, as which a status is kept.
_CODES = 1 << 33
Numbers = NDArray[np.int64]
Truths = NDArray[np.bool_]


class Request(NamedTuple):
    """A request with a reply, or a sign-in; times in microseconds since 1970 UTC, sizes in bytes."""

    time_us: int
    line: int
    kind: str
    address: str
    session: str
    account: str
    method: str
    path: str
    query: str
    reply_bytes: int
    status: str


class Requests:
    """The requests and sign-ins among records, column by column, in the order of their lines."""

    def __init__(self, records: pa.RecordBatch) -> None:
        """Choose the requests and sign-ins among some records."""
        kinds = records.column("record_kind")
        self._records = records.filter(pc.is_in(kinds, _KINDS.cast(pa.string())))
        self._methods, self._method_of = _coded(self._records.column("http_request_method"))
        self._paths, self._path_of = _coded(self._records.column("http_request_path"))
        self.codes = self._numbers("http_response_code", NONE)
        body, whole = self._numbers("http_response_body_bytes"), self._numbers("traffic_out_bytes")
        self.reply_bytes: Numbers = np.where(body != 0, body, whole)

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self._records.num_rows)

    @property
    def sign_ins(self) -> Truths:
        """Which of them are sign-ins."""
        kinds, kind_of = _coded(self._records.column("record_kind"))
        return np.asarray([kind == _SIGN_IN for kind in kinds], np.bool_)[kind_of]

    def each(self, find: Callable[[str, str], int | None]) -> Numbers:
        """Return what ``find`` says of each one's method and path, asked once of those that are alike."""
        many = len(self._paths)
        different, which = np.unique(self._method_of * many + self._path_of, return_inverse=True)
        found = [find(self._methods[pair // many], self._paths[pair % many]) for pair in different.tolist()]
        return np.asarray([NONE if number is None else number for number in found], np.int64)[which]

    def of_code(self, numbers: Numbers, holds: Callable[[int, int | None], bool]) -> Truths:
        """Return whether something holds of each one's number and status, asked once of those alike."""
        different, which = np.unique(numbers * _CODES + self.codes + _CODES // 2, return_inverse=True)
        pairs = ((pair // _CODES, pair % _CODES - _CODES // 2) for pair in different.tolist())
        said = [holds(number, None if code == NONE else code) for number, code in pairs]
        return np.asarray(said, np.bool_)[which]

    def is_method(self, method: str) -> Truths:
        """Tell which were asked for by a method."""
        return np.asarray([each == method for each in self._methods], np.bool_)[self._method_of]

    def matches(self, name: str, pattern: str) -> Truths:
        """Tell whose column of texts holds a pattern (RE2); nothing holds none."""
        found = pc.match_substring_regex(_plain(self._records.column(name)), pattern)
        return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)

    def at(self, places: Numbers) -> list[Request]:
        """Return those at some places, in that order."""
        records = self._records.take(pa.array(places))
        columns = [
            records.column("time_us").fill_null(0).to_pylist(),
            records.column("line_first").fill_null(0).to_pylist(),
            *(_texts(records.column(name)) for name in _WHO),
            self.reply_bytes[places].tolist(),
            _texts(records.column("status")),
        ]
        return list(map(Request._make, zip(*columns, strict=True)))

    def _numbers(self, name: str, none: int = 0) -> Numbers:
        column = self._records.column(name).fill_null(none)
        return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64)


_WHO = (
    "record_kind", "src_endpoint_ip", "actor_session_uid", "actor_user_name", "http_request_method",
    "http_request_path", "http_request_query",
)  # fmt: skip


def _coded(column: pa.Array) -> tuple[Sequence[str], Numbers]:
    """The different texts of a column, the empty one for nothing, and which each row has."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = [text or "" for text in coded.dictionary.to_pylist()]
    indices = coded.indices.fill_null(len(texts))
    return [*texts, ""], np.asarray(indices.to_numpy(zero_copy_only=False)).astype(np.int64)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _texts(column: pa.Array) -> list[str]:
    plain = _plain(column)
    if plain.null_count == len(plain):
        return [""] * len(plain)
    texts: list[str] = plain.fill_null("").to_pylist()
    return texts
