"""Commands that run or hold other statements: PREPARE, EXECUTE, DECLARE, and those that read nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.engine.exposures.sessions.pieces import NAME, plain_name, split_values, word_of

#: What is told of a connection's own doings, and sends nothing of any table.
_SILENT = frozenset(
    {
        "abort", "alter", "analyze", "begin", "checkpoint", "cluster", "comment", "commit", "desc",
        "describe", "drop", "end", "explain", "flush", "grant", "kill", "listen", "load", "lock",
        "notify", "optimize", "reassign", "reindex", "release", "reset", "revoke", "rollback",
        "savepoint", "security", "set", "show", "start", "truncate", "unlisten", "unlock", "use",
        "vacuum",
    }
)  # fmt: skip
_SILENT_MAKING = re.compile(
    r"\s+(?:or\s+replace\s+)?(?:definer\s*=\s*\S+\s+)?(?:unique\s+|trusted\s+|constraint\s+|aggregate\s+)*"
    r"(?:access|aggregate|cast|collation|conversion|database|domain|event|extension|function|group|index|"
    r"language|operator|policy|procedure|publication|role|rule|schema|sequence|server|statistics|"
    r"subscription|transform|trigger|type|user)\b",
    re.IGNORECASE,
)
_PREPARE = re.compile(
    rf"\s+(?P<name>{NAME})\s*(?:\(.*?\))?\s*\b(?P<how>as|from)\b\s*(?P<query>.*)", re.IGNORECASE | re.DOTALL
)
_EXECUTE = re.compile(rf"\s+(?P<name>{NAME})\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_DECLARE = re.compile(
    rf"\s+(?P<name>{NAME})\s+(?:(?:binary|insensitive|asensitive|no|scroll)\s+)*cursor\b"
    r"(?:\s+(?P<hold>with|without)\s+hold)?\s+for\s+(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
_EXECUTED_INTO = re.compile(
    rf"(?P<head>.*\bas\s+)(?P<execute>execute\s+{NAME}\s*(?:\(.*\))?)\s*;?\s*$", re.IGNORECASE | re.DOTALL
)
_VARIABLE = re.compile(
    r"@(?P<name>[\w$.]+)\s*:?=\s*(?P<value>'(?:[^'\\]|''|\\.)*'|-?[\d.]+|null)\s*(?=,|;|$)", re.IGNORECASE
)


@dataclass(frozen=True)
class Prepared:
    """A statement kept under a name, or as text in a variable (``variable``)."""

    name: str
    query: str
    variable: str | None = None


def is_silent(word: str, rest: str) -> bool:
    """Tell whether a statement that begins so sends nothing of any table."""
    if word == "set":
        return re.search(r"\bselect\b", rest, re.IGNORECASE) is None
    return word in _SILENT or (word == "create" and _SILENT_MAKING.match(rest) is not None)


def read_prepare(rest: str) -> Prepared | None:
    """Read what follows PREPARE.

    PostgreSQL has ``p (types) AS statement``, MySQL ``p FROM 'text'`` and ``p FROM @variable``.
    """
    found = _PREPARE.match(rest)
    if found is None:
        return None
    name, query = plain_name(found["name"]), found["query"].strip().rstrip(";").rstrip()
    if found["how"].lower() == "as":
        return Prepared(name, query)
    if query.startswith("@"):
        return Prepared(name, "", query[1:].lower())
    return Prepared(name, unquoted(query))


def unquoted(text: str) -> str:
    """Return what a quoted text of MySQL says."""
    quote = text[:1]
    if quote not in ("'", '"') or text[-1:] != quote:
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1].replace(quote * 2, quote))


def read_execute(rest: str, dialect: str) -> tuple[str, list[str], list[str]] | None:
    """Read what follows EXECUTE: the name, the values, the names of the variables that hold them."""
    found = _EXECUTE.match(rest)
    if found is None:
        return None
    given = found["rest"].strip().rstrip(";").strip()
    name = plain_name(found["name"])
    if given.startswith("(") and given.endswith(")"):
        return name, split_values(given[1:-1], dialect), []
    word, variables = word_of(given)
    names = re.findall(r"@([\w$.]+)", variables) if word == "using" else []
    return name, [], [one.lower() for one in names]


def read_declare(rest: str) -> tuple[str, bool, str] | None:
    """Read what follows DECLARE: the cursor's name, whether it outlives its transaction, its query."""
    found = _DECLARE.match(rest)
    if found is None:
        return None
    held = (found["hold"] or "").lower() == "with"
    return plain_name(found["name"]), held, found["query"].strip().rstrip(";").rstrip()


def executed_into(text: str) -> tuple[str, str] | None:
    """Split ``CREATE TABLE x AS EXECUTE p(1)`` into what stands before EXECUTE and the rest."""
    found = _EXECUTED_INTO.match(text)
    return (found["head"], found["execute"]) if found else None


def variables_set(rest: str) -> dict[str, str]:
    """Return the session variables that a SET gives a plain value, by name."""
    return {found["name"].lower(): found["value"] for found in _VARIABLE.finditer(rest)}
