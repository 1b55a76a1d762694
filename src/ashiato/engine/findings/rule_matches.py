"""Runs all Sigma rules over the requests, statements and sign-ins, and keeps what they hit as a table.

Hits are found over Arrow batches by the same code whichever engine runs the stations, so both start from
the same table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ashiato.engine.findings.host_events import (
    FLAT_TABLES,
    HOST_TABLE,
    HOST_TABLES,
    columns_of_table,
    read_batches,
    table_of,
)
from ashiato.engine.findings.wording import plain_text
from ashiato.engine.sigma.correlating import Occurrences, correlate, fields_needed
from ashiato.engine.sigma.correlations import Correlation
from ashiato.engine.sigma.predicates import columns_of
from ashiato.engine.sigma.rule_files import Rule, RuleSet
from ashiato.engine.sigma.scanning import Hits, Scanner
from ashiato.engine.store import Store, quote_name
from ashiato.engine.tables import RULES
from ashiato.terms.errors import Place

#: The working tables that rules may look at.
RULE_TABLES = (
    "finding_requests",
    "finding_statements",
    "finding_sign_ins",
    "finding_api_calls",
    HOST_TABLE,
)
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
    """Write ``finding_rule_matches``: one row per rule and event it is true for, with what made it so.

    A correlation has one row for each event of the windows in which it holds. ``rules`` lists all of them.
    """
    gathered = _Gathered(fields_needed(rules.correlations))
    places = (*(table for table in RULE_TABLES if table != HOST_TABLE), *HOST_TABLES)
    batches = [batch for table in places for batch in _matches_in(store, rules, table, gathered)]
    for correlation, held in correlate(rules.correlations, gathered.occurrences()):
        members = held.members(np.arange(len(held.times)))
        gathered.counts[correlation.name] = len(members)
        if not correlation.quiet:
            batches += _rows_of_members(correlation, members, gathered)
    store.write(RULES, list(_listed(rules, gathered.counts)))
    store.write_as(
        "finding_rule_matches", pa.Table.from_batches(batches, _MATCHES), order=("rule", "event_id")
    )


def _matches_in(store: Store, rules: RuleSet, table: str, gathered: _Gathered) -> Iterator[pa.RecordBatch]:
    here = [rule for rule in rules.rules if rule.source.table == table]
    if not here:
        return
    scanner = Scanner(here, columns_of_table(store, table, frozenset(_asked_by(here))))
    grouped = (column for rule in here for column in gathered.columns_of(rule))
    for batch in _batches(store, table, tuple(dict.fromkeys((*scanner.needed, *grouped)))):
        for hits in scanner.hits(batch):
            gathered.counts[hits.rule.name] += len(hits.rows)
            gathered.add(hits, batch)
            if not hits.rule.quiet:
                yield _rows_of_hits(hits, table_of(table), batch)


def _asked_by(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield from columns_of(rule.node)


def _batches(store: Store, table: str, wanted: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    if table in FLAT_TABLES:
        yield from read_batches(store, table, wanted)
        return
    named = ", ".join(map(quote_name, dict.fromkeys(("event_id", "start_us", *wanted))))
    yield from store.batches(f"SELECT {named} FROM {table_of(table)}")


def _rows_of_hits(hits: Hits, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Make a row of each event that is hit; of several records of one, the first says why."""
    events, first = np.unique(batch.column("event_id").to_numpy()[hits.rows], return_index=True)
    because = [plain_text(hits.because[place]) for place in first.tolist()]
    return _rows(hits.rule, table, pa.array(events, pa.int64()), because)


class _Gathered:
    """The hits that correlations ask for, with the fields they need; and how many hits each rule has."""

    def __init__(self, needed: Mapping[str, tuple[str, ...]]) -> None:
        self._needed = needed
        self.counts: Counter[str] = Counter()
        self._tables: dict[str, str] = {}
        self._parts: dict[str, list[pa.RecordBatch]] = {name: [] for name in needed}

    def columns_of(self, rule: Rule) -> tuple[str, ...]:
        """Return the columns that the fields asked of a rule's events are in."""
        named = rule.source.columns or {}
        return tuple(named.get(field, field) for field in self._needed.get(rule.name, ()))

    def add(self, hits: Hits, batch: pa.RecordBatch) -> None:
        """Keep hits of a rule that a correlation names."""
        rule = hits.rule
        if rule.name not in self._needed:
            return
        self._tables[rule.name] = table_of(rule.source.table)
        rows = pa.array(hits.rows)
        columns = [batch.column(name).take(rows) for name in ("start_us", "event_id", *self.columns_of(rule))]
        arrays = [*columns[:2], *(column.cast(pa.string()) for column in columns[2:])]
        self._parts[rule.name].append(
            pa.RecordBatch.from_arrays(arrays, names=[f"{place}" for place in range(len(arrays))])
        )

    def occurrences(self) -> dict[str, Occurrences]:
        """Return what was kept, by rule."""
        return {name: self._joined(name, parts) for name, parts in self._parts.items() if parts}

    def tables(self) -> Iterator[tuple[str, pa.Array]]:
        """Yield each table with the events of it that were kept."""
        for name, parts in self._parts.items():
            for part in parts:
                yield self._tables[name], part.column(1)

    def _joined(self, name: str, parts: list[pa.RecordBatch]) -> Occurrences:
        table = pa.Table.from_batches(parts).combine_chunks()
        times, events = (np.asarray(table.column(place).to_numpy(), np.int64) for place in (0, 1))
        texts = [table.column(place + 2).combine_chunks() for place in range(len(self._needed[name]))]
        return Occurrences(times, events, dict(zip(self._needed[name], texts, strict=True)))


def _rows_of_members(
    correlation: Correlation, members: npt.NDArray[np.int64], gathered: _Gathered
) -> Iterator[pa.RecordBatch]:
    by_table: dict[str, list[npt.NDArray[np.int64]]] = {}
    for table, events in gathered.tables():
        by_table.setdefault(table, []).append(np.intersect1d(members, events.to_numpy()))
    for table, found in sorted(by_table.items()):
        events = pa.array(np.unique(np.concatenate(found)), pa.int64())
        yield _rows(correlation, table, events, [correlation.kind] * len(events))


def _rows(rule: Rule | Correlation, table: str, events: pa.Array, because: list[str]) -> pa.RecordBatch:
    said = (rule.name, rule.technique, rule.level, rule.certainty, table)
    repeated = [pa.repeat(pa.scalar(each), len(events)) for each in said]
    return pa.RecordBatch.from_arrays([*repeated, events, pa.array(because, pa.string())], schema=_MATCHES)


def _listed(rules: RuleSet, counts: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    every: list[Rule | Correlation] = [*rules.rules, *rules.correlations]
    for each in every:
        state = "for correlations" if each.quiet else "used"
        yield (
            each.name,
            each.file,
            each.line,
            each.level,
            each.technique,
            state,
            None,
            counts.get(each.name, 0),
        )
    for error in rules.refused:
        where = error.where or Place("")
        yield None, where.file, where.line, None, None, "refused", error.what, 0
