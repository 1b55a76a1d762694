"""One kind of draft of one case, at whatever moment it is asked for, and what of it was approved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ashiato.engine.api import (
    Case,
    DraftText,
    Edition,
    answered_at,
    approve_draft,
    list_editions,
    open_outcome,
    read_edition,
    writing,
)
from ashiato.exports.facts import Facts
from ashiato.exports.words import Language
from ashiato.exports.writing import facts_of
from ashiato.law.api import Diary, assess, load_rulebook, moment_asked
from ashiato.letters.changes import with_changes
from ashiato.letters.document import Document
from ashiato.letters.drafting import draft
from ashiato.letters.editions import edition_text, read_edition_text
from ashiato.letters.matter import Matter
from ashiato.letters.outline import Outline
from ashiato.letters.responses import Response
from ashiato.terms.times import moment_of


@dataclass(frozen=True)
class CaseDraft:
    """One kind of draft for one case, from its diary, its newest run and what was done to tell people."""

    case: Case
    diary: Diary
    outline: Outline
    language: Language
    response: Response | None

    def moment(self, text: str | None) -> datetime:
        """Return the moment a text names, or now."""
        return moment_asked(text, self.diary.zone) if text else moment_of(self.case.clock(), self.diary.zone)

    def document(self, moment: datetime, since: str | None = None) -> Document:
        """Return the draft as of one moment, with what changed since another."""
        document = self._at(moment)
        return with_changes(document, self._at(self.moment(since))) if since else document

    def editions(self) -> list[Edition]:
        """Return the editions that somebody approved, oldest first."""
        return list_editions(self.case, self.outline.kind, self.language)

    def open_moment(self) -> datetime | None:
        """Return the moment for which the newest edition speaks, where it still waits for an approval."""
        editions = self.editions()
        waits = editions and not editions[-1].is_approved
        return datetime.fromisoformat(editions[-1].as_of) if waits else None

    def _at(self, moment: datetime) -> Document:
        facts, run = self._answer_known(moment)
        assessment = assess(self.diary, load_rulebook(), moment)
        told = self.response if self.response and self.response.as_of <= moment else None
        return draft(self.outline, Matter(assessment, facts, run, self.language, response=told))

    def _answer_known(self, moment: datetime) -> tuple[Facts | None, str]:
        """Return the newest run's answer and name, if it had been made by then."""
        answered = answered_at(self.case)
        if answered is None or answered > moment:
            return None, ""
        with open_outcome(self.case) as outcome:
            return facts_of(outcome), outcome.run.name


def note_approval(
    case: Case, document: Document, moment: datetime, written: Iterable[Path], *, by: str, because: str
) -> Edition:
    """Note a person's approval of a draft whose files were written; CaseError where they gave one."""
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
    text = DraftText(document.kind, document.language, moment.isoformat(), edition_text(document), files)
    with writing(case):
        return approve_draft(case, text, by=by, because=because)


def since_approved(case: Case, document: Document) -> Document:
    """Return the draft with what changed since its last approved edition, if it says anything else."""
    editions = list_editions(case, document.kind, document.language)
    approved = [edition for edition in editions if edition.is_approved]
    if not approved:
        return document
    text = read_edition(case, approved[-1])
    return document if text == edition_text(document) else with_changes(document, read_edition_text(text))


def is_said_by(case: Case, edition: Edition, document: Document) -> bool:
    """Tell whether a draft says the very words of an edition."""
    return read_edition(case, edition) == edition_text(document)
