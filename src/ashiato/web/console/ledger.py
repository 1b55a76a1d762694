"""The ledger: who looked at whom and decided what, newest first, and whether its chain is whole."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from ashiato.engine.api import check_chain, list_entries
from ashiato.rooms.accounts.api import entries_about, find_break
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import Visit, in_case
from ashiato.web.console.pages import page_of

_ROWS = 50


@in_case(Permission.SEE_LEDGER)
def show_ledger(visit: Visit) -> HttpResponse:
    """Show the server's entries of this case and the case's own; both chains are checked each time."""
    folder = visit.case.folder
    pages = Paginator(entries_about(visit.file.name), _ROWS)
    told = {
        "entries": pages.get_page(visit.request.GET.get("page")),
        "broken": find_break(),
        "own": list(reversed(list_entries(folder)))[:_ROWS],
        "flaws": check_chain(folder),
    }
    return render(visit.request, "console/ledger.html", page_of(visit, "ledger") | told)
