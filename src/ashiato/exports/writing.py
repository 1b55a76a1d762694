"""Every file of an export, written into one folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ashiato.engine.api import Outcome
from ashiato.exports.facts import Facts, gather_facts
from ashiato.exports.feeds.ocsf import write_ocsf
from ashiato.exports.feeds.stix import write_stix
from ashiato.exports.feeds.timesketch import write_timesketch
from ashiato.exports.forms import Form
from ashiato.exports.report.page import write_page
from ashiato.exports.report.paper import write_paper
from ashiato.exports.sheet import Sheet, write_sheet
from ashiato.exports.sheets.coverage import COVERAGE_SHEET
from ashiato.exports.sheets.excluded import EXCLUDED_SHEET, SPARED_SHEET
from ashiato.exports.sheets.exposures import EXPOSURES_SHEET
from ashiato.exports.sheets.intrusion import INTRUSION_SHEET
from ashiato.exports.sheets.objects import OBJECTS_SHEET
from ashiato.exports.sheets.paths import PATHS_SHEET
from ashiato.exports.sheets.persons import PERSONS_SHEET
from ashiato.exports.sheets.reachable import REACHABLE_SHEET
from ashiato.exports.sheets.recovered import RECOVERED_SHEET
from ashiato.exports.sheets.timeline import TIMELINE_SHEET
from ashiato.exports.sheets.told import PEOPLE_SHEET
from ashiato.exports.summary import write_summary
from ashiato.exports.timeline import write_timeline
from ashiato.exports.times import read_times
from ashiato.exports.words import Language

SHEETS: tuple[Sheet, ...] = (
    PERSONS_SHEET,
    PEOPLE_SHEET,
    EXPOSURES_SHEET,
    PATHS_SHEET,
    INTRUSION_SHEET,
    RECOVERED_SHEET,
    OBJECTS_SHEET,
    TIMELINE_SHEET,
    COVERAGE_SHEET,
    REACHABLE_SHEET,
    EXCLUDED_SHEET,
    SPARED_SHEET,
)


def facts_of(outcome: Outcome) -> Facts:
    """Count what a run found."""
    return gather_facts(outcome.store, outcome.zone, outcome.datamap)


def write_exports(outcome: Outcome, folder: Path, first: Language = Language.JA) -> list[Path]:
    """Write the CSV files, ``summary.json``, ``timeline.json`` and the report; return their paths.

    The same run gives the same bytes. ``first``: the language that the report opens in.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sheets = [write_sheet(sheet, outcome.store, outcome.zone, folder) for sheet in SHEETS]
    return [*sheets, *write_report(outcome, folder, first)]


def write_report(outcome: Outcome, folder: Path, first: Language = Language.JA) -> list[Path]:
    """Write ``summary.json``, ``timeline.json``, ``report.html`` and ``report.pdf``; return their paths."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = replace(facts_of(outcome), times=read_times(outcome.case.folder))
    return [
        write_summary(facts, folder),
        write_timeline(facts, folder),
        write_page(facts, folder, first),
        write_paper(facts, folder, first),
    ]


def write_form(outcome: Outcome, folder: Path, form: Form, first: Language = Language.JA) -> list[Path]:
    """Write the answer in one form; return the files' paths."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if form is Form.OCSF:
        return write_ocsf(outcome, folder)
    if form is Form.TIMESKETCH:
        return write_timesketch(outcome, folder)
    if form is Form.STIX:
        return write_stix(outcome, facts_of(outcome), folder)
    return write_exports(outcome, folder, first)
