"""Runs all Sigma rules over the requests, statements and sign-ins, and keeps what they hit as a table.

Hits are found over Arrow batches by the same code whichever engine runs the stations, so both start from
the same table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ashiato.engine.findings.wording import plain_text
from ashiato.engine.sigma.rule_files import RuleSet
from ashiato.engine.sigma.scanning import Hits, Scanner
from ashiato.engine.store import Store, quote_name

#: The tables that rules may look at.
RULE_TABLES = ("finding_requests", "finding_statements", "finding_sign_ins", "finding_api_calls")
_MATCHES = pa.schema(
    [
        ("rule", pa.string()),
        ("technique", pa.string()),
        ("level", pa.string()),
        ("certainty", pa.float64()),
        ("source", pa.string()),
        ("event_id", pa.int64()),
        ("because", pa.string()),
    ]
)


def match_rules(store: Store, rules: RuleSet) -> None:
    """Write ``finding_rule_matches``: one row per rule and event it is true for, with what made it so."""
    batches = [batch for table in RULE_TABLES for batch in _matches_in(store, rules, table)]
    store.write_as(
        "finding_rule_matches", pa.Table.from_batches(batches, _MATCHES), order=("rule", "event_id")
    )


def _matches_in(store: Store, rules: RuleSet, table: str) -> Iterator[pa.RecordBatch]:
    here = [rule for rule in rules.rules if rule.source.table == table]
    scanner = Scanner(here, tuple(store.columns(table)))
    wanted = ", ".join(map(quote_name, dict.fromkeys(("event_id", *scanner.needed))))
    for batch in store.batches(f"SELECT {wanted} FROM {table}") if here else ():
        for hits in scanner.hits(batch):
            if not hits.rule.quiet:
                yield _rows_of(hits, table, batch.column("event_id"))


def _rows_of(hits: Hits, table: str, events: pa.Array) -> pa.RecordBatch:
    count, rule = len(hits.rows), hits.rule
    said = (rule.name, rule.technique, rule.level, rule.certainty, table)
    repeated = [pa.repeat(pa.scalar(each), count) for each in said]
    reasons = [plain_text(reason) for reason in hits.because]
    arrays = [*repeated, events.take(pa.array(hits.rows)), pa.array(reasons, pa.string())]
    return pa.RecordBatch.from_arrays(arrays, schema=_MATCHES)
