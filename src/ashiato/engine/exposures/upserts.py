"""Rows put in that may have been there: ON CONFLICT, ON DUPLICATE KEY, INSERT IGNORE, REPLACE.

The key says which row it is; whether it was there before, and so whether it was put in or written over, the
log does not. Another unique column may have met another row: where the schema does not rule that out, any
row may have been written in the same columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from ashiato.engine.exposures.deeds import Deed, Known

_BLANK = r"(?:\s|--[^\n]*\n|#[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_REPLACE = re.compile(
    rf"(?P<before>{_BLANK})replace\b(?:\s+(?:low_priority|delayed)\b)?(?P<into>\s+into\b)?",
    re.IGNORECASE | re.DOTALL,
)
_NEW = ("excluded", "new", "values")


def as_insert(text: str) -> tuple[str, bool]:
    """Return a REPLACE as the INSERT it is but for what it takes out, and whether it was one."""
    found = _REPLACE.match(text)
    if found is None:
        return text, False
    return f"{found['before']}INSERT INTO{text[found.end() :]}", True


@dataclass(frozen=True)
class Upsert:
    """What an INSERT does where its row is there: ``sets``, columns and values, None where not told.

    ``by``: the columns whose meeting it asks about; none: any that are unique.
    """

    deed: Deed
    sets: tuple[tuple[str, exp.Expr | None], ...] = ()
    by: tuple[str, ...] = ()
    sometimes: bool = False

    @property
    def leaves_be(self) -> bool:
        """Whether a row that is there stays as it is."""
        return not self.sets and self.deed is not Deed.REPLACED

    def spelt(self, name_of: Callable[[str], str | None]) -> Upsert:
        """Return it with its columns as their table has them."""
        sets = tuple((name_of(name) or name, value) for name, value in self.sets)
        return replace(self, sets=sets, by=tuple(name_of(name) or name for name in self.by))

    def told(self, put: Known, text_of: dict[str, str | None]) -> tuple[Known, tuple[str, ...]]:
        """Return what the row has afterwards for certain, and the other columns that were written."""
        held = dict(put)
        if self.deed is Deed.REPLACED:
            return put, ()
        if self.sometimes:
            return (), tuple(name for name, _ in self.sets)
        known = {name: (held if is_new(value, name) else text_of) for name, value in self.sets}
        said = {name: texts[name] for name, texts in known.items() if name in texts}
        return tuple(sorted(said.items())), tuple(name for name, _ in self.sets if name not in said)


def is_new(value: exp.Expr | None, name: str) -> bool:
    """Tell whether a value is the one that the row would have been put in with."""
    if isinstance(value, exp.Column):
        return value.table.lower() in _NEW and value.name.lower() == name.lower()
    return (
        isinstance(value, exp.Anonymous)
        and value.name.lower() == "values"
        and [one.name.lower() for one in value.expressions] == [name.lower()]
    )


def upsert_of(node: exp.Insert, *, replaces: bool) -> Upsert | None:
    """Return what an INSERT does to a row that is there already, or None where that is an error."""
    alternative = str(node.args.get("alternative") or "").upper()
    if replaces or alternative == "REPLACE" or node.args.get("overwrite"):
        return Upsert(Deed.REPLACED)
    conflict = node.args.get("conflict")
    if conflict is None:
        return Upsert(Deed.OFFERED) if node.args.get("ignore") or alternative else None
    by = tuple(key.this.name for key in conflict.args.get("conflict_keys") or [] if key.this)
    sets = tuple(
        (part.this.name, part.expression) if isinstance(part, exp.EQ) else (part.name, None)
        for part in conflict.expressions
    )
    return Upsert(Deed.ENSURED, sets, by, sometimes=conflict.args.get("where") is not None)
