"""What a request's target says: its route template, and the values in it that may stand in a statement.

A template is the path with every run of digits and every opaque segment as ``#``, and the sorted names of
its parameters. A *token* is a value of the target in plain words: small letters, ASCII punctuation as one
blank; statements are written in the same way before tokens are looked for in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pyarrow as pa

from ashiato.engine.store import Station, Store

_DIGITS = re.compile(r"[0-9]+")
_OPAQUE = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[^/]*[0-9])[0-9a-zA-Z_-]{16,}", re.IGNORECASE
)
_BETWEEN = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_LONGEST_TOKEN = 2_000
_MOST_TOKENS = 32
_TEMPLATES = pa.schema([("target_no", pa.int64()), ("template", pa.string())])
_TOKENS = pa.schema([("target_no", pa.int64()), ("token", pa.string())])

#: The same plain words in SQL, for an expression in place of ``{text}``.
PLAIN_SQL = r"trim(regexp_replace(lower({text}), '[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g'))"

#: One row per distinct target.
TARGETS = Station(
    "request_targets",
    """
    SELECT min(lead_no) AS target_no, http_request_path AS path, http_request_query AS query
    FROM request_leads
    GROUP BY http_request_path, http_request_query
    """,
)


def template_of(path: str, query: str | None) -> str:
    """Return the route template of a decoded path and a raw query string."""
    segments = ("#" if _OPAQUE.fullmatch(part) else _DIGITS.sub("#", part) for part in path.split("/"))
    names = sorted({unquote_plus(name) for name, _ in _parameters(query)})
    return "/".join(segments) + (f"?{'&'.join(names)}" if names else "")


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
    templates: list[tuple[int, str]] = []
    tokens: list[tuple[int, str]] = []
    for batch in store.batches("SELECT target_no, path, query FROM request_targets ORDER BY target_no"):
        for row in batch.to_pylist():
            path, query = row["path"] or "", row["query"]
            templates.append((row["target_no"], template_of(path, query)))
            tokens += [(row["target_no"], token) for token in tokens_of(path, query)]
    store.write_as("target_templates", _table(templates, _TEMPLATES))
    store.write_as("target_tokens", _table(tokens, _TOKENS))


def _table(rows: list[tuple[int, str]], schema: pa.Schema) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    return pa.table(columns, schema=schema)
