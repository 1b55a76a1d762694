"""Reports and announcements: what each says now, its files, and their approval by two, of the very words."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ashiato.engine.api import Edition, list_editions
from ashiato.exports.words import Language
from ashiato.law.api import load_diary
from ashiato.letters.answering import CaseDraft, is_said_by, note_approval, since_approved
from ashiato.letters.document import Document
from ashiato.letters.editions import edition_text, refuse_unsettled
from ashiato.letters.outline import load_outlines
from ashiato.letters.responses import read_response
from ashiato.letters.writing import write_draft
from ashiato.rooms.accounts.api import record_entry
from ashiato.rooms.cases.api import Permission
from ashiato.terms.approvals import APPROVALS_NEEDED, is_same_person
from ashiato.web.console.clocks import DIARY
from ashiato.web.console.doing import done, moment_typed, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import proven
from ashiato.web.wording import language

#: What ``notify report`` wrote into the case, where it did.
_RESPONSE = "notices.json"
_FILES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@in_case(Permission.SEE_DUTIES)
def list_drafts(here: CaseRequest) -> HttpResponse:
    """List every kind of draft, and who approved the newest edition of it."""
    newest = {(each.kind, each.language): each for each in list_editions(here.case)}
    rows = [
        {"outline": outline, "title": outline.title.within(language()),
         "purpose": outline.purpose.within(language()),
         "editions": [(found, _names(found)) for spoken in Language if (found := newest.get((kind, spoken)))]}
        for kind, outline in load_outlines().items()
    ]  # fmt: skip
    told = page_of(here, "drafts") | {
        "rows": rows,
        "needed": APPROVALS_NEEDED,
        "has_diary": (here.case.folder / DIARY).is_file(),
    }
    return render(here.request, "console/drafts.html", told)


@in_case(Permission.SEE_DUTIES)
def show_draft(here: CaseRequest, kind: str) -> HttpResponse:
    """Show a draft as of now, or as of the moment for which an edition waits for its second approval."""
    draft = _draft(here, kind)
    moment = _moment(draft)
    document = draft.document(moment)
    told = page_of(here, "drafts") | {
        "document": since_approved(draft.case, document),
        "moment": moment,
        "as_of": moment.isoformat(),
        "digest": _digest(document),
        "languages": list(Language),
        "kind": kind,
        "may_approve": Permission.APPROVE_DRAFTS in here.may,
    }
    return render(here.request, "console/draft.html", told | _approvals(here, draft, document))


@in_case(Permission.SEE_DUTIES)
def download_draft(here: CaseRequest, kind: str, ending: str) -> HttpResponse:
    """Give a draft's Word file or PDF, marked as a draft."""
    if ending not in _FILES:
        raise Http404
    draft = _draft(here, kind)
    moment = _moment(draft)
    document = since_approved(draft.case, draft.document(moment))
    with TemporaryDirectory() as folder:
        written = {path.suffix: path for path in write_draft(document, moment, Path(folder), final=False)}
        path = written[f".{ending}"]
        answer = HttpResponse(path.read_bytes(), content_type=_FILES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return answer


@in_case(Permission.APPROVE_DRAFTS)
@proven
def approve(here: CaseRequest, kind: str) -> HttpResponse:
    """Approve the words that were looked at, as of the moment they speak of."""
    request, draft = here.request, _draft(here, kind)
    moment, because = moment_typed(request, "as_of"), typed(request, "because")
    document = draft.document(moment)
    if not is_reason(because):
        refuse(request, "person.no_reason")
    elif _digest(document) != typed(request, "digest"):
        refuse(request, "drafts.differs")
    else:
        edition = try_it(request, lambda: _approve(here, document, moment, because))
        if edition is not None:
            count = len(edition.approvals)
            done(request, "drafts.done", number=count, needed=APPROVALS_NEEDED, edition=edition.number)
    return redirect(f"{reverse('draft', args=[here.file.name, kind])}?lang={draft.language}")


def _approve(here: CaseRequest, document: Document, moment: datetime, because: str) -> Edition:
    refuse_unsettled(document)
    with TemporaryDirectory() as folder:
        written = write_draft(document, moment, Path(folder), final=True)
        edition = note_approval(here.case, document, moment, written, by=here.staff.name, because=because)
    about = f"{here.file.name}: {edition.kind}.{edition.language} {edition.number}"
    record_entry(here.staff, "draft approved", about, at=here.now, why=because)
    return edition


def _draft(here: CaseRequest, kind: str) -> CaseDraft:
    case, outline = here.case, load_outlines().get(kind)
    diary, response = case.folder / DIARY, case.folder / _RESPONSE
    if outline is None or not diary.is_file():
        raise Http404
    asked = here.request.POST.get("lang") or here.request.GET.get("lang", "")
    spoken = Language(asked) if asked in set(Language) else language()
    told = read_response(response) if response.exists() else None
    return CaseDraft(case, load_diary(diary), outline, spoken, told)


def _moment(draft: CaseDraft) -> datetime:
    return draft.open_moment() or draft.moment(None).replace(microsecond=0)


def _digest(document: Document) -> str:
    return hashlib.sha256(edition_text(document).encode()).hexdigest()


def _approvals(here: CaseRequest, draft: CaseDraft, document: Document) -> dict[str, Any]:
    """Return the newest edition, whether these are its words, and whether the reader approved it."""
    editions = draft.editions()
    if not editions:
        return {}
    last = editions[-1]
    mine = any(is_same_person(each.by, here.staff.name) for each in last.approvals)
    is_same = is_said_by(draft.case, last, document)
    return {"edition": last, "is_same": is_same, "is_mine": is_same and mine, "names": _names(last)}


def _names(edition: Edition) -> str:
    return ", ".join(each.by for each in edition.approvals)
