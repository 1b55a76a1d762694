"""Several snapshots of one table as one relation: each content of a row once, and when it was seen.

Beside the table's columns, all as text, a piece has ``_ord`` (its place: those of the newest snapshot come
first), ``_id`` (its key; without one, all it holds), ``_nth`` (which of several rows that share it), and
``_first_us`` and ``_last_us`` (the first and the last snapshot that has the row so, without a break).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ashiato.engine.store import Station, Store, quote_name, quote_text

#: Columns of a piece that are not the table's own.
OWN = ("_id", "_nth", "_first_us", "_last_us", "_n", "_seen_us", "_lacks")
_PLACES = 1 << 41


def unite(store: Store, kept_as: str, parts: Sequence[tuple[int, str]]) -> str:
    """Put the rows of one table from several snapshots below each other; returns the relation's name.

    ``_n``: which snapshot; ``_seen_us``: its moment; a column that it has not is NULL.
    """
    held = [set(store.columns(raw)) for _, raw in parts]
    names = [
        name for name in dict.fromkeys(n for _, raw in parts for n in store.columns(raw)) if name != "_ord"
    ]
    selects = [
        f"SELECT {n} AS _n, {as_of} AS _seen_us, {quote_text(_missing(names, held[n]))} AS _lacks, _ord, "
        + ", ".join(
            quote_name(name) if name in held[n] else f"CAST(NULL AS VARCHAR) AS {quote_name(name)}"
            for name in names
        )
        + f" FROM {quote_name(raw)}"
        for n, (as_of, raw) in enumerate(parts)
    ]
    name = f"{kept_as}_all"
    store.run(Station(name, " UNION ALL ".join(selects)))
    return name


def _missing(names: Sequence[str], held: set[str]) -> str:
    return "".join(f"|{name}|" for name in names if name not in held)


def merge(store: Store, kept_as: str, count: int, kinds: Mapping[str, str], key: Sequence[str]) -> str:
    """Keep each content of a row once, with the snapshots that have it so; returns the relation's name.

    Values are compared as what they are, not as they are written: ``1.50`` is ``1.5``. A column that a
    snapshot lacks counts as it is in the others.
    """
    names = [quote_name(name) for name in kinds]
    columns = ", ".join(names)
    parts = [quote_name(part) for part in key if part in kinds] or names
    whole = " || '|' || ".join(f"COALESCE({name}, '')" for name in parts)
    canonical = ", ".join(_canonical(name, kind) for name, kind in kinds.items())
    filled = ", ".join(
        f"CASE WHEN strpos(_lacks, {quote_text(f'|{name}|')}) > 0 "
        f"THEN max({quote_name(name)}) OVER (PARTITION BY _id, _nth) "
        f"ELSE {quote_name(name)} END AS {quote_name(name)}"
        for name in kinds
    )
    sql = (
        f"WITH canonical AS (SELECT _n, _seen_us, _lacks, _ord, {canonical} FROM {kept_as}_all), "
        f"named AS (SELECT *, {whole} AS _id, "
        f"row_number() OVER (PARTITION BY _n, {whole} ORDER BY _ord) AS _nth FROM canonical), "
        f"whole AS (SELECT _n, _seen_us, _ord, _id, _nth, {filled} FROM named), "
        f"runs AS (SELECT *, _n - row_number() OVER (PARTITION BY _id, _nth, {columns} ORDER BY _n) AS _run "
        "FROM whole), "
        f"held AS (SELECT _id, _nth, min(_seen_us) AS _first_us, max(_seen_us) AS _last_us, "
        f"max(_n) AS _newest, max(_n * {_PLACES} + _ord) AS _place, {columns} FROM runs "
        f"GROUP BY _id, _nth, _run, {columns}) "
        f"SELECT row_number() OVER (ORDER BY {count} - _newest, _place) - 1 AS _ord, _id, _nth, "
        f"_first_us, _last_us, {columns} FROM held"
    )
    store.run(Station(kept_as, sql, notyet="compares dates and numbers, each engine by rules of its own"))
    return kept_as


def _canonical(name: str, kind: str) -> str:
    return f"{canonical_sql(quote_name(name), kind)} AS {quote_name(name)}"


def canonical_sql(value: str, kind: str) -> str:
    """Return an SQL text that is equal for equal values of a kind; what is no such value stays as it is."""
    return value if kind == "VARCHAR" else f"COALESCE(CAST(TRY_CAST({value} AS {kind}) AS VARCHAR), {value})"
