"""Statements on rights, as pg_dump, pg_dumpall and MySQL's SHOW GRANTS write them, taken into ``Rights``.

A statement that takes a right away counts only where it names the very thing that was given; what speaks of
rights and is not understood is counted, as nothing can be said of who may read what then.
Sources: PostgreSQL 17 GRANT, REVOKE, ALTER ROLE, ALTER DEFAULT PRIVILEGES; MariaDB 10.11 GRANT; read
2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ashiato.engine.coverage.rights import EVERY, Grant, Rights
from ashiato.engine.coverage.sql_text import Word, statements_of, words_of

_ABOUT_RIGHTS = re.compile(r"\s*(GRANT|REVOKE|CREATE|ALTER)\b", re.IGNORECASE)
_SPEAKS = re.compile(r"\b(GRANT|REVOKE|ROLE|OWNER)\b", re.IGNORECASE)
_READING = frozenset({"select", "all"})
#: What can be named after ON and is no table.
_OTHER_THINGS = frozenset(
    {
        "sequence", "sequences", "schema", "schemas", "function", "functions", "procedure", "procedures",
        "routine", "routines", "database", "language", "type", "types", "domain", "tablespace", "foreign",
        "large",
    }
)  # fmt: skip
_END_OF_NAMES = frozenset({"with", "granted", "cascade", "restrict", "identified", "require"})
#: MySQL's rights over the whole server that let a user past its logs or its files.
_STRONG_RIGHTS = frozenset({"super", "file", "all", "replication", "system_variables_admin"})


class _UnreadError(Exception):
    """A statement on rights that is not understood."""


def read_rights(texts: list[str]) -> Rights:
    """Return what dumps say of rights, in the order given."""
    rights = Rights()
    for text in texts:
        for statement in statements_of(text):
            if statement is None:
                rights.unread += bool(_SPEAKS.search(text))
            elif _ABOUT_RIGHTS.match(statement):
                _take(words_of(statement), rights)
    return rights


def _take(words: list[Word], rights: Rights) -> None:
    first, second = (_plain(words, place) for place in (0, 1))
    reader = _READERS.get(first) or _READERS.get(f"{first} {second}")
    if reader is None:
        return
    try:
        reader(words, rights)
    except (_UnreadError, IndexError):
        rights.unread += 1


def _plain(words: list[Word], place: int) -> str:
    return words[place].text if place < len(words) and not words[place].quoted else ""


def _find(words: list[Word], *wanted: str) -> int | None:
    """Return where one of these words stands outside brackets, or None."""
    depth = 0
    for place, word in enumerate(words):
        if not word.quoted:
            depth += (word.text == "(") - (word.text == ")")
            if depth == 0 and word.text in wanted:
                return place
    return None


# -- roles ---------------------------------------------------------------------------------------------


def _read_role(words: list[Word], rights: Rights) -> None:
    role = rights.role(words[2].text)
    place = _find(words, "set", "reset")
    if place is not None and _plain(words, 0) == "alter":
        role.settings[words[place + 1].text] = " ".join(word.text for word in words[place + 2 :])
        return
    if _plain(words, 1) == "user":
        role.login = True
    said = [word.text for word in words[3:] if not word.quoted]
    for name in ("superuser", "replication", "login"):
        if f"no{name}" in said:
            setattr(role, name, False)
        if name in said:
            setattr(role, name, True)
    if "in" in said and "role" in said:
        place = next(n for n, word in enumerate(words) if word.text == "role" and n > 2)
        role.member_of.update(_names(words[place + 1 :]))


def _read_database(words: list[Word], rights: Rights) -> None:
    place = _find(words, "set")
    if place is not None:
        rights.role(f"database {words[2].text}").settings[words[place + 1].text] = " ".join(
            word.text for word in words[place + 2 :]
        )


# -- grants --------------------------------------------------------------------------------------------


def _read_grant(words: list[Word], rights: Rights) -> None:
    giving = _plain(words, 0) == "grant"
    to = _find(words, "to") if giving else _find(words, "from")
    if to is None:
        raise _UnreadError
    on = _find(words[:to], "on")
    takers = _names(words[to + 1 :])
    if on is None:
        _read_membership(words[1:to], takers, rights, giving=giving)
        return
    columns = _reading_columns(words[1:on])
    about = words[on + 1 : to]
    if _plain(about, 0) == "parameter":
        for taker in takers if giving else []:
            rights.role(taker).sets_parameters = True
        return
    if any(_plain(words, place) in _STRONG_RIGHTS for place in range(1, on)) and _is_everything(about):
        for taker in takers if giving else []:
            rights.role(taker).superuser = True
    if columns is None or _plain(about, 0) in _OTHER_THINGS:
        return
    for schema, table in _things(about):
        for taker in takers:
            _apply(Grant(taker, schema, table, columns), rights, giving=giving)


def _apply(grant: Grant, rights: Rights, *, giving: bool) -> None:
    if giving:
        rights.grants.add(grant)
    elif grant.role != EVERY:
        rights.grants.discard(grant)
        if not grant.columns:
            rights.grants -= {held for held in rights.grants if replace(held, columns=()) == grant}


def _read_membership(roles: list[Word], takers: list[str], rights: Rights, *, giving: bool) -> None:
    words = [word for word in roles if word.quoted or word.text not in ("admin", "option", "for", "inherit")]
    for taker in takers:
        held = rights.role(taker).member_of
        if giving:
            held.update(_names(words))
        elif len(words) == len(roles):
            held.difference_update(_names(words))


def _reading_columns(words: list[Word]) -> tuple[str, ...] | None:
    """Return the columns a list of rights lets read (empty: all), or None when it lets read none."""
    found: set[str] = set()
    for place, word in enumerate(words):
        if word.quoted or word.text not in _READING:
            continue
        after = place + 2 if _plain(words, place + 1) == "privileges" else place + 1
        if _plain(words, after) != "(":
            return ()
        end = next((n for n in range(after, len(words)) if _plain(words, n) == ")"), len(words))
        found.update(_names(words[after + 1 : end]))
    return tuple(sorted(found)) or None


def _things(words: list[Word]) -> list[tuple[str, str]]:
    """Return what stands after ON: each table with its schema, ``*`` for all of a schema's."""
    said = [word.text for word in words if not word.quoted]
    if said[:4] == ["all", "tables", "in", "schema"]:
        return [(schema, EVERY) for schema in _names(words[4:])]
    if said[:1] == ["all"]:
        return []
    named = words[1:] if said[:1] == ["table"] and len(words) > 1 else words
    parts = _parts(named)
    if not parts:
        raise _UnreadError
    return [_table_of(part) for part in parts]


