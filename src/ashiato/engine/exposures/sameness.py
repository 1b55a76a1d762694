"""When two texts are the same for a system's engine: a key by which they are, and where that is certain.

A key is made so that texts its engine holds to be the same have the same key (MariaDB 10.11's weights of the
whole basic plane say so); ``surely`` says which of those it holds to be the same for certain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.collations import MYSQL_LIKE, Collation, collation_of, formed

Maker = Callable[[exp.Expr], exp.Expr]
#: What a column of padded text (``character(5)``) and one of PostgreSQL's extension are marked with.
PADDED, CITEXT = "bpchar", "citext"
#: How one of UUIDs is marked: its engine takes them in capitals, in braces and without dashes too.
UUID = "uuid"
#: How one is marked that holds days which no calendar knows (``0000-00-00``).
ZERO_DAYS = "zero-days"
_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
#: The characters among which MySQL's collations and our keys are known to agree both ways.
PLAIN = (
    r"[^ -~\x{3041}-\x{3096}\x{30A1}-\x{30FA}\x{30FC}\x{3005}\x{3000}\x{4E00}-\x{9FA5}"
    r"\x{FF01}-\x{FF5E}\x{FF66}-\x{FF9D}]"
)


@dataclass(frozen=True)
class Sameness:
    """One way of being the same.

    ``key``: same by the engine only if these are equal. ``surely``: ``key``, equal keys are the same;
    ``plain``, those of plain texts are; any other, only texts equal by that key.
    """

    key: str
    surely: str = "key"


#: What a MySQL cannot mean by a collation.
_POSTGRESQL_NAMES = frozenset({"C", "POSIX", "C.UTF-8", "C.utf8", "ucs_basic"})
_UNMARKED = frozenset({""})
BYTES = Sameness("bytes")
_PADDED = Sameness("padded")
_NOCASE = Sameness("nocase")
_UNKNOWN_CI = Sameness("widest", "bytes")
_UUIDS = Sameness("uuid")
#: A UUID beside text is compared as one: a server reads the text, in capitals for certain.
_TEXT_AS_UUID = Sameness("uuid", "nocase")
_NAMES: tuple[tuple[str, Sameness], ...] = (
    (r"C|POSIX|C\.(UTF-8|utf8)|ucs_basic|binary|BINARY|.*nopad_bin|.*_0900_bin", BYTES),
    (rf".*_bin|RTRIM|rtrim|{PADDED}", _PADDED),
    (r"NOCASE|nocase", _NOCASE),
    (CITEXT, Sameness("small", "nocase")),
    (UUID, _UUIDS),
    (r"(utf8mb4|utf8mb3|utf8|ucs2|utf16|utf32)_general(_mysql500)?_ci", Sameness("general", "plain")),
    (r"(utf8mb4|utf8mb3|utf8|ucs2|utf16|utf32)_unicode_ci", Sameness("unicode", "plain")),
    (r".*_(unicode_520_ci|uca1400_ai_ci)", Sameness("uca", "plain")),
    (r".*(_0900_|_uca1400_|nopad_).*", Sameness("uca", "bytes")),
    (r".*-u-.*ks-level[12].*", Sameness("uca", "bytes")),
)


def sameness_of(name: str | None, engine: str) -> Sameness:
    """Return when texts are the same under a collation's name; None: nobody says which."""
    mysql = engine in MYSQL_LIKE
    for pattern, same in _NAMES:
        if name is not None and re.fullmatch(pattern, name) and not (mysql and name in _POSTGRESQL_NAMES):
            return same
    if mysql or (name is not None and re.search(r"_c[is]\b|_ci_|_CI", name)):
        return _UNKNOWN_CI
    # What PostgreSQL calls deterministic, and SQLite unless it is told otherwise.
    return BYTES


