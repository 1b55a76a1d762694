"""What a request's target says: its route template, and the values in it that may stand in a statement.

A template is the path with every UUID, every run of digits and every opaque segment as ``#``, and the sorted
names of its parameters. A *token* is a value of the target in plain words: small letters, ASCII punctuation
as one blank; statements are written in the same way before tokens are looked for in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote_plus

import pyarrow as pa

from ashiato.engine.arrow_tables import arrow_schema
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import Table

_DIGITS = re.compile(r"[0-9]+")
_OPAQUE = re.compile(r"(?=[^/]*[0-9])[0-9a-zA-Z_-]{16,}", re.IGNORECASE)
_UUID = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[a-z][0-9a-z]{0,4}\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_LONGEST_TOKEN = 2_000
_MOST_TOKENS = 32
_TEMPLATES = Table(
    "target_templates",
    "one row per distinct target of a request",
    {"target_no": "BIGINT", "template": "VARCHAR"},
    ("target_no",),
)
_TOKENS = Table(
    "target_tokens",
    "one row per distinct target x value in it",
    {"target_no": "BIGINT", "token": "VARCHAR"},
    ("target_no",),
)

#: The same plain words in SQL, for an expression in place of ``{text}``.
PLAIN_SQL = r"trim(regexp_replace(lower({text}), '[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g'))"

#: One row per distinct target; none where no statement waits for a request.
TARGETS = Station(
    "request_targets",
    """
    SELECT min(lead_no) AS target_no, http_request_path AS path, http_request_query AS query
    FROM request_leads
    JOIN (SELECT count(*) AS executions FROM executions) AS waiting ON waiting.executions > 0
    GROUP BY http_request_path, http_request_query
    """,
)


def template_of(path: str, query: str | None) -> str:
    """Return the route template of a decoded path and a raw query string."""
    segments = (_without_keys(part) for part in path.split("/"))
    names = sorted({unquote_plus(name) for name, _ in _parameters(query)})
    return "/".join(segments) + (f"?{'&'.join(names)}" if names else "")


def _without_keys(segment: str) -> str:
    suffix = _SUFFIX.search(segment)
    stem = segment[: suffix.start()] if suffix else segment
    if _OPAQUE.fullmatch(stem):
        return "#" + segment[len(stem) :]
    return _DIGITS.sub("#", _UUID.sub("#", segment))


def tokens_of(path: str, query: str | None) -> list[str]:
    """Return the values of a target in plain words: variable segments and parameters, each once."""
    said = [part for part in path.split("/") if _DIGITS.search(part)]
    said += [unquote_plus(value) for _, value in _parameters(query)]
    plain = (plain_words(value) for value in said)
    return list(dict.fromkeys(token for token in plain if token))[:_MOST_TOKENS]


def plain_words(text: str) -> str:
    """Return text in small letters with every run of ASCII punctuation as one blank."""
    return _BETWEEN.sub(" ", text[:_LONGEST_TOKEN].lower()).strip()


def _parameters(query: str | None) -> Iterator[tuple[str, str]]:
    for part in (query or "").split("&", 4 * _MOST_TOKENS):
        name, _, value = part.partition("=")
        if part:
            yield name, value


def write_routes(store: Store) -> None:
    """Write ``target_templates`` and ``target_tokens``: one row per distinct target, and per token in it."""
    store.run(TARGETS)
    targets = store.batches("SELECT target_no, path, query FROM request_targets ORDER BY target_no")
    with store.stream(_TEMPLATES) as templates, store.stream(_TOKENS) as tokens:
        for batch in targets:
            rows = [(row["target_no"], row["path"] or "", row["query"]) for row in batch.to_pylist()]
            templates.write(_batch(_TEMPLATES, [(no, template_of(path, query)) for no, path, query in rows]))
            held = [(no, token) for no, path, query in rows for token in tokens_of(path, query)]
            tokens.write(_batch(_TOKENS, held))


def _batch(table: Table, rows: Sequence[tuple[int, str]]) -> pa.RecordBatch:
    schema = arrow_schema(table)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], []]
    return pa.record_batch([pa.array(c, kind) for c, kind in zip(columns, schema.types, strict=True)], schema)
