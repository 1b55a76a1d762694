"""Approvals of drafts as the command line tells them: who approved what, and what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import language_of_machine
from ashiato.exports.words import words_in

if TYPE_CHECKING:
    from ashiato.engine.api import Case, Edition
    from ashiato.letters.document import Document


def edition_of(case: Case, document: Document) -> dict[str, object] | None:
    """Return the newest edition with its approvals, and whether it is what this draft says."""
    from ashiato.letters.answering import is_said_by

    editions = _editions(case, document)
    if not editions:
        return None
    return _plain(editions[-1]) | {"same": is_said_by(case, editions[-1], document)}


def say_edition(case: Case, document: Document) -> None:
    """Say who approved this draft, how many are lacking, or that it is no longer what was approved."""
    from ashiato.letters.answering import is_said_by
    from ashiato.terms.approvals import APPROVALS_NEEDED

    editions = _editions(case, document)
    if not editions:
        return
    last = editions[-1]
    words = words_in(language_of_machine())
    state = "approved" if last.is_approved else "waiting"
    key = state if is_said_by(case, last, document) else "changed"
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
