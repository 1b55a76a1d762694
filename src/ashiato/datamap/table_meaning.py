"""Check one table: its key, whom its rows belong to, and the columns it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ashiato.datamap.patterns import columns_of, names_of
from ashiato.datamap.sql_types import is_type
from ashiato.written.parsing import Written
from ashiato.written.problems import Problem, Spot, meant, shown

Tables = Mapping[str, Any]


def check_table(written: Written, spot: Spot, tables: Tables) -> Iterator[Problem]:
    """Yield the faults of the table at ``spot``, which ends in its name in ``tables``."""
    name = str(spot[-1])
    table: Mapping[str, Any] = tables[name] or {}
    yield from _check_named_columns(written, spot, table)
    yield from _check_types(written, spot, table)
    if table.get("person"):
        yield from _check_person(written, spot, table)
    else:
        yield from _check_nobody(written, spot, table)
    if "belongs" in table:
        yield from _check_belongs(written, (*spot, "belongs"), name, tables)
    yield from _check_contact(written, spot, table)
    if "guardian" in table:
        yield from _check_guardian(written, (*spot, "guardian"), table["guardian"], tables)


_OF_PEOPLE = (
    "persona", "client", "membership_sensitive", "states", "guardian", "language", "undeliverable",
)  # fmt: skip


def _check_nobody(written: Written, spot: Spot, table: Mapping[str, Any]) -> Iterator[Problem]:
    for word in _OF_PEOPLE:
        if table.get(word, False) is not False:
            what = f"`{word}` stands on a table whose rows are not people."
            yield written.problem((*spot, word), what, f"add `person: true`, or take `{word}` out.")


def _check_named_columns(written: Written, spot: Spot, table: Mapping[str, Any]) -> Iterator[Problem]:
    known = columns_of(table)
    if not known:
        return
    for where, column in _named_columns(table):
        if column not in known:
            what = f"the column `{shown(column)}` is not among this table's columns."
            fix = f"{meant(column, known)} If it is right, add it to `columns`."
            yield written.problem((*spot, *where), what, fix)


def _check_types(written: Written, spot: Spot, table: Mapping[str, Any]) -> Iterator[Problem]:
    for column, said in (table.get("columns") or {}).items():
        kind = said.get("type") if isinstance(said, Mapping) else None
        if kind is not None and not is_type(kind):
            what = f"`{shown(kind)}` is not a SQL type the engine can read."
            fix = "write the plain type that holds the same values: text, integer, numeric, date, timestamp."
            yield written.problem((*spot, "columns", column, "type"), what, fix)


def _named_columns(table: Mapping[str, Any]) -> Iterator[tuple[Spot, str]]:
    for column in names_of(table.get("key")):
        yield ("key",), column
    for column in names_of((table.get("belongs") or {}).get("by")):
        yield ("belongs", "by"), column
    if "updated_at" in table:
        yield ("updated_at",), table["updated_at"]
    for word in ("persona", "client", "language"):
        if isinstance(table.get(word), Mapping):
            yield (word, "by"), table[word]["by"]
    for column in names_of((table.get("guardian") or {}).get("by")):
        yield ("guardian", "by"), column
    for word in ("states", "undeliverable"):
        for what, mark in (table.get(word) or {}).items():
            is_plain = isinstance(mark, str)
            yield (word, what) if is_plain else (word, what, "by"), mark if is_plain else mark["by"]


def _check_person(written: Written, spot: Spot, table: Mapping[str, Any]) -> Iterator[Problem]:
    if "key" not in table:
        what = "a table of people has no `key`, so its records cannot be told apart."
        fix = "add `key:` with the column, or columns, that no two rows share."
        yield written.problem(spot, what, fix)
    if "belongs" in table:
        what = "the table has both `person: true` and `belongs`."
        fix = (
            "a row is either a person's own record (keep `person: true`) or hangs on one "
            "(keep `belongs`): take the other out."
        )
        yield written.problem((*spot, "belongs"), what, fix)


def _check_belongs(written: Written, spot: Spot, name: str, tables: Tables) -> Iterator[Problem]:
    belongs = tables[name]["belongs"]
    target = belongs["table"]
    if target not in tables:
        what = f"the table `{shown(target)}` is not in this system."
        yield written.problem((*spot, "table"), what, meant(target, [n for n in tables if n != name]))
        return
    yield from _check_match(written, spot, belongs, tables[target] or {})
    yield from _check_chain(written, spot, name, tables)


def _check_contact(written: Written, spot: Spot, table: Mapping[str, Any]) -> Iterator[Problem]:
    """Find a way to tell somebody where the row is nobody's, or cannot be named."""
    if table.get("person") or ("belongs" in table and "key" in table):
        return
    for column, said in (table.get("columns") or {}).items():
        if isinstance(said, Mapping) and said.get("contact", "never") != "never":
            missing = "`key`" if "belongs" in table else "`person: true` or `belongs`"
            what = f"`contact` on `{shown(column)}` tells nobody: the table has no {missing}."
            yield written.problem((*spot, "columns", column), what, f"add {missing}, or take `contact` out.")


def _check_guardian(
    written: Written, spot: Spot, guardian: Mapping[str, Any], tables: Tables
) -> Iterator[Problem]:
    target = guardian["table"]
    if not (tables.get(target) or {}).get("person"):
        people = [name for name, table in tables.items() if (table or {}).get("person")]
        what = f"`{shown(target)}` is not a table of people of this system."
        yield written.problem((*spot, "table"), what, meant(target, people))
        return
    yield from _check_match(written, spot, guardian, tables[target])


def _check_match(
    written: Written, spot: Spot, belongs: Mapping[str, Any], target: Mapping[str, Any]
) -> Iterator[Problem]:
    key, columns = names_of(target.get("key")), names_of(belongs["by"])
    if not key:
        what = f"the table `{shown(belongs['table'])}` has no `key` that `by` could equal."
        yield written.problem((*spot, "table"), what, f"add `key:` to `{shown(belongs['table'])}`.")
    elif len(key) != len(columns):
        what = f"`by` names {len(columns)} column(s), the key of `{shown(belongs['table'])}` has {len(key)}."
        fix = f"name as many columns, in the order of the key ({shown(', '.join(key))})."
        yield written.problem((*spot, "by"), what, fix)


def _check_chain(written: Written, spot: Spot, name: str, tables: Tables) -> Iterator[Problem]:
    """Follow ``belongs`` to a table of people; report a circle or a dead end at the table it starts from."""
    chain = [name]
    while not (tables[chain[-1]] or {}).get("person"):
        following = ((tables[chain[-1]] or {}).get("belongs") or {}).get("table")
        if following is None:
            what = f"`belongs` ends at `{shown(chain[-1])}`, whose rows are nobody's."
            fix = f"write `person: true` or `belongs:` on `{shown(chain[-1])}`, or take this `belongs` out."
            yield written.problem(spot, what, fix)
            return
        if following not in tables:
            return
        chain.append(following)
        if following in chain[:-1]:
            what = f"`belongs` goes in a circle: {shown(' -> '.join(chain), 300)}."
            yield written.problem(spot, what, "let one of these tables be `person: true` without `belongs`.")
            return
