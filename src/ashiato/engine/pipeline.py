"""The only file that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from ashiato.datamap.load import load_datamap
from ashiato.datamap.model import DataMap
from ashiato.engine import (
    coverage,
    events,
    evidence,
    excluded,
    exposures,
    findings,
    intrusion,
    people,
    reading,
)
from ashiato.engine.case import Case, writing
from ashiato.engine.runs import Run, key_of, open_run
from ashiato.engine.snapshots import list_snapshots
from ashiato.engine.store import Store
from ashiato.engine.workspace import Workspace, silent

#: One direction: each stage reads what stages before it wrote.
STAGES: tuple[tuple[str, ModuleType], ...] = (
    ("evidence", evidence),
    ("reading", reading),
    ("events", events),
    ("findings", findings),
    ("intrusion", intrusion),
    ("coverage", coverage),
    ("exposures", exposures),
    ("people", people),
    ("excluded", excluded),
)

#: So many need no data map's tables: what a draft of a map is made from.
_LOGS_READ = 3


def investigate(case: Case, engine: str = "duckdb", tell: Callable[[str, int, int], None] = silent) -> Run:
    """Run every stage over the case, resuming where a killed run of the same inputs stopped.

    Returns the finished run. Raises CaseError: another program writes to the case.
    """
    with writing(case):
        run = open_run(case, key_of(case, engine))
        with Store(run.folder, engine) as store:
            _run_stages(run, STAGES, _workspace(case, store, tell))
            run.finish(store, dict(sorted(store.tally.items())), dict(sorted(store.notyet.items())))
        return run


def read_logs(case: Case, tell: Callable[[str, int, int], None] = silent) -> Run:
    """Run the stages up to the events and leave the run unfinished; a later investigation goes on with it."""
    with writing(case):
        run = open_run(case, key_of(case))
        with Store(run.folder) as store:
            _run_stages(run, STAGES[:_LOGS_READ], _workspace(case, store, tell))
        return run


def _run_stages(run: Run, stages: tuple[tuple[str, ModuleType], ...], workspace: Workspace) -> None:
    for name, stage in stages:
        if not run.is_done(name):
            stage.build(workspace)
            workspace.store.forget_workings()
            run.mark_done(name, [table.name for table in stage.WRITES])
        workspace.tell(name, 1, 1)


def _workspace(case: Case, store: Store, tell: Callable[[str, int, int], None]) -> Workspace:
    datamap = load_datamap(case.datamap_path) if case.datamap_path.exists() else DataMap()
    return Workspace(case.folder, case.zone, datamap, list_snapshots(case), store, tell)
