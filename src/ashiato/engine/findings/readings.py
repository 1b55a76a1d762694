"""Puts the requests, statements and sign-ins among the events into the shape findings are made from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import pyarrow as pa

from ashiato.engine.findings.statements import pieces_of, shape_of_pieces, values_sought
from ashiato.engine.findings.targets import Reading, parse_target
from ashiato.engine.saying import MYSQL_FORMATS
from ashiato.engine.store import Station, Store

_TARGETS = pa.schema(
    [
        ("target", pa.string()),
        ("template", pa.string()),
        ("target_shape", pa.string()),
        ("listing", pa.string()),
        ("objects", pa.string()),
        ("object_number", pa.int64()),
        ("page", pa.int64()),
        ("decoded", pa.string()),
        ("is_static", pa.bool_()),
        ("has_syntax", pa.bool_()),
    ]
)
_Shape: TypeAlias = tuple[str, str, str, str | None, int | None, bool]
_SHAPES = pa.schema(
    [
        ("statement", pa.string()),
        ("binds", pa.string()),
        ("query_shape", pa.string()),
        ("sought", pa.string()),
        ("sought_number", pa.int64()),
        ("mysql", pa.bool_()),
    ]
)
#: Whether a statement is quoted as MySQL quotes.
IS_MYSQL = f"COALESCE(source_format, '') IN {MYSQL_FORMATS}"

#: One row per request: the event's columns, and what its target says.
REQUESTS = Station(
    "finding_requests",
    """
    SELECT e.*, t.template, t.target_shape, t.listing, t.objects, t.object_number, t.page, t.decoded,
        t.is_static,
           t.has_syntax,
           a.askers AS target_askers,
           COALESCE(e.src_endpoint_ip, '?') AS address,
           COALESCE(e.http_request_user_agent, '-') AS agent,
           COALESCE(e.http_response_code, 0) IN (404, 410, 400, 405, 501) AS is_missing,
           COALESCE(e.http_response_code, 0) IN (401, 403) AS is_refused,
           COALESCE(e.http_response_code, 0) BETWEEN 200 AND 299 AS is_success
    FROM events AS e
    JOIN finding_targets AS t ON t.target = e.http_request_target
    JOIN (
        SELECT http_request_target, COUNT(DISTINCT src_endpoint_ip) AS askers
        FROM events WHERE http_request_target IS NOT NULL GROUP BY http_request_target
    ) AS a ON a.http_request_target = e.http_request_target
    """,
)

#: One row per executed statement or statement error, with the statement's shape and the values it looks for.
STATEMENTS = Station(
    "finding_statements",
    f"""
    SELECT e.*, s.query_shape, s.sought, s.sought_number
    FROM events AS e
    LEFT JOIN finding_shapes AS s
      ON s.statement = e.query_text AND s.binds = COALESCE(e.query_binds, '')
      AND s.mysql = ({IS_MYSQL.replace("source_format", "e.source_format")})
    WHERE e.query_text IS NOT NULL OR (e.error_text IS NOT NULL AND e.database_session_uid IS NOT NULL)
    """,
)

#: One row per sign-in (tried or made) that a log tells of by itself, apart from the web requests. Where it
#: names no address, the request of the same trace does.
SIGN_INS = Station(
    "finding_sign_ins",
    """
    SELECT e.*, COALESCE(e.src_endpoint_ip, t.address, '?') AS address,
           COALESCE(e.status, '') = 'success' AS is_success
    FROM events AS e
    LEFT JOIN (
        SELECT trace_uid, MIN(address) AS address FROM finding_requests
        WHERE trace_uid IS NOT NULL GROUP BY trace_uid HAVING COUNT(DISTINCT address) = 1
    ) AS t ON t.trace_uid = e.trace_uid
    WHERE e.http_request_target IS NULL AND e.query_text IS NULL
      AND COALESCE(e.status, '') IN ('success', 'failure')
      AND e.database_session_uid IS NULL
    """,
)


def read_events(store: Store) -> None:
    """Write the working tables ``finding_requests``, ``finding_statements`` and ``finding_sign_ins``."""
    store.write_as("finding_targets", _targets_of(store))
    store.write_as("finding_shapes", _shapes_of(store))
    for station in (REQUESTS, STATEMENTS, SIGN_INS):
        store.run(station)


def _distinct(store: Store, column: str) -> Iterator[list[str]]:
    sql = f"SELECT DISTINCT {column} AS text FROM events WHERE {column} IS NOT NULL ORDER BY text"
    for batch in store.batches(sql):
        yield batch.column(0).to_pylist()


def _targets_of(store: Store) -> pa.Table:
    batches = [
        _batch_of(texts, [parse_target(text) for text in texts])
        for texts in _distinct(store, "http_request_target")
    ]
    return pa.Table.from_batches(batches, _TARGETS)


def _batch_of(texts: list[str], readings: list[Reading]) -> pa.RecordBatch:
    columns = [
        texts,
        [r.template for r in readings],
        [r.shape for r in readings],
        [r.listing for r in readings],
        [r.objects for r in readings],
        [r.object_number for r in readings],
        [r.page for r in readings],
        [r.decoded for r in readings],
        [r.is_static for r in readings],
        [r.has_syntax for r in readings],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _TARGETS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_TARGETS)


def _shapes_of(store: Store) -> pa.Table:
    sql = f"""
        SELECT DISTINCT query_text AS text, COALESCE(query_binds, '') AS binds, {IS_MYSQL} AS mysql
        FROM events
        WHERE query_text IS NOT NULL ORDER BY mysql, text, binds
    """
    batches = [_shapes_batch(batch.to_pydict()) for batch in store.batches(sql)]
    return pa.Table.from_batches(batches, _SHAPES)


def _shapes_batch(told: dict[str, list[Any]]) -> pa.RecordBatch:
    columns = zip(*_read(list(zip(told["mysql"], told["text"], told["binds"], strict=True))), strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SHAPES, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SHAPES)


def _read(told: list[tuple[bool, str, str]]) -> Iterator[_Shape]:
    """Yield the rows of ``finding_shapes``; equal texts stand together, and each is cut into tokens once."""
    for (mysql, text), pairs in groupby(told, itemgetter(0, 1)):
        pieces = pieces_of(text, mysql=mysql)
        shape = shape_of_pieces(pieces)
        for _, _, bound in pairs:
            yield text, bound, shape, *values_sought(pieces, bound), mysql
