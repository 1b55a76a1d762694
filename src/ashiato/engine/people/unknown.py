"""Values that the data map gives no meaning, where a column was to tell one: listed, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ashiato.datamap.model import DataTable
from ashiato.engine.people.sources import Source, rows_sql
from ashiato.engine.people.states import NO
from ashiato.engine.store import Row, Store, quote_name, quote_text
from ashiato.engine.tables_of_persons import UNKNOWN_VALUES
from ashiato.terms.categories import Category
from ashiato.terms.contacts import PersonState

#: So many values of a column are told apart; the rest is one row.
_MOST = 50


def write_unknown(store: Store, sources: Sequence[Source]) -> None:
    """Write ``unknown_values``: unmapped personas and languages, and columns that no snapshot has."""
    rows = [row for source in sources for row in _unknown(store, source)]
    store.write(UNKNOWN_VALUES, rows)


def _unknown(store: Store, source: Source) -> Iterator[Row]:
    place = (source.system.name, source.table.name)
    for column, asked, known in _asked(source.table):
        if not source.has(store, column):
            records = store.rows(f"SELECT count(*) FROM ({rows_sql(store, source, ())}) AS held")[0][0]
            yield (*place, column, asked, None, records)
        elif known:
            for value, records in _beyond(store, source, column, known):
                yield (*place, column, asked, value, records)


def _asked(table: DataTable) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield each column that the map asks for something, what for, and which values have a meaning."""
    if table.persona_column:
        yield table.persona_column, "persona", {} if table.persona else table.personas
    if table.language_column:
        yield table.language_column, "language", table.languages
    for asked, mark in (*table.states.items(), *table.undeliverable.items()):
        # Whoever is protected by a word that nobody listed would be written to.
        is_listed = asked is PersonState.PROTECTED and mark.values
        yield mark.column, str(asked), dict.fromkeys((*mark.values, *NO), "") if is_listed else {}
    for column in table.guardian.columns if table.guardian else ():
        yield column, "guardian", {}


def _beyond(
    store: Store, source: Source, column: str, known: Mapping[str, str]
) -> Iterator[tuple[str | None, int]]:
    """Yield the values of a column without a meaning and their records; of personal data only the records."""
    value = f"COALESCE({quote_name(column)}, '')"
    listed = ", ".join(quote_text(each) for each in sorted(known))
    rows = store.rows(
        f"SELECT {value} AS said, count(*) AS records FROM ({rows_sql(store, source, (column,))}) AS held "
        f"WHERE {value} NOT IN ({listed}) GROUP BY {value} ORDER BY records DESC, said"
    )
    declared = source.table.columns.get(column)
    is_plain = declared is None or declared.category is Category.OTHER
    told = rows[:_MOST] if is_plain else []
    yield from ((said, records) for said, records in told)
    rest = sum(records for _, records in rows[len(told) :])
    if rest:
        yield None, rest
