"""JSON lines: one object per line, by a server, an application or a sign-in service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import activity_of, key_of
from ashiato.engine.reading.forwarded import NO_PROXIES, Proxies
from ashiato.engine.reading.json_keys import KeyMap, find_account, text_of_value
from ashiato.engine.reading.json_requests import REQUEST, AlikeRequests
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Columns, Parsed, Parser, merged, text_array
from ashiato.engine.reading.times import Clock, Moment
from ashiato.engine.reading.web_columns import columns_from

Row = dict[str, Any]

_SIGN_IN = re.compile(
    r"log(?:ged)?[ _.-]?[io]n|sign[ _.-]?in|authenticat|auth[_.](ok|fail|success)", re.IGNORECASE
)
_SIGN_OUT = re.compile(r"log[ _.-]?(out|off)|sign[ _.-]?(out|off)", re.IGNORECASE)
_FAILURE = re.compile(
    r"fail|error|denied|deny|invalid|wrong|bad|reject|refus|lock|blocked|incorrect|unknown|\bng\b|^false$|^0$",
    re.IGNORECASE,
)
_SUCCESS = re.compile(r"ok\b|_ok|succe|accept|pass(ed)?\b|granted|allow|^true$|^1$|complete", re.IGNORECASE)
_ADDRESS = re.compile(r"\[?(?P<ip>[0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*?)\]?(?::(?P<port>\d{1,5}))?")
_LONGEST_WORD = 64
_UNSAID = (None, "", "-")
#: Keys that tell of the record itself, and so never name who signed in.
_ABOUT_THE_RECORD = frozenset({"level", "severity", "logger", "thread", "pid", "host", "service", "version"})


class Outcome:
    """What marks a success and a failure: the data map's values first, then words."""

    def __init__(self, success: Mapping[str, str], failure: Mapping[str, str]) -> None:
        """Both map a key to the value that tells."""
        self._marks = [("success", success), ("failure", failure)]

    def of(self, members: Mapping[str, Any], *texts: str | None) -> str | None:
        """Return ``success``, ``failure`` or None for a record and the texts that may tell."""
        for status, marks in self._marks:
            if any(text_of_value(members.get(key)) == value for key, value in marks.items()):
                return status
        for text in texts:
            if text and (_FAILURE.search(text) or _SUCCESS.search(text)):
                return "failure" if _FAILURE.search(text) else "success"
        return None


class JsonLines(Parser):
    """Reads objects whose keys are understood through a :class:`KeyMap`."""

    def __init__(
        self, name: str, keys: KeyMap, clock: Clock, outcome: Outcome, proxies: Proxies = NO_PROXIES
    ) -> None:
        """``clock`` answers for times without an offset; objects without a server's keys are not its own."""
        self._proxies = proxies
        self.name = name
        self._keys = keys
        self._clock = clock
        self._outcome = outcome
        self._alike = AlikeRequests(keys, clock, proxies)

    def parse(self, block: Block) -> Parsed:
        """Read the JSON objects with a time: requests written alike together, others singly."""
        fast = NOTHING
        for part in self._alike.parse(block) if not self._keys.has_paths else []:
            fast = merged(fast, part)
        left = fast.left_over(len(block))
        return merged(fast, self.parse_exactly(block.pick(left)).at(left)) if len(left) else fast

    def parse_exactly(self, block: Block) -> Parsed:
        """Read line by line: slow, and the measure of the other way."""
        index, rows = [], []
        for i, line in enumerate(block.lines()):
            row = self._row(line)
            if row is not None:
                index.append(i)
                rows.append(row)
        if not rows:
            return NOTHING
        where = np.array(index, np.int64)
        columns = _columns(rows)
        forwarded = [text_of_value(row.get("@forwarded")) for row in rows]
        if any(forwarded):
            self._proxies.resolve(columns, text_array(forwarded))
        return Parsed(where, where, columns)

    def _row(self, line: bytes) -> Row | None:
        members = self.members_of(line)
        if members is None or not self._keys.served_keys <= members.keys():
            return None
        shape = self._keys.shape_of(tuple(members))
        row: Row = self._keys.values_inside(members)
        row.update({meaning: members[key] for meaning, key in shape.meant})
        row.update(self._keys.values_at_paths(members))
        moment = self._moment(row.pop("@time", None))
        if moment is None:
            return None
        row["time_us"], row["time_step_us"] = moment
        rest = {key: members[key] for key in shape.rest if members[key] not in _UNSAID}
        if row.get("@forwarded") not in _UNSAID:
            rest["x_forwarded_for"] = row["@forwarded"]
        self._tell_kind(row, rest, members)
        if rest:
            row["unmapped"] = orjson.dumps(rest).decode()
        return row

    def members_of(self, line: bytes) -> dict[str, Any] | None:
        """Return a line's keys and values, or None for a line that is not of this kind."""
        return _object_of(line)

    def _moment(self, value: object) -> Moment | None:
        if value is None or isinstance(value, bool):
            return None
        moment = self._clock.read(text_of_value(value) or "")
        if moment and isinstance(value, float):
            # A number drops its last zeros: 0.200 s is written in the same steps as 0.211 s.
            return moment[0], 1000 if moment[1] >= 1000 else 1
        return moment

    def _tell_kind(self, row: Row, rest: Row, members: Mapping[str, Any]) -> None:
        _tidy(row, rest)
        if "databucket_file_path" in row or "api_operation" in row:
            _tell_call(row)
            return
        event = text_of_value(row.pop("@event", None))
        told = text_of_value(row.pop("@outcome", None))
        if event is not None:
            row["activity_name" if len(event) <= _LONGEST_WORD else "message"] = event
        if event and _SIGN_IN.search(event):
            row["record_kind"] = "sign-in"
            row["status"] = self._outcome.of(members, told, event, row.get("status"))
            _name_account(row, rest)
        elif event and _SIGN_OUT.search(event):
            row["record_kind"] = "sign-out"
            _name_account(row, rest)
        elif REQUEST.intersection(row):
            row["record_kind"] = "web-request"
        else:
            row["record_kind"] = "application"
            row["status"] = self._outcome.of(members, told) or row.get("status")


