"""The ledger: who looked at whom and decided what, newest first, and whether its chain is whole."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from ashiato.engine.api import check_chain, list_entries
from ashiato.rooms.accounts.api import entries_about, find_break
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of

_ROWS = 50


@in_case(Permission.SEE_LEDGER)
def show_ledger(here: CaseRequest) -> HttpResponse:
    """Show the server's entries of this case and the case's own; both chains are checked each time."""
    folder = here.case.folder
    pages = Paginator(entries_about(here.file.name), _ROWS)
    told = {
        "entries": pages.get_page(here.request.GET.get("page")),
        "broken": find_break(),
        "own": list(reversed(list_entries(folder)))[:_ROWS],
        "flaws": check_chain(folder),
    }
    return render(here.request, "console/ledger.html", page_of(here, "ledger") | told)
