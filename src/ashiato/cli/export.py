"""``ashiato export``: write the answer as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.exports.forms import Form
from ashiato.exports.words import Language
from ashiato.terms.errors import CaseError, Place


def export(
    folder: CaseFolder,
    to: Annotated[
        Path, typer.Option("--to", metavar="OUT", help="The folder to write into; made when missing.")
    ],
    lang: Annotated[
        Language, typer.Option("--lang", help="Which language the report begins with; it holds both.")
    ] = Language.JA,
    form: Annotated[
        Form,
        typer.Option("--format", help="What to write: the answer's files, or what another tool takes in."),
    ] = Form.FILES,
    as_json: AsJson = False,
) -> None:
    """Write the answer as files: CSV, JSON, and the report in Japanese and English.

    persons.csv, people.csv, exposures.csv, paths.csv, intrusion.csv, recovered.csv, objects.csv,
    coverage.csv, reachable.csv, excluded.csv, spared.csv, timeline.csv, timeline.json, summary.json,
    report.html, report.pdf. What was written is noted in the ledger, so that `ashiato verify` finds a
    changed byte in it. recovered.csv holds values the intruder read; the other files hold keys and
    field names only.

    --format ocsf: events.ocsf.jsonl, every event in the words of OCSF 1.8. --format timesketch:
    timesketch.jsonl and timesketch.csv, every event for a Timesketch timeline. Both say what the logs say,
    people's data included. --format stix: incident.stix.json, a STIX 2.1 bundle to be handed on: the
    incident as counts, and what the intruder can be known again by; never people.
    """
    from ashiato.engine.api import open_case, open_outcome, record_export, writing
    from ashiato.exports.writing import write_form

    case = open_case(folder, now_us)
    refuse_sealed(case.folder, to)
    with writing(case), open_outcome(case) as outcome:
        if outcome.is_stale:
            note(
                "The case has changed since this answer; `ashiato investigate` makes a new one.",
                style="yellow",
            )
        written = write_form(outcome, to, form, lang)
        record_export(outcome.run, to, [path.name for path in written])
    if as_json:
        say_json({"folder": str(to), "files": sorted(path.name for path in written)})
    else:
        for path in written:
            say(clean(path))


def refuse_sealed(folder: Path, to: Path) -> None:
    """Refuse to write among what is sealed, where every file that is not listed counts as a change."""
    whole, target = folder.resolve(), to.resolve()
    if any(target.is_relative_to(whole / name) for name in ("evidence", "snapshots", "runs")):
        raise CaseError(
            "this folder holds what is sealed", where=Place(str(to)), fix="name a folder outside of the case"
        )
