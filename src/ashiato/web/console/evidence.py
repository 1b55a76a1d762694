"""What was sealed: each file with its hash, size and who brought it, and how it was read."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from ashiato.engine.api import SealedFile, list_sealed, list_snapshots
from ashiato.exports.facts import FileFact
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import Answer, find_answer
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.console.uploads import told_of_uploads

_ROWS = 100


@dataclass(frozen=True)
class Kept:
    """A sealed file, and how the newest run read it; None: it did not."""

    sealed: SealedFile
    reading: FileFact | None


@in_case(Permission.SEE_EVIDENCE)
def list_evidence(here: CaseRequest) -> HttpResponse:
    """Show sealed files and snapshots, and the gaps of the newest run."""
    answer = find_answer(here.case)
    kept = list_kept(here, answer)
    told = page_of(here, "evidence") | {
        "kept": Paginator(kept, _ROWS).get_page(here.request.GET.get("page")),
        "snapshots": list_snapshots(here.case),
        "answer": answer,
        "may_add": Permission.ADD_EVIDENCE in here.may,
    }
    if Permission.ADD_EVIDENCE in here.may:
        told |= told_of_uploads(here)
    return render(here.request, "console/evidence.html", told)


def list_kept(here: CaseRequest, answer: Answer | None) -> list[Kept]:
    """Return sealed files as the newest run read them, those with most unread lines first."""
    read = {fact.file: fact for fact in answer.facts.files} if answer else {}
    kept = [Kept(sealed, read.get(sealed.label)) for sealed in list_sealed(here.case.folder)]
    return sorted(kept, key=lambda each: -each.reading.unread if each.reading else 0)
