"""What an analyst holds not to be the intruder's: left out, and kept in sight.

Everything is decided twice: as if nobody had said anything, and with these events left out of what findings
rest on. What is hostile the first time only is excluded, with the word that did it: events of the same visit
and statements they caused may fall with a pinned one.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.pins import HONEST
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import EXCLUDED

HONEST_EVENTS = "intrusion_honest"
NOBODY = pa.table({"event_id": pa.array([], pa.int64())})
_HONEST = Station(HONEST_EVENTS, f"SELECT event_id FROM pins WHERE verdict = '{HONEST}'")
_BEFORE = Station("intrusion_before", "SELECT event_id, path, intruder, confidence, why FROM intrusion")

#: One row per event that is hostile but for a pin: its own, else the first on its path, else the first.
_EXCLUDED = Station(
    "excluded",
    f"""
    WITH words AS (
        SELECT p.event_id, p.analyst, p.because, b.path,
               ROW_NUMBER() OVER (PARTITION BY b.path ORDER BY p.event_id) AS nth_of_path,
               ROW_NUMBER() OVER (ORDER BY p.event_id) AS nth
        FROM pins AS p LEFT JOIN intrusion_before AS b ON b.event_id = p.event_id
        WHERE p.verdict = '{HONEST}'
    )
    SELECT b.event_id, b.path, b.intruder, b.confidence, b.why,
           COALESCE(own.analyst, near.analyst, any_word.analyst) AS analyst,
           COALESCE(own.because, near.because, any_word.because) AS because
    FROM intrusion_before AS b
    LEFT JOIN intrusion AS i ON i.event_id = b.event_id
    LEFT JOIN words AS own ON own.event_id = b.event_id
    LEFT JOIN words AS near ON near.path = b.path AND near.nth_of_path = 1
    LEFT JOIN words AS any_word ON any_word.nth = 1
    WHERE i.event_id IS NULL
    """,
    EXCLUDED,
)


def note_honest(store: Store) -> int:
    """Note which events are held not to be the intruder's; return how many."""
    store.run(_HONEST)
    return store.count(HONEST_EVENTS)


def keep_as_before(store: Store) -> None:
    """Keep what is hostile as if nobody had said anything."""
    store.run(_BEFORE)


def write_excluded(store: Store) -> None:
    """Write the events that an analyst's word took out, which are none where nobody said so."""
    if store.count(HONEST_EVENTS):
        store.run(_EXCLUDED)
    else:
        store.write(EXCLUDED, [])
