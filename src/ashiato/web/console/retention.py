"""How long each table keeps what is personal, how many rows there are, and of how many the time has come."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.notifying.api import find_campaign
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.pages import page_of
from ashiato.web.retention import standing_of_tables, told_of_table
from ashiato.web.wording import screen_words


@in_case(Permission.SEE_LEDGER)
def show_retention(here: CaseRequest) -> HttpResponse:
    """Show the tables of this case, then those of the whole server; nothing is erased from here."""
    campaign = find_campaign(here.case.folder)
    days = campaign.keep_days if campaign else None
    of_case = standing_of_tables(here.now, here.file.name)
    of_server = [each for each in standing_of_tables(here.now) if not each.policy.case]
    groups = [
        (name, [told_of_table(each, days, screen_words()) for each in standings])
        for name, standings in (("of_case", of_case), ("of_server", of_server))
    ]
    told = page_of(here, "retention") | {"groups": groups, "keep_days": days}
    return render(here.request, "console/retention.html", told)
