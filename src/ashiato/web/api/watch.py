"""What guards saw in a case's systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from ashiato.rooms.cases.api import Permission
from ashiato.rooms.watching.api import list_groups, tell_group
from ashiato.web.api import shapes
from ashiato.web.api.needing import here_of, needing, turned_rows
from ashiato.web.console.alarms import systems_of

router = Router(tags=["watch"])


@router.get("/alarms", **needing(Permission.SEE_ALARMS, shapes.AlarmsPage), summary="What guards saw")
def list_alarms(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List alarms as they are gathered, the latest first; who asked is on the console's page alone."""
    del case
    rows, place = turned_rows(list_groups(systems_of(here_of(request))), page)
    return place | {"alarms": [tell_group(row) for row in rows]}
