"""Every event with what the run found of it: where it stands, whose it is, which rules it is in.

Events come a piece at a time, by their numbers, so that memory stays bounded however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.engine.api import Row, Store
from ashiato.exports.pieces import event_pieces
from ashiato.exports.places import grouped_places

_LINES = """
    SELECT witnesses.event_id, witnesses.evidence_id, witnesses.line_first, witnesses.line_last
    FROM witnesses JOIN feed_events ON feed_events.event_id = witnesses.event_id
"""

#: One row per event of the piece. ``source``: the file its leading line stands in; ``places``: every line
#: that tells of it; ``level``: the highest of its findings'; ``rules``: theirs, joined by ``;``.
TOLD_EVENTS = f"""
    WITH places AS ({grouped_places(_LINES, ("event_id",))}),
    sources AS (
        SELECT event_id, min(evidence.label) AS source
        FROM witnesses JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
        WHERE event_id IN (SELECT event_id FROM feed_events) GROUP BY event_id
    ),
    found AS (
        SELECT held.event_id, string_agg(DISTINCT findings.rule, ';' ORDER BY findings.rule) AS rules,
            max(list_position(['informational', 'low', 'medium', 'high', 'critical'], findings.level))
                AS level
        FROM finding_events AS held JOIN findings ON findings.finding_id = held.finding_id
        WHERE held.event_id IN (SELECT event_id FROM feed_events) GROUP BY held.event_id
    )
    SELECT feed_events.*, sources.source, places.places, found.rules, found.level,
        intrusion.path AS intrusion_path, intrusion.intruder, intrusion.confidence AS intrusion_confidence,
        intrusion.why AS intrusion_why, paths.technique
    FROM feed_events
    LEFT JOIN sources ON sources.event_id = feed_events.event_id
    LEFT JOIN places ON places.event_id = feed_events.event_id
    LEFT JOIN found ON found.event_id = feed_events.event_id
    LEFT JOIN intrusion ON intrusion.event_id = feed_events.event_id
    LEFT JOIN paths ON paths.path = intrusion.path
    ORDER BY feed_events.event_id
"""


def told_events(store: Store, sql: str = TOLD_EVENTS) -> Iterator[dict[str, object]]:
    """Yield every event in order, by column, without the NULLs; ``sql`` asks ``feed_events``."""
    for _ in event_pieces(store):
        for batch in store.batches(sql):
            names = batch.schema.names
            rows: Iterator[Row] = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            for row in rows:
                yield {name: value for name, value in zip(names, row, strict=True) if value is not None}
