"""``ashiato draft``: a report or announcement from what is known, with marked blanks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.export import refuse_sealed
from ashiato.cli.options import FACTS_FILE, NOTICES_FILE, AsJson, AsOf, CaseFolderIfAny, DiaryFile
from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import now_us
from ashiato.exports.words import Language
from ashiato.terms.errors import LawError
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.engine.api import Case
    from ashiato.exports.facts import Facts
    from ashiato.law.api import Diary
    from ashiato.letters.document import Document
    from ashiato.letters.outline import Outline
    from ashiato.letters.responses import Response


def draft(  # noqa: PLR0913 - the verb's options
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Which draft; `list` names them all.")],
    folder: CaseFolderIfAny = None,
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="OUT", help="The folder to write into; made when missing.")
    ] = Path(),
    facts: DiaryFile = None,
    as_of: AsOf = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Show what changed since the draft of this day.")
    ] = None,
    notices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What `notify report` wrote; the case's notices.json unless given.",
            exists=True,
        ),
    ] = None,
    final: Annotated[
        bool, typer.Option("--final", help="The PDF without marks of a draft; refused while blanks remain.")
    ] = False,
    lang: Annotated[Language, typer.Option("--lang", help="The draft's language.")] = Language.JA,
    as_json: AsJson = False,
) -> None:
    """Write a draft from the diary of facts and the newest run: Word, PDF and JSON.

    Every number is a typed count, every sentence names what it rests on and claims no more than that, and
    what is not known is a marked blank. A run's answer, and what was done to tell people, count from the
    moment they were made; an earlier --as-of is answered by the diary alone. Nothing is sent; a person
    reads it first.
    """
    from ashiato.engine.api import open_case
    from ashiato.law.api import load_diary

    if kind == "list":
        _list_kinds(lang, as_json=as_json)
        return
    outline = _outline_of(kind)
    if folder is None:
        raise LawError("a draft is written from a case", fix=f"name its folder: ashiato draft {kind} DIR")
    case = open_case(folder, now_us)
    refuse_sealed(case.folder, to)
    diary = load_diary(facts or case.folder / FACTS_FILE)
    answer = _Answering(case, diary, outline, lang, _response(notices, case.folder / NOTICES_FILE))
    document = answer.document(as_of, since)
    if final:
        _refuse_unsettled(document)
    _write(document, answer.moment(as_of), to, final=final, as_json=as_json)


def _list_kinds(lang: Language, *, as_json: bool) -> None:
    from ashiato.letters.outline import load_outlines

    told = [
        (outline.kind, outline.title.within(lang), outline.purpose.within(lang))
        for outline in load_outlines().values()
    ]
    if as_json:
        say_json({"kinds": [{"kind": kind, "title": title, "purpose": why} for kind, title, why in told]})
        return
    for kind, title, why in told:
        say(kind, style="bold")
        say(f"  {title}")
        say(f"  {why}", style="dim")


def _outline_of(kind: str) -> Outline:
    from ashiato.letters.outline import load_outlines

    outlines = load_outlines()
    if kind not in outlines:
        raise LawError(f"there is no draft called `{clean(kind)}`", fix=f"name one of: {', '.join(outlines)}")
    return outlines[kind]


@dataclass(frozen=True)
class _Answering:
    """One kind of draft for one case, at whatever moment it is asked for."""

    case: Case
    diary: Diary
    outline: Outline
    language: Language
    response: Response | None

    def moment(self, text: str | None) -> datetime:
        """Return the moment an option names, or now."""
        from ashiato.law.api import moment_asked

        return moment_asked(text, self.diary.zone) if text else moment_of(now_us(), self.diary.zone)

    def document(self, as_of: str | None, since: str | None) -> Document:
        """Return the draft as of one moment, with what changed since another."""
        from ashiato.letters.changes import with_changes

        document = self._at(self.moment(as_of))
        return with_changes(document, self._at(self.moment(since))) if since else document

    def _at(self, moment: datetime) -> Document:
        from ashiato.law.api import assess, load_rulebook
        from ashiato.letters.drafting import draft as filled
        from ashiato.letters.matter import Matter

        facts, run = self._answer_known(moment)
        assessment = assess(self.diary, load_rulebook(), moment)
        told = self.response if self.response and self.response.as_of <= moment else None
        return filled(self.outline, Matter(assessment, facts, run, self.language, response=told))

    def _answer_known(self, moment: datetime) -> tuple[Facts | None, str]:
        """Return the newest run's answer and name, if it had been made by then."""
        from ashiato.engine.api import answered_at, open_outcome
        from ashiato.exports.writing import facts_of

        answered = answered_at(self.case)
        if answered is None or answered > moment:
            return None, ""
        with open_outcome(self.case) as outcome:
            return facts_of(outcome), outcome.run.name


def _response(asked: Path | None, usual: Path) -> Response | None:
    from ashiato.letters.responses import read_response

    place = asked or usual
    return read_response(place) if asked or place.exists() else None


def _refuse_unsettled(document: Document) -> None:
    """Refuse what is not whole, or says what cannot be true together."""
    if document.blanks:
        left = ", ".join(line.label for line in document.lines() if line.is_blank)
        raise LawError(
            f"{document.blanks} lines are still to be filled in: {left}",
            fix="note them in the diary (`text.*` facts), or fill in the Word file and make the PDF from it",
        )
    if document.doubts:
        raise LawError(" ".join(document.doubts), fix="settle it in the diary of facts, then draft anew")


def _write(document: Document, made: datetime, folder: Path, *, final: bool, as_json: bool) -> None:
    from ashiato.letters.writing import write_draft

    written = write_draft(document, made, folder, final=final)
    if as_json:
        say_json(document.as_json() | {"files": [str(path) for path in written]})
        return
    for path in written:
        say(clean(path))
    if document.blanks:
        note(f"{document.blanks} lines are to be filled in; they are marked.", style="yellow")
