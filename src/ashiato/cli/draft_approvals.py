"""Approvals of drafts as the command line tells them: who approved what, and what changed since."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import language_of_machine
from ashiato.exports.words import words_in

if TYPE_CHECKING:
    from ashiato.engine.api import Case, Edition
    from ashiato.letters.document import Document


def open_moment(case: Case, kind: str, language: str) -> datetime | None:
    """Return the moment for which the newest edition speaks, where it still waits for an approval."""
    from ashiato.engine.api import list_editions

    editions = list_editions(case, kind, language)
    waits = editions and not editions[-1].is_approved
    return datetime.fromisoformat(editions[-1].as_of) if waits else None


def note_approval(
    case: Case, document: Document, moment: datetime, written: list[Path], *, by: str, because: str
) -> None:
    """Note a person's approval of a draft whose files were written."""
    from ashiato.engine.api import DraftText, approve_draft, writing
    from ashiato.letters.editions import edition_text

    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
    text = DraftText(document.kind, document.language, moment.isoformat(), edition_text(document), files)
    with writing(case):
        approve_draft(case, text, by=by, because=because)


def since_approved(case: Case, document: Document) -> Document:
    """Return the draft with what changed since its last approved edition, if it says anything else."""
    from ashiato.engine.api import read_edition
    from ashiato.letters.changes import with_changes
    from ashiato.letters.editions import edition_text, read_edition_text

    approved = [edition for edition in _editions(case, document) if edition.is_approved]
    if not approved:
        return document
    text = read_edition(case, approved[-1])
    return document if text == edition_text(document) else with_changes(document, read_edition_text(text))


def edition_of(case: Case, document: Document) -> dict[str, object] | None:
    """Return the newest edition with its approvals, and whether it is what this draft says."""
    editions = _editions(case, document)
    if not editions:
        return None
    return _plain(editions[-1]) | {"same": _is_said_by(case, editions[-1], document)}


def say_edition(case: Case, document: Document) -> None:
    """Say who approved this draft, how many are lacking, or that it is no longer what was approved."""
    from ashiato.terms.approvals import APPROVALS_NEEDED

    editions = _editions(case, document)
    if not editions:
        return
    last = editions[-1]
    words = words_in(language_of_machine())
    if not _is_said_by(case, last, document):
        key = "changed"
    else:
        key = "approved" if last.is_approved else "waiting"
    lacking = APPROVALS_NEEDED - len(last.approvals)
    told = words.say(f"approvals.{key}", number=last.number, by=clean(_names(last)), lacking=lacking)
    note(told, style="green" if key == "approved" else "yellow")


def list_approvals(case: Case, *, as_json: bool) -> None:
    """Print every edition of every draft with who approved it, when and in which words."""
    from ashiato.engine.api import list_editions

    editions = list_editions(case)
    if as_json:
        say_json({"editions": [_plain(edition) for edition in editions]})
        return
    words = words_in(language_of_machine())
    if not editions:
        say(words.say("approvals.none"))
    for edition in editions:
        state = words.say("approvals.whole" if edition.is_approved else "approvals.open")
        named = f"{edition.kind}.{edition.language}"
        say(words.say("approvals.edition", draft=named, number=edition.number, state=state), style="bold")
        say(f"  {edition.as_of}  sha256 {edition.sha256}", style="dim")
        for each in edition.approvals:
            say(f"  {each.time}  {clean(each.by)}: {clean(each.because)}")


def _editions(case: Case, document: Document) -> list[Edition]:
    from ashiato.engine.api import list_editions

    return list_editions(case, document.kind, document.language)


def _is_said_by(case: Case, edition: Edition, document: Document) -> bool:
    from ashiato.engine.api import read_edition
    from ashiato.letters.editions import edition_text

    return read_edition(case, edition) == edition_text(document)


def _names(edition: Edition) -> str:
    return ", ".join(each.by for each in edition.approvals)


def _plain(edition: Edition) -> dict[str, object]:
    return {
        "draft": f"{edition.kind}.{edition.language}",
        "edition": edition.number,
        "as_of": edition.as_of,
        "sha256": edition.sha256,
        "approved": edition.is_approved,
        "approvals": [
            {"by": each.by, "because": each.because, "time": each.time, "files": dict(each.files)}
            for each in edition.approvals
        ],
    }
