"""``ashiato draft``: a report or announcement from what is known, with marked blanks."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from ashiato.engine.api import Case
    from ashiato.law.api import Diary
    from ashiato.letters.answering import CaseDraft
    from ashiato.letters.document import Document
    from ashiato.letters.outline import Outline
    from ashiato.letters.responses import Response

_LISTS = ("list", "approvals")


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
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve the draft, with --by and --because; two persons do.")
    ] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who approves.")] = "",
    because: Annotated[str, typer.Option(metavar="TEXT", help="What was checked; kept in the ledger.")] = "",
    lang: Annotated[Language, typer.Option("--lang", help="The draft's language.")] = Language.JA,
    as_json: AsJson = False,
) -> None:
    """Write a draft from the diary of facts and the newest run: Word, PDF and JSON.

    Every number is a typed count, every sentence names what it rests on and claims no more than that, and
    what is not known is a marked blank. A run's answer, and what was done to tell people, count from the
    moment they were made; an earlier --as-of is answered by the diary alone. Nothing is sent; a person
    reads it first.

    --approve makes the final files and notes the approval: of these very words, by this person. A draft that
    says anything else is the next edition; it shows what changed since the approved one. KIND may be
    `approvals`, to list them.
    """
    if kind in _LISTS:
        _list(kind, folder, lang, as_json=as_json)
        return
    outline, case = _outline_of(kind), _case_of(kind, folder)
    refuse_sealed(case.folder, to)
    response = _response(notices, case.folder / NOTICES_FILE)
    answer = _case_draft(case, _diary(facts or case.folder / FACTS_FILE), outline, lang, response)
    if approve and since:
        raise typer.BadParameter("--approve takes no --since: what changed is no part of what is approved")
    if approve:
        document, written = _approved(answer, as_of, to, by, because)
    else:
        document, written = _drafted(answer, as_of, since, to, final=final)
    _say(case, document, written, as_json=as_json)


def _approved(
    answer: CaseDraft, as_of: str | None, to: Path, by: str, because: str
) -> tuple[Document, list[Path]]:
    """Write the final files of a draft and note a person's approval of it."""
    from ashiato.letters.answering import note_approval
    from ashiato.letters.editions import refuse_unsettled

    waiting = answer.open_moment() if as_of is None else None
    moment = waiting or answer.moment(as_of)
    document = answer.document(moment)
    refuse_unsettled(document)
    written = _write(document, moment, to, final=True)
    note_approval(answer.case, document, moment, written, by=by, because=because)
    return document, written


def _drafted(
    answer: CaseDraft, as_of: str | None, since: str | None, to: Path, *, final: bool
) -> tuple[Document, list[Path]]:
    """Write a draft's files, with what changed since another day, or else since the approved edition."""
    from ashiato.letters.answering import since_approved
    from ashiato.letters.editions import refuse_unsettled

    moment = answer.moment(as_of)
    document = answer.document(moment, since)
    if final:
        refuse_unsettled(document)
    elif since is None:
        document = since_approved(answer.case, document)
    return document, _write(document, moment, to, final=final)


def _diary(path: Path) -> Diary:
    from ashiato.law.api import load_diary

    return load_diary(path)


def _list(kind: str, folder: Path | None, lang: Language, *, as_json: bool) -> None:
    from ashiato.cli.draft_approvals import list_approvals

    if kind == "list":
        _list_kinds(lang, as_json=as_json)
    else:
        list_approvals(_case_of(kind, folder), as_json=as_json)


def _case_of(kind: str, folder: Path | None) -> Case:
    from ashiato.engine.api import open_case

    if folder is None:
        raise LawError("a draft is written from a case", fix=f"name its folder: ashiato draft {kind} DIR")
    return open_case(folder, now_us)


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


def _case_draft(
    case: Case, diary: Diary, outline: Outline, language: Language, response: Response | None
) -> CaseDraft:
    from ashiato.letters.answering import CaseDraft

    return CaseDraft(case, diary, outline, language, response)


def _response(asked: Path | None, usual: Path) -> Response | None:
    from ashiato.letters.responses import read_response

    place = asked or usual
    return read_response(place) if asked or place.exists() else None


def _write(document: Document, made: datetime, folder: Path, *, final: bool) -> list[Path]:
    from ashiato.letters.writing import write_draft

    return write_draft(document, made, folder, final=final)


def _say(case: Case, document: Document, written: list[Path], *, as_json: bool) -> None:
    from ashiato.cli.draft_approvals import edition_of, say_edition

    if as_json:
        told = {"files": [str(path) for path in written], "edition": edition_of(case, document)}
        say_json(document.as_json() | told)
        return
    for path in written:
        say(clean(path))
    if document.blanks:
        note(f"{document.blanks} lines are to be filled in; they are marked.", style="yellow")
    say_edition(case, document)