def _is_everything(words: list[Word]) -> bool:
    return "".join(word.text for word in words) == "*.*"


def _table_of(words: list[Word]) -> tuple[str, str]:
    names = [word.text for word in words if word.quoted or word.text not in (".", "only")]
    if not names:
        raise _UnreadError
    return (names[-2] if len(names) > 1 else "public", names[-1])


def _parts(words: list[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.text == "," and not word.quoted:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _names(words: list[Word]) -> list[str]:
    """Return the names of a list, as far as it goes; ``user@host`` is the user."""
    names = []
    for part in _parts(words):
        kept = [word for word in part if word.quoted or word.text not in ("group", "role")]
        if kept and (kept[0].quoted or kept[0].text not in _END_OF_NAMES):
            names.append(kept[0].text)
        if any(not word.quoted and word.text in _END_OF_NAMES for word in part):
            break
    return names


def _read_defaults(words: list[Word], rights: Rights) -> None:
    """Take rights on tables to come for rights on all of the schema's: which came later no dump says."""
    giving = _find(words, "grant")
    if giving is None:
        return
    given = words[giving:]
    on, to, schema = _find(given, "on"), _find(given, "to"), _find(words, "schema")
    if on is None or to is None or _plain(given, on + 1) != "tables":
        return
    columns = _reading_columns(given[1:on])
    where = words[schema + 1].text if schema is not None and schema < giving else EVERY
    for taker in _names(given[to + 1 :]) if columns is not None else []:
        rights.grants.add(Grant(taker, where, EVERY))


# -- tables --------------------------------------------------------------------------------------------


def _read_table(words: list[Word], rights: Rights) -> None:
    """Take in a table's owner, its row security, or that it is made."""
    start = 2
    while _plain(words, start) in ("only", "if", "not", "exists"):
        start += 1
    name = [words[start]]
    if _plain(words, start + 1) == ".":
        name.append(words[start + 2])
    table = _table_of(name)
    said = [word.text for word in words if not word.quoted]
    if said[0] == "create":
        rights.tables += 1
    elif "owner" in said:
        rights.owners[table] = words[-1].text
    elif "enable" in said and "security" in said:
        rights.row_security.add(table)
    if "references" in said and _acts(said):
        rights.hidden_writes.add("foreign-key")


def _acts(said: list[str]) -> bool:
    """Tell whether a foreign key writes by itself: ON DELETE or UPDATE, then CASCADE or SET."""
    return any(
        first == "on" and second in ("delete", "update") and third in ("cascade", "set")
        for first, second, third in zip(said, said[1:], said[2:], strict=False)
    )


def _read_hidden(words: list[Word], rights: Rights) -> None:
    said = [word.text for word in words[:4] if not word.quoted]
    rights.hidden_writes.update({"trigger", "rule"} & set(said))


_READERS: dict[str, Callable[[list[Word], Rights], None]] = {
    "grant": _read_grant,
    "revoke": _read_grant,
    "create role": _read_role,
    "create user": _read_role,
    "alter role": _read_role,
    "alter user": _read_role,
    "alter database": _read_database,
    "alter default": _read_defaults,
    "create table": _read_table,
    "alter table": _read_table,
    "create trigger": _read_hidden,
    "create constraint": _read_hidden,
    "create or": _read_hidden,
    "create rule": _read_hidden,
}
