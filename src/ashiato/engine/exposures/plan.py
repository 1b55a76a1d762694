"""What a shape's rewriting yields: queries that return rows of the state instead of the reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sqlglot import exp

from ashiato.engine.exposures.state import StateTable

#: Groups of at least so many people disclose nobody by themselves (docs/semantics.md, section 2).
SMALL_GROUP = 10


class Role(StrEnum):
    """What a table's rows did in a statement; of those asked about, only a yes or no came out."""

    OUTPUT = "output"
    INVOLVED = "involved"
    AGGREGATE = "aggregate"
    ASKED = "asked"


@dataclass
class Instance:
    """One base table at one place of a statement.

    ``projected``: columns whose value is copied to the output. ``used``: columns that filter, join,
    group or sort. ``conjuncts``: the conditions that speak of this table and of parameters alone,
    each with the columns it reads; they bound which rows could ever qualify. ``of``: the instance whose
    rows, or some of them, this one holds again, in another role or for columns copied from only some.
    """

    number: int
    alias: str
    table: StateTable
    role: Role = Role.OUTPUT
    projected: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    conjuncts: list[tuple[exp.Expr, frozenset[str]]] = field(default_factory=list)
    of: int | None = None


@dataclass(frozen=True)
class Query:
    """One rewritten query.

    Its rows: ``_exec``, ``_k<number>`` (``_ord`` of the state row) for each of ``instances``,
    ``_doubt`` (0 in the reply for certain, 1 by the model, 2 it could be), ``_weight`` (1 for a row
    that is a row of the reply) and ``_value`` (the text that came out, where ``has_value``).
    """

    sql: exp.Query
    instances: tuple[int, ...]
    role: Role
    has_value: bool = False
    counts_rows: bool = False
    copied: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class Window:
    """Which parameters bound a paged statement's window; they are left out when pages are gathered."""

    limit: exp.Expr | None
    offset: exp.Expr | None
    markers: frozenset[int]


@dataclass(frozen=True)
class Plan:
    """A shape understood: its queries, its tables, its outermost window.

    ``merges``: several rows may be one of the reply.
    ``whole``: instances of which every row is told already, whatever it may have been.
    ``unordered``: places in a window hang on more than its sort keys; ``collated``: rows, or their
    places, on how text is compared.
    """

    queries: tuple[Query, ...]
    instances: tuple[Instance, ...]
    window: Window | None = None
    unordered: bool = False
    collated: bool = False
    merges: bool = False
    notyet: str | None = None
    whole: frozenset[int] = frozenset()
