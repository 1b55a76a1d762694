"""What each record's marks say of its person: past, deceased, protected, of which age, in which language.

One row per record of a table of people that says anything of it; what a mark is, the data map declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from ashiato.datamap.model import DataTable, Mark
from ashiato.engine.people.sources import Source, key_sql, rows_sql
from ashiato.engine.people.traits import TRAITS
from ashiato.engine.store import Station, quote_name, quote_text
from ashiato.engine.workspace import Workspace
from ashiato.terms.contacts import Channel, PersonState

#: The stage's own table: one row per record of a table of people.
STATES = "record_states"
#: A column's words for no, where any other value marks.
NO = ("", "0", "n", "no", "f", "false", "off", "none", "-", "いいえ", "無", "なし", "無し")
_MARKED = (PersonState.PAST, PersonState.DECEASED, PersonState.PROTECTED)
#: Ways that a mark can say to fail; mobile phones fail as phones do.
_FAILING = (Channel.LETTER, Channel.MAIL, Channel.PHONE)
_NONE = "CAST(NULL AS VARCHAR)"
#: Nobody is older; a birth date that says so is a stopgap for none (1900-01-01).
_OLDEST = 125
_EMPTY = (
    f"SELECT {_NONE} AS system, {_NONE} AS table_name, {_NONE} AS record_key, 0 AS is_past, "
    "0 AS is_deceased, 0 AS is_protected, 0 AS lost_letter, 0 AS lost_mail, 0 AS lost_phone, "
    f"{_NONE} AS language, {_NONE} AS guardian_table, {_NONE} AS guardian_key WHERE FALSE"
)


def codes_sql(flags: Iterable[tuple[str, object]]) -> str:
    """Write the codes whose condition holds, joined by ``;`` in the order of their names."""
    parts = " || ".join(
        f"CASE WHEN {flag} THEN ';{code}' ELSE '' END"
        for flag, code in sorted(flags, key=lambda each: str(each[1]))
    )
    return f"substr({parts}, 2)"


_CODES = codes_sql((
    *((f"a.is_{state} = 1", state) for state in (*_MARKED, PersonState.MINOR, PersonState.COMPANY)),
    ("a.age_told = 0 AND a.is_company = 0", PersonState.AGE_UNKNOWN),
))  # fmt: skip


def write_states(workspace: Workspace, sources: Sequence[Source]) -> None:
    """Write ``record_states``; a minor is who was no ``of_age`` when the first hostile event happened."""
    store = workspace.store
    parts = [_of_source(workspace, source) for source in sources]
    store.run(Station("record_marks", " UNION ALL ".join(parts) or _EMPTY))
    day = _day_of_incident(workspace)
    # As numbers, dates of birth and of coming of age differ by whole years: 20080403, 20260403.
    told = f"t.birth IS NOT NULL AND t.birth <= {day} AND t.birth + {_OLDEST * 10_000} > {day}"
    minor = f"t.birth + {workspace.datamap.of_age * 10_000} > {day}"
    aged = (
        f"SELECT m.*, CASE WHEN {told} AND {minor} THEN 1 ELSE 0 END AS is_minor, "
        f"CASE WHEN {told} THEN 1 ELSE 0 END AS age_told, "
        "CASE WHEN t.is_company THEN 1 ELSE 0 END AS is_company "
        f"FROM record_marks AS m LEFT JOIN {TRAITS} AS t ON t.system = m.system "
        "AND t.table_name = m.table_name AND t.record_key = m.record_key"
    )
    store.run(Station(STATES, f"SELECT a.*, {_CODES} AS states FROM ({aged}) AS a"))


def _day_of_incident(workspace: Workspace) -> int:
    """Return the day of the first hostile event, else of the newest snapshot, as 20260403."""
    ((first,),) = workspace.store.rows(
        "SELECT min(e.start_us) FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id"
    )
    if first is None:
        first = max((one.as_of_us for one in workspace.snapshots), default=0)
    day = datetime.fromtimestamp(first // 1_000_000, UTC).astimezone(workspace.zone)
    return day.year * 10_000 + day.month * 100 + day.day


def _of_source(workspace: Workspace, source: Source) -> str:
    table = source.table
    said = list(_said(table))
    wanted = [column for _, _, columns in said for column in columns]
    named = "".join(f", {sql} AS {name}" for name, sql, _ in said)
    return (
        f"SELECT {quote_text(source.system.name)} AS system, {quote_text(table.name)} AS table_name, "
        f"_key AS record_key{named} FROM ({rows_sql(workspace.store, source, wanted)}) AS held"
    )


def _said(table: DataTable) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each column of the table of marks: its name, its SQL, and the columns it is told by."""
    for state in _MARKED:
        yield f"is_{state}", *_marked(table.states.get(state))
    for channel in _FAILING:
        yield f"lost_{channel}", *_marked(table.undeliverable.get(channel))
    columns = (table.language_column,) if table.language_column else ()
    yield "language", language_sql(table), columns
    leans = table.guardian
    if leans is None:
        yield "guardian_table", _NONE, ()
        yield "guardian_key", _NONE, ()
        return
    told = " AND ".join(f"{quote_name(column)} IS NOT NULL" for column in leans.columns)
    yield "guardian_table", f"CASE WHEN {told} THEN {quote_text(leans.table)} END", leans.columns
    yield "guardian_key", f"CASE WHEN {told} THEN {key_sql(leans.columns)} END", ()


def _marked(mark: Mark | None) -> tuple[str, tuple[str, ...]]:
    if mark is None:
        return "0", ()
    column = f"COALESCE({quote_name(mark.column)}, '')"
    if mark.values:
        listed = ", ".join(quote_text(value) for value in mark.values)
        return f"CASE WHEN {column} IN ({listed}) THEN 1 ELSE 0 END", (mark.column,)
    listed = ", ".join(quote_text(value) for value in NO)
    return f"CASE WHEN lower(trim({column})) IN ({listed}) THEN 0 ELSE 1 END", (mark.column,)


def language_sql(table: DataTable) -> str:
    """Write the language of a row: the table's, or its column's by the data map's names."""
    if table.language_column is None:
        return quote_text(table.language) if table.language else _NONE
    column = quote_name(table.language_column)
    if not table.languages:
        return f"CAST({column} AS VARCHAR)"
    cases = " ".join(
        f"WHEN {column} = {quote_text(value)} THEN {quote_text(named)}"
        for value, named in sorted(table.languages.items())
    )
    return f"CASE {cases} END"
