"""``ashiato datamap draft``: a first data map from the case's snapshots and logs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import AshiatoError, CaseError, Place
from ashiato.terms.ids import sha256_text

if TYPE_CHECKING:
    from ashiato.datamap.draft.collations import Paper
    from ashiato.engine.api import Case, Store

_BESIDE = "datamap.draft.yaml"
_PAPER_BYTES = 262_144


def draft(folder: CaseFolder, as_json: AsJson = False) -> None:
    """Draft a data map from the case's snapshots (schema and contents) and from its logs.

    It becomes the case's data map when there is none; else it is written beside as datamap.draft.yaml. Lines
    with CHECK are guesses that need a look.
    """
    from ashiato.engine.api import list_sealed, list_snapshots, open_case

    case = open_case(folder, now_us)
    if not list_snapshots(case) and not list_sealed(case.folder):
        raise CaseError(
            "there is nothing to draft a data map from",
            where=Place(str(case.folder)),
            fix="add a snapshot or evidence first",
        )
    text = _draft_text(case)
    path = _write(case, text)
    if as_json:
        say_json({"data_map": str(path), "used": path == case.datamap_path})
        return
    say(f"Drafted {clean(path)}.")
    if path == case.datamap_path:
        doubts = sum(line.lstrip().startswith("# CHECK") for line in text.splitlines())
        say(f"The case uses it from now on. Lines with CHECK are guesses that need a look: {doubts}.")
    else:
        say(f"The case keeps the map it has, {clean(case.datamap_path)}.")


def _draft_text(case: Case) -> str:
    from ashiato.cli.progress import telling
    from ashiato.datamap.draft import draft_datamap
    from ashiato.engine.api import Store, list_sealed, list_snapshots, read_logs

    systems = {snapshot.system: snapshot.folder for snapshot in list_snapshots(case)}
    if not list_sealed(case.folder):
        return draft_datamap(systems, zone=case.zone.key).text
    with telling() as tell:
        run = read_logs(case, tell)
    with Store(run.folder) as store:
        return draft_datamap(systems, store, zone=case.zone.key, papers=_papers(case, store)).text


def _papers(case: Case, store: Store) -> Iterator[Paper]:
    """Yield the beginning of every sealed file, as far as it can be read."""
    from ashiato.datamap.draft.collations import Paper
    from ashiato.engine.api import list_sealed, open_content

    logs = {str(file) for (file,) in store.rows("SELECT file FROM readings WHERE records > 0")}
    for sealed in list_sealed(case.folder):
        if sealed.duplicate_of is not None:
            continue
        with contextlib.suppress(AshiatoError), open_content(case.folder, sealed) as stream:
            content = stream.read(_PAPER_BYTES)
            yield Paper(sealed.label, content.decode("utf-8", "replace"), is_log=sealed.label in logs)


def _write(case: Case, text: str) -> Path:
    from ashiato.engine.api import writing

    path = case.folder / _BESIDE if case.datamap_path.exists() else case.datamap_path
    with writing(case):
        path.write_text(text, encoding="utf-8")
        case.record("datamap draft", inputs={}, results={path.name: sha256_text(text)})
    return path