def _tell_call(row: Row) -> None:
    """A call of an object store, whose keys the data map names; its operation says what it did."""
    row.pop("@event", None)
    row.pop("@outcome", None)
    row["record_kind"] = "api-call"
    row["activity_name"] = activity_of(
        text_of_value(row.get("api_operation", row.get("http_request_method")))
    )
    row["databucket_file_path"] = key_of(text_of_value(row.get("databucket_file_path")))
    # A sign-in's outcome is told by its status; a call's by its code.
    row.pop("status", None)


def _object_of(line: bytes) -> dict[str, Any] | None:
    # A BOM may stand before the first line; bytes that are no UTF-8 must not cost the record.
    text = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not text.startswith(b"{"):
        return None
    try:
        members = load_json(text)
    except ValueError:
        try:
            members = load_json(_mended(text))
        except ValueError:
            return None
    return members if isinstance(members, dict) else None


def _mended(text: bytes) -> bytes:
    # A server writes a client's stray bytes and control characters into its JSON as they came.
    sound = text.decode("utf-8", "replace").encode()
    return re.sub(rb"[\x00-\x1f]", lambda found: b"\\u%04x" % found[0][0], sound)


def _tidy(row: Row, rest: Row) -> None:
    """Settle the meanings that depend on the value: status, address."""
    status = row.get("http_response_code")
    if status is not None and not _is_code(status):
        row["status"] = text_of_value(row.pop("http_response_code"))
    for meaning in ("@address", "src_endpoint_ip"):
        address = row.pop(meaning, None)
        if address is not None:
            _set_address(row, rest, address)


def _set_address(row: Row, rest: Row, address: object) -> None:
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if found is None:
        rest["address"] = address
        return
    row["src_endpoint_ip"] = found["ip"]
    if found["port"]:
        row.setdefault("src_endpoint_port", found["port"])


def _is_code(status: object) -> bool:
    text = str(status)
    return len(text) == 3 and text.isdigit()


def _name_account(row: Row, rest: Row) -> None:
    named = tuple(key for key in rest if key not in _ABOUT_THE_RECORD)
    key = find_account(named) or (named[0] if len(named) == 1 else None)
    if row.get("actor_user_name") is None and key is not None:
        row["actor_user_name"] = rest.pop(key)


def _columns(rows: list[Row]) -> Columns:
    names = sorted({name for row in rows for name in row})
    meant: Columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in ("time_us", "time_step_us"):
            meant[name] = pa.array(values, pa.int64())
        else:
            meant[name] = text_array([text_of_value(value) for value in values])
    return columns_from(meant)
