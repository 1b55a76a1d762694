"""Statements as trees: what the generator makes, the renderer writes as SQL and the oracle evaluates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Plain: TypeAlias = "int | str | Decimal | bool | None"


@dataclass(frozen=True)
class Col:
    """A column of a source of this query or of one around it."""

    alias: str
    name: str


@dataclass(frozen=True)
class Lit:
    """A value; ``bound`` ones become parameters where the client binds them."""

    value: Plain
    bound: bool = True


@dataclass(frozen=True)
class Call:
    """An operator or a function: ``=``, ``and``, ``||``, ``substr`` and so on."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True)
class Case:
    """``CASE WHEN condition THEN then ELSE otherwise END``."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True)
class Within:
    """``value [NOT] IN (options)``."""

    value: Expr
    options: tuple[Lit, ...]
    negated: bool = False


@dataclass(frozen=True)
class Exists:
    """``[NOT] EXISTS (query)``."""

    query: Query
    negated: bool = False


@dataclass(frozen=True)
class InQuery:
    """``value [NOT] IN (query)``."""

    value: Expr
    query: Query
    negated: bool = False


@dataclass(frozen=True)
class Scalar:
    """A subquery that stands for one value."""

    query: Query


@dataclass(frozen=True)
class Aggregate:
    """``name([DISTINCT] arg)``; ``count`` without an argument counts rows."""

    name: str
    arg: Expr | None = None
    distinct: bool = False


@dataclass(frozen=True)
class Windowed:
    """``name(arg) OVER (PARTITION BY parts ORDER BY keys)``."""

    name: str
    arg: Expr | None
    parts: tuple[Expr, ...]
    order: tuple[Key, ...]


Expr: TypeAlias = "Col | Lit | Call | Case | Within | Exists | InQuery | Scalar | Aggregate | Windowed"


@dataclass(frozen=True)
class Key:
    """A sort key; ``nulls_first`` None is the server's default (last, and first when descending)."""

    value: Expr
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True)
class Item:
    """One output column."""

    value: Expr
    name: str | None = None


@dataclass(frozen=True)
class Source:
    """What a query reads from, and the join that brings it in (``""`` first, ``cross``, ``left``..).

    ``table`` is a base table's or a CTE's name, or a query in parentheses. ``by_comma``: written so.
    """

    table: str | Query
    alias: str
    join: str = ""
    on: Expr | None = None
    by_comma: bool = False


@dataclass(frozen=True)
class Select:
    """``SELECT``; without items it is ``SELECT *``."""

    sources: tuple[Source, ...]
    items: tuple[Item, ...] = ()
    where: Expr | None = None
    group: tuple[Expr, ...] = ()
    having: Expr | None = None
    distinct: bool = False
    order: tuple[Key, ...] = ()
    limit: Lit | None = None
    offset: Lit | None = None
    ctes: tuple[tuple[str, Query], ...] = ()


@dataclass(frozen=True)
class SetOp:
    """``left UNION [ALL] | INTERSECT | EXCEPT right``; sorted by places of its output."""

    kind: str
    left: Query
    right: Query
    order: tuple[tuple[int, bool], ...] = ()
    limit: Lit | None = None
    offset: Lit | None = None


Query: TypeAlias = "Select | SetOp"


@dataclass(frozen=True)
class Beside:
    """Another table that a write reads: by which columns its rows are joined, and what they must hold."""

    table: str
    on: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, Lit], ...]


@dataclass(frozen=True)
class Insert:
    """``INSERT INTO table (columns) VALUES rows``; ``by``: ON CONFLICT of these, ``sets``: DO UPDATE.

    A column that ``sets`` names without a value takes the one offered.
    """

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Lit, ...], ...]
    returning: tuple[Item, ...] = ()
    by: tuple[str, ...] = ()
    sets: tuple[tuple[str, Lit | None], ...] = ()


@dataclass(frozen=True)
class Update:
    """``UPDATE table SET column = value.. WHERE``."""

    table: str
    values: tuple[tuple[str, Expr], ...]
    where: Expr | None
    returning: tuple[Item, ...] = ()
    beside: Beside | None = None


@dataclass(frozen=True)
class Delete:
    """``DELETE FROM table WHERE``."""

    table: str
    where: Expr | None
    returning: tuple[Item, ...] = ()
    beside: Beside | None = None


Statement: TypeAlias = "Query | Insert | Update | Delete"
