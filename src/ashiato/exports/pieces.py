"""Results of any size a piece at a time: views that hold some records, or some events, one after another."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.engine.api import Store

#: What a piece's records hold in both tables; each is joined to its lines while the piece is written.
_ROWS_EACH = 200_000
_CHUNKS = f"""
    CREATE OR REPLACE TABLE sheet_chunks AS
    SELECT system, table_name, record_key,
        sum(rows_held) OVER (ORDER BY system, table_name, record_key ROWS UNBOUNDED PRECEDING)
            // {_ROWS_EACH} AS chunk
    FROM (
        SELECT system, table_name, record_key, count(*) AS rows_held FROM (
            SELECT system, table_name, record_key FROM exposures
            UNION ALL SELECT system, table_name, record_key FROM proofs
        )
        GROUP BY system, table_name, record_key
    )
"""
_RECORDS = """
    CREATE OR REPLACE VIEW sheet_records AS SELECT system, table_name, record_key FROM sheet_chunks
"""
_EVENTS_EACH = 50_000
_EVENTS = """
    CREATE OR REPLACE VIEW feed_events AS
    SELECT * FROM events WHERE event_id BETWEEN {first} AND {last}
"""


def record_pieces(store: Store) -> Iterator[None]:
    """Make ``sheet_records`` hold one piece of the reached records after another, in order."""
    store.rows(_CHUNKS)
    (chunks,) = store.rows("SELECT CAST(coalesce(max(chunk) + 1, 0) AS INTEGER) FROM sheet_chunks")[0]
    for chunk in range(chunks):
        store.rows(f"{_RECORDS} WHERE chunk = {chunk}")
        yield


def event_pieces(store: Store) -> Iterator[None]:
    """Make ``feed_events`` hold one piece of the events after another, by their numbers."""
    first, last = store.rows("SELECT min(event_id), max(event_id) FROM events")[0]
    if first is None:
        return
    for begin in range(first, last + 1, _EVENTS_EACH):
        store.rows(_EVENTS.format(first=begin, last=begin + _EVENTS_EACH - 1))
        yield
