"""The only door of the engine: what the command line and the exports may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ashiato.datamap.load import load_datamap
from ashiato.datamap.model import DataMap
from ashiato.engine.approved import (
    Approval,
    DraftText,
    Edition,
    approve_draft,
    list_editions,
    read_edition,
)
from ashiato.engine.case import Case, create_case, open_case, writing
from ashiato.engine.decided import (
    Confirmed,
    Decision,
    confirm_duties,
    list_confirmed,
    list_decisions,
    read_decision,
    read_kept_rules,
    record_decision,
)
from ashiato.engine.efforts import Effort, Efforts, efforts_of
from ashiato.engine.evidence.sealing import Custody, Sealing, Token, add_evidence
from ashiato.engine.exported import record_export
from ashiato.engine.ledger import check_chain, list_entries
from ashiato.engine.lock import forget_holder
from ashiato.engine.looks import record_look, record_looks
from ashiato.engine.own_rules import RefusedRule, add_rules, refused_rules
from ashiato.engine.pairs_decided import decide_pair, list_verdicts
from ashiato.engine.people.accounts import Accounts, BankAccount, names_bank, read_accounts
from ashiato.engine.people.forms.births import form_birth
from ashiato.engine.people.forms.phones import form_mail, form_phone
from ashiato.engine.people.harms import HarmRule, load_harms
from ashiato.engine.people.said import ContactValue, read_contacts
from ashiato.engine.pinning import pin_lines, take_back
from ashiato.engine.pins import HONEST, HOSTILE, Pin, read_pins
from ashiato.engine.pipeline import STAGES as _STAGES
from ashiato.engine.pipeline import investigate as investigate_case
from ashiato.engine.pipeline import read_logs
from ashiato.engine.reading.arriving import Arrived, ArrivingLog, ArrivingLogs
from ashiato.engine.routes import RouteBook, is_success
from ashiato.engine.runs import Run, find_answer, key_of, list_runs
from ashiato.engine.sealed import SealedFile, list_sealed, open_content
from ashiato.engine.snapshots import add_snapshot, list_snapshots
from ashiato.engine.store import Row, Station, Store, quote_name
from ashiato.engine.tables import ALL_TABLES, Table
from ashiato.engine.verifying import Problem, verify_case
from ashiato.engine.workspace import Snapshot, Workspace
from ashiato.terms.errors import CaseError, Place

__all__ = [
    "ALL_TABLES",
    "HONEST",
    "HOSTILE",
    "STAGE_NAMES",
    "Accounts",
    "Approval",
    "Arrived",
    "ArrivingLog",
    "ArrivingLogs",
    "BankAccount",
    "Case",
    "Confirmed",
    "ContactValue",
    "Custody",
    "Decision",
    "DraftText",
    "Edition",
    "Effort",
    "Efforts",
    "HarmRule",
    "Outcome",
    "Pin",
    "Problem",
    "RefusedRule",
    "RouteBook",
    "Row",
    "Run",
    "SealedFile",
    "Sealing",
    "Snapshot",
    "Station",
    "Store",
    "Table",
    "Token",
    "account_values",
    "add_evidence",
    "add_rules",
    "add_snapshot",
    "answered_at",
    "approve_draft",
    "check_chain",
    "confirm_duties",
    "contact_values",
    "create_case",
    "datamap_of",
    "decide_pair",
    "efforts_of",
    "finished_runs",
    "forget_holder",
    "form_birth",
    "form_mail",
    "form_phone",
    "investigate_case",
    "is_success",
    "latest_run",
    "list_confirmed",
    "list_decisions",
    "list_editions",
    "list_entries",
    "list_sealed",
    "list_snapshots",
    "list_verdicts",
    "load_harms",
    "names_bank",
    "open_case",
    "open_content",
    "open_outcome",
    "pin_lines",
    "quote_name",
    "read_decision",
    "read_edition",
    "read_kept_rules",
    "read_logs",
    "read_pins",
    "record_decision",
    "record_export",
    "record_look",
    "refused_rules",
    "take_back",
    "verify_case",
    "writing",
]


#: The stages of a run in their order, by the names that a run tells how far it is with.
STAGE_NAMES = tuple(name for name, _ in _STAGES)


@dataclass(frozen=True)
class Outcome:
    """A finished run, open for reading: every declared table can be asked, be it empty."""

    case: Case
    run: Run
    store: Store
    datamap: DataMap

    @property
    def zone(self) -> ZoneInfo:
        """The operator's zone, in which every output tells the time."""
        return self.case.zone

    @property
    def is_stale(self) -> bool:
        """Whether evidence, snapshots or the data map have changed since the run."""
        return self.run.key.inputs != key_of(self.case).inputs