@dataclass(frozen=True)
class TextRules:
    """How one system compares: its engine, collation and zone, and the columns that differ, by name.

    ``zone_told``: the data map names the zone; else it is the estate's, which the session's need not be.
    """

    engine: str
    collation: str | None
    zone: str
    columns: Mapping[str, frozenset[str]]
    zone_told: bool = False

    def sameness(self, *values: exp.Expr) -> Sameness:
        """Return when values of these expressions are the same."""
        whole = [self._is_uuid(value) for value in values]
        columns = all(isinstance(value, exp.Column) for value in values)
        if any(whole) and not (all(whole) and columns):
            others = [value for value, is_uuid in zip(values, whole, strict=True) if not is_uuid]
            return _TEXT_AS_UUID if any(value.find(exp.Column) for value in others) else _UUIDS
        return BYTES if all(whole) else self.of_any(*values)

    def of_any(self, *values: exp.Expr) -> Sameness:
        """Return when two values are the same of which each is any of these expressions'."""
        names = self._names(*values)
        if names == {UUID}:
            return BYTES
        ways = {sameness_of(name, self.engine) for name in names}
        if len(ways) == 1:
            return ways.pop()
        keys = {way.key for way in ways}
        if keys == {"bytes", "padded"}:
            return Sameness("padded", "bytes")
        return Sameness("small", "bytes") if keys <= {"bytes", "padded", "small", "nocase"} else _UNKNOWN_CI

    def order(self, *values: exp.Expr) -> Collation:
        """Return the orders in which values of these expressions can stand."""
        if any(map(self._is_uuid, values)):
            return self._order_of(UUID)
        found = [self._order_of(name) for name in sorted(self._names(*values), key=str)]
        if len(found) == 1 or not all(each.known for each in found):
            return found[0] if len(found) == 1 else Collation()
        orders = tuple(dict.fromkeys(order for each in found for order in each.orders))
        return Collation(orders, guessed=any(each.guessed for each in found))

    def _order_of(self, name: str | None) -> Collation:
        """Return how text of a mark or collation sorts.

        PostgreSQL alone sorts UUIDs as their text: MariaDB and SQL Server take their parts in another order.
        """
        if name == UUID:
            return collation_of("C") if self.engine == "postgresql" else Collation()
        return collation_of(None if name in (PADDED, CITEXT) else name, self.engine, self.zone)

    def _is_uuid(self, value: exp.Expr) -> bool:
        """Tell whether a value is a UUID to its engine: of its type, or a column of such in every table."""
        of_column = isinstance(value, exp.Column) and self.columns.get(value.name, _UNMARKED) == {UUID}
        return of_column or value.is_type("uuid")

    def writes_utf8(self, *values: exp.Expr) -> bool:
        """Tell whether values of these expressions are kept as UTF-8, as far as their collations name it."""
        return all(name is not None and name.startswith("utf8") for name in self._names(*values))

    def _names(self, *values: exp.Expr) -> frozenset[str | None]:
        """Return the collations that may decide: the one a value names, else those of its columns."""
        named = [node for value in values for node in value.find_all(exp.Collate)]
        if named:
            return frozenset(_named(node) for node in named)
        if any(node.is_type("binary", "varbinary") for value in values for node in value.find_all(exp.Cast)):
            return frozenset({"binary"})
        found: set[str | None] = set()
        for column in (node for value in values for node in value.find_all(exp.Column)):
            marks = self.columns.get(column.name, _UNMARKED)
            # A part of one, or its text, compares as any other text.
            found |= marks if any(column is value for value in values) else marks - {UUID} or _UNMARKED
        found = {self.collation if name in ("", ZERO_DAYS) else name for name in found}
        return frozenset(found) or frozenset({self.collation})


def _named(node: exp.Collate) -> str:
    held = node.expression
    return held.name or str(held.this)


def key_of(value: exp.Expr, key: str) -> exp.Expr:
    """Return a text's key as SQL."""
    if key == "bytes":
        return value.copy()
    text = exp.cast(value.copy(), "VARCHAR")
    if key == "padded":
        return exp.func("RTRIM", text, exp.Literal.string(" "), dialect="duckdb")
    if key in ("nocase", "uuid"):
        bare = _without_dashes(text) if key == "uuid" else text
        return exp.func("TRANSLATE", bare, exp.Literal.string(_CAPITALS), exp.Literal.string(_SMALL))
    if key == "small":
        return exp.Lower(this=key_of(value, "padded"))
    if key == "general":
        return formed(text, key)
    return exp.func("ICU_SORT_KEY", formed(text, key), exp.Literal.string("und-u-ks-level1"))


def _without_dashes(text: exp.Expr) -> exp.Expr:
    pattern, nothing, everywhere = map(exp.Literal.string, ("[-{}]", "", "g"))
    return exp.func("REGEXP_REPLACE", text, pattern, nothing, everywhere, dialect="duckdb")


def is_plain(value: exp.Expr) -> exp.Expr:
    """Return as SQL whether a text is made of plain characters alone."""
    text = exp.cast(value.copy(), "VARCHAR")
    return exp.Not(this=exp.func("REGEXP_MATCHES", text, exp.Literal.string(PLAIN), dialect="duckdb"))
