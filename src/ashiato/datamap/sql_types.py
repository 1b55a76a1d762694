"""Column types as the engine reads them: a plain SQL type that stands for the same values."""

from __future__ import annotations

import functools

from sqlglot import exp
from sqlglot.errors import SqlglotError

_WIDE = (exp.DType.BIGINT, exp.DType.UBIGINT, exp.DType.UINT, exp.DType.INT128)


@functools.cache
def is_type(text: str) -> bool:
    """Tell whether the engine can read a type."""
    try:
        exp.DataType.build(text, dialect="postgres")
    except (SqlglotError, ValueError):
        return False
    return True


def portable_type(kind: exp.DataType | None) -> str | None:
    """Return a type in words every engine we replay on knows; None when there is none."""
    if kind is None:
        return None
    if kind.this in exp.DataType.INTEGER_TYPES:
        return "bigint" if kind.this in _WIDE else "integer"
    if kind.this in (exp.DType.USERDEFINED, exp.DType.ENUM, exp.DType.SET):
        return "text"
    text = kind.sql(dialect="postgres").lower()
    return text if is_type(text) else "text"
