"""How a system's engine sorts text: the orders it can have, the likeliest first, each one we can repeat.

An order is named ``bytes``, ``padded`` (as if blanks stood behind), ``icu:<locale>``, ``general`` and
``unicode`` (MySQL's oldest collations) or ``jis`` (the C library's Japanese). Decision 0009 says how far
each was seen to stand from the engines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine import text_forms

#: The engines whose collations bear MySQL's names.
MYSQL_LIKE = frozenset({"mysql", "mariadb"})
_BYTES, _PADDED = ("bytes",), ("padded",)
#: More blanks than these behind a text are taken for as many.
_BLANKS = " " * 8
_BYTE_NAMES = re.compile(r"C|POSIX|C\.(UTF-8|utf8)|ucs_basic|binary|BINARY|RTRIM|.*nopad_bin|.*_0900_bin")
_ICU_NAME = re.compile(r"([a-z]{2,3})(-[A-Za-z0-9]+)+$")
_LIBRARY_NAME = re.compile(r"([a-z]{2,3})_[A-Z]{2}(\.[\w-]+)?(@\w+)?$")
_JAPANESE = ("jis", "icu:ja", "bytes")
_MYSQL_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r".*_bin", _PADDED),
    (r".*(_ja_0900_|_japanese_|_ja_).*", ("icu:ja", "jis")),
    (r".*_0900_as_c[si](_ks)?", ("icu:und", "icu:und-u-ks-level2")),
    (r".*_(general_ci|general_nopad_ci|general_mysql500_ci)", ("general", "bytes")),
    (r".*_(unicode|unicode_520|0900_ai|uca1400_ai|uca1400_nopad_ai|unicode_nopad)_ci", ("unicode", "bytes")),
    (r"(utf8mb4|utf8mb3|utf8|ucs2)_.*", ("unicode", "general", "icu:und", "bytes")),
    (r"latin1_swedish_ci", ("general", "bytes")),
    (r"Japanese_.*", ("icu:ja", "icu:und-u-ks-level2", "jis")),
)
_UNKNOWN = ("bytes", "icu:und", "icu:ja", "icu:und-u-ka-shifted", "icu:ja-u-ka-shifted", "jis")
_UNKNOWN_MYSQL = ("general", "unicode", "icu:und", "icu:ja", "bytes")
#: Zones whose languages have orders of their own that are none of the candidates.
_OTHER_ORDERS = re.compile(r"Asia/(?!Tokyo).*|PRC|ROC|ROK|Hongkong|Singapore")
#: Characters on whose place the candidates agree with every language's order but for a few places.
SETTLED_CLASS = r"\x00-\x7F\p{Han}\p{Hiragana}\p{Katakana}\x{3000}-\x{303F}\x{FF00}-\x{FFEF}ー"


@dataclass(frozen=True)
class Collation:
    """How an engine sorts text.

    ``orders``: the orders it can have; none: any. ``guessed``: nobody named it, so that letters of other
    languages may stand anywhere.
    """

    orders: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether text sorts in one way that can be repeated exactly: by its bytes."""
        return self.orders in (_BYTES, _PADDED) and not self.guessed

    @property
    def known(self) -> bool:
        """Whether a sort over text can be repeated at all, be it in several ways."""
        return bool(self.orders)


def collation_of(name: str | None, engine: str = "postgresql", zone: str | None = None) -> Collation:
    """Return how text sorts under a collation's name; None: nobody says which."""
    if name is None:
        return _unnamed(engine, zone)
    if _BYTE_NAMES.fullmatch(name):
        return Collation(_BYTES)
    orders = next((orders for pattern, orders in _MYSQL_NAMES if re.fullmatch(pattern, name)), ())
    orders = orders or _of_locale(name)
    return Collation(orders) if orders else _unnamed(engine, zone)


def _of_locale(name: str) -> tuple[str, ...]:
    by_icu, by_library = _ICU_NAME.match(name), _LIBRARY_NAME.match(name)
    if by_icu:
        # What PostgreSQL's names alone end in is no part of the locale.
        return (f"icu:{name.removesuffix('-x-icu')}",)
    if by_library is None:
        return ()
    return _JAPANESE if by_library[1] == "ja" else _of_library(by_library[1])


def _of_library(language: str) -> tuple[str, ...]:
    return (f"icu:{language}-u-ka-shifted", f"icu:{language}", "bytes")


def _unnamed(engine: str, zone: str | None) -> Collation:
    if engine == "sqlite":
        return Collation(_BYTES)
    if zone is not None and _OTHER_ORDERS.fullmatch(zone):
        return Collation()
    return Collation(_UNKNOWN_MYSQL if engine in MYSQL_LIKE else _UNKNOWN, guessed=True)


def sort_key(value: exp.Expr, order: str) -> exp.Expr:
    """Return as SQL what a text sorts by under an order."""
    text = exp.cast(value.copy(), "VARCHAR")
    if order == "bytes":
        return value.copy()
    if order == "padded":
        bare = exp.func("RTRIM", text, exp.Literal.string(" "), dialect="duckdb")
        return exp.DPipe(this=bare, expression=exp.Literal.string(_BLANKS))
    if order == "unicode":
        return _by_icu(formed(text, "unicode"), "und-u-ks-level1")
    if order.startswith("icu:"):
        return _by_icu(text, order.removeprefix("icu:"))
    return formed(text, order)


def formed(text: exp.Expr, how: str) -> exp.Expr:
    """Return as SQL a text in one of our forms."""
    return exp.Anonymous(this=text_forms.NAME, expressions=[text, exp.Literal.string(how)])


def _by_icu(text: exp.Expr, locale: str) -> exp.Expr:
    return exp.func("ICU_SORT_KEY", text, exp.Literal.string(locale))


def strays(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return as SQL whether any of some texts holds letters that a language may sort anywhere."""
    pattern = exp.Literal.string(f"[^{SETTLED_CLASS}]")
    tests = [
        exp.func("REGEXP_MATCHES", exp.cast(v.copy(), "VARCHAR"), pattern.copy(), dialect="duckdb")
        for v in values
    ]
    held = exp.func("COALESCE", exp.or_(*tests), exp.false())
    return exp.case().when(held, "1").else_("0")