def finished_runs(case: Case) -> tuple[tuple[int, str], ...]:
    """Return each finished run's number and the hash of the ledger entry that pins it, the oldest first."""
    return tuple((run.number, run.finished) for run in list_runs(case) if run.finished is not None)


@contextmanager
def open_outcome(case: Case, number: int | None = None) -> Iterator[Outcome]:
    """Open a finished run, the newest unless one is named; CaseError when there is none such."""
    found = (run for run in list_runs(case) if run.number == number and run.finished is not None)
    run = find_answer(case) if number is None else next(found, None)
    if run is None:
        raise CaseError(
            "this case has no finished run",
            where=Place(str(case.folder)),
            fix=f"run `ashiato investigate {case.folder}`",
        )
    with Store(run.folder) as store:
        show_missing_as_empty(store)
        yield Outcome(case, run, store, datamap_of(case))


def contact_values(outcome: Outcome, persons: Iterable[str], reason: str) -> Iterator[ContactValue]:
    """Yield what the usable ways of these persons (or guardians) say, by person, channel and preference.

    The look is an entry of the ledger. Raises CaseError: the case has changed since the run, so that the
    tables name places that may say something else by now.
    """
    asked = sorted(set(persons))
    workspace = _unchanged(outcome)
    record_looks(outcome.case, asked, reason)
    yield from read_contacts(workspace, asked)


def account_values(outcome: Outcome, reason: str | None) -> Accounts:
    """Return every bank account of which a field is *possible* at least, as the snapshots tell it.

    With a reason the look is an entry of the ledger; without one the values are to be shown masked. Raises
    CaseError as ``contact_values`` does.
    """
    found = read_accounts(_unchanged(outcome))
    if reason is not None:
        record_looks(outcome.case, sorted({each.person_id for each in found.accounts}), reason)
    return found


def _unchanged(outcome: Outcome) -> Workspace:
    """Return what a run was given, where it is so still; CaseError where it has changed."""
    if outcome.is_stale:
        raise CaseError(
            "evidence, snapshots or the data map have changed since the run",
            where=Place(str(outcome.case.folder)),
            fix=f"run `ashiato investigate {outcome.case.folder}` first",
        )
    case, taken = outcome.case, list_snapshots(outcome.case)
    return Workspace(case.folder, case.zone, outcome.datamap, taken, outcome.store)


def latest_run(case: Case) -> int | None:
    """Return the number of the newest finished run, or None when there is none."""
    run = find_answer(case)
    return run.number if run else None


def answered_at(case: Case) -> datetime | None:
    """Return when the newest finished run's answer was made, as the ledger has it; None without one."""
    run = find_answer(case)
    if run is None:
        return None
    pinned = (entry for entry in list_entries(case.folder) if entry["hash"] == run.finished)
    return next((datetime.fromisoformat(str(entry["time"])) for entry in pinned), None)


def datamap_of(case: Case) -> DataMap:
    """Return the case's data map, or an empty one."""
    return load_datamap(case.datamap_path) if case.datamap_path.exists() else DataMap()


def show_missing_as_empty(store: Store) -> None:
    """Give each declared table that the run did not write as an empty one; nothing is kept."""
    for table in ALL_TABLES:
        if not store.has(table.name):
            nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in table.columns.items())
            store.rows(f"CREATE OR REPLACE VIEW {quote_name(table.name)} AS SELECT {nothing} WHERE false")
