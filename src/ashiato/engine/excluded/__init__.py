"""Whose records the events that an analyst took out of the intrusion would have reached.

Reads ``excluded``, ``people`` and what the exposures are made from; writes ``spared``: what was left out of
the answer by a person's word, so that nobody leaves the upper bound in silence. The exposures are computed
once more, in a folder beside, with the excluded events in place of the hostile ones: a path for each reason.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ashiato.engine import exposures
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import EXCLUDED, EXPOSURES, INTRUSION, PEOPLE, SPARED, Table
from ashiato.engine.workspace import Workspace, silent
from ashiato.terms.grades import Grade

READS: tuple[Table, ...] = (*exposures.READS, EXCLUDED, PEOPLE)
WRITES: tuple[Table, ...] = (SPARED,)

_ASIDE = ".excluded"
_NUMBERED = """
    SELECT analyst, because, 'E' || CAST(ROW_NUMBER() OVER (ORDER BY analyst, because) AS VARCHAR) AS path
    FROM (SELECT DISTINCT analyst, because FROM excluded) AS said
"""
_AS_HOSTILE = f"""
    SELECT x.event_id, n.path, x.intruder, x.confidence, x.why
    FROM excluded AS x JOIN ({_NUMBERED}) AS n ON n.analyst = x.analyst AND n.because = x.because
"""
_REACHED = f"""
    SELECT system, table_name, record_key, path, MAX(grade) AS grade FROM {EXPOSURES.name}
    GROUP BY system, table_name, record_key, path
"""
_SPARED = Station(
    "spared",
    f"""
    SELECT r.system, r.table_name, r.record_key, n.analyst, n.because, r.grade,
           COALESCE(p.grade, {int(Grade.NOT_SHOWN)}) AS grade_without
    FROM excluded_reached AS r
    JOIN ({_NUMBERED}) AS n ON n.path = r.path
    LEFT JOIN people AS p ON p.system = r.system AND p.table_name = r.table_name
     AND p.record_key = r.record_key
    """,
    SPARED,
)


def build(workspace: Workspace) -> None:
    """Write what the excluded events would have reached; nothing is excluded unless an analyst said so."""
    store = workspace.store
    if not store.count(EXCLUDED.name):
        store.write(SPARED, [])
        return
    hostile = store.batches(_AS_HOSTILE).read_all()
    with _beside(store) as aside, Store(aside) as inner:
        inner.write(INTRUSION, hostile)
        exposures.build(replace(workspace, store=inner, tell=silent))
        reached = inner.batches(_REACHED).read_all()
    store.write_as("excluded_reached", reached)
    store.run(_SPARED)


@contextmanager
def _beside(store: Store) -> Iterator[Path]:
    """Make a folder in which the exposures find what they read, but for the intrusion; gone in the end."""
    aside = store.folder / _ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    try:
        for table in exposures.READS:
            if table is not INTRUSION:
                os.link(store.path(table.name), aside / f"{table.name}.parquet")
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
