"""What every page of a case shows around its own: the case, one's part in it, where one can go."""

from __future__ import annotations

from typing import Any

from ashiato.rooms.cases.api import Permission
from ashiato.web.console.doors import CaseRequest

#: The pages of a case in the order of work, and what each asks for.
PAGES: dict[str, Permission] = {
    "overview": Permission.SEE_CASE,
    "people": Permission.SEE_PEOPLE,
    "reviews": Permission.SEE_PEOPLE,
    "pins": Permission.SEE_EVIDENCE,
    "pictures": Permission.SEE_CASE,
    "duties": Permission.SEE_DUTIES,
    "drafts": Permission.SEE_DUTIES,
    "notices": Permission.SEE_NOTICES,
    "evidence": Permission.SEE_EVIDENCE,
    "alarms": Permission.SEE_ALARMS,
    "plans": Permission.SEE_PLANS,
    "over": Permission.SEE_EVIDENCE,
    "runs": Permission.SEE_CASE,
    "desk": Permission.ANSWER,
    "desk_lead": Permission.LEAD_DESK,
    "ledger": Permission.SEE_LEDGER,
    "retention": Permission.SEE_LEDGER,
}


def page_of(here: CaseRequest, name: str) -> dict[str, Any]:
    """Return what the frame of a case's page needs."""
    return {
        "here": here,
        "case": here.file,
        "zone": here.zone,
        "page": name,
        "pages": [page for page, permission in PAGES.items() if permission in here.may],
    }
