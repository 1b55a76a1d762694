"""Puts a payload back where it stood: inside a statement that a parser can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from ashiato.engine.exposures.transcripts.lifting import Lifted, Lifter

#: What stands for the application's own statement around the payload.
OUTER_TABLE = "the_outer_table"
OUTER_COLUMN = "the_outer_column"
_FRAMES = (
    f"SELECT 1 FROM {OUTER_TABLE} WHERE {OUTER_COLUMN} = {{}}",
    f"SELECT 1 FROM {OUTER_TABLE} ORDER BY {{}}",
)
_MYSQL = re.compile(
    r"`|\b(?:ord|mid|ifnull|sleep|benchmark|if|rlike|nchar|conv|schema)\b\s*\(|limit \S+ ?,|rlike",
    re.IGNORECASE,
)
_POSTGRES = re.compile(r"::|\|\||\b(?:pg_\w+|chr|offset|current_schema)\b", re.IGNORECASE)
_TSQL = re.compile(r"\bwaitfor\b|\btop \S|\bisnull\(|\bn?varchar\(\S+\)\)|\.\.", re.IGNORECASE)
_ORACLE = re.compile(r"\brownum\b|\bnvl\(|\bdbms_|\bsubstrc\(|\bfrom dual\b", re.IGNORECASE)
_SQLITE = re.compile(r"\bsqlite_|\brandomblob\b|\bglob\b|\bunicode\(", re.IGNORECASE)
_SIGNS = {"mysql": _MYSQL, "postgres": _POSTGRES, "tsql": _TSQL, "oracle": _ORACLE, "sqlite": _SQLITE}


class Contexts:
    """The ways in which a payload's quotes can be read."""

    def __init__(self) -> None:
        """Start knowing no payload."""
        self._lifters = {
            (quote, names): Lifter(quote, names=names) for quote in ("", "'", '"') for names in (False, True)
        }

    def lifts(self, payload: str) -> Iterator[Lifted]:
        """Yield the payload lifted in each way its quotes can be read, the likeliest first."""
        first = next((c for c in payload if c in "'\""), "")
        for quote in (first, "") if first else ("",):
            for names in (False, True) if '"' in payload and quote != '"' else (False,):
                lifted = self._lifters[quote, names].lift(payload)
                if lifted is not None:
                    yield lifted


def list_trees(shape: str) -> Iterator[tuple[str, exp.Expr]]:
    """Yield (dialect, statement) for each way a shape can be read, the likeliest first."""
    for dialect in _dialects_of(shape):
        for frame in _FRAMES:
            try:
                trees = sqlglot.parse(frame.format(shape), read=dialect)
            except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
                continue
            yield from ((dialect, tree) for tree in trees if tree is not None)
            break
        else:
            yield from _bracketed(shape, dialect)


def _bracketed(shape: str, dialect: str) -> Iterator[tuple[str, exp.Expr]]:
    """Yield what can be read between brackets where the whole cannot, the widest first."""
    for inside in _brackets(shape)[:_MOST_BRACKETS]:
        try:
            tree = sqlglot.parse_one(f"SELECT 1 FROM {OUTER_TABLE} WHERE {inside}", read=dialect)
        except (sqlglot.errors.SqlglotError, RecursionError, ValueError, AttributeError):
            continue
        yield dialect, tree
        return


_MOST_BRACKETS = 12


def _brackets(shape: str) -> list[str]:
    open_at: list[int] = []
    found: list[tuple[int, int]] = []
    for place, mark in enumerate(shape):
        if mark == "(":
            open_at.append(place)
        elif mark == ")" and open_at:
            found.append((open_at.pop(), place + 1))
    return [shape[first:last] for first, last in sorted(found, key=lambda span: span[0] - span[1])]


def _dialects_of(shape: str) -> list[str]:
    counts = {name: len(sign.findall(shape)) for name, sign in _SIGNS.items()}
    return sorted(counts, key=lambda name: -counts[name])
