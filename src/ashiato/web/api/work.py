"""What is done in a case: runs, duties, notices, evidence, the desk, the ledgers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Status
from ninja.errors import HttpError

from ashiato.engine.api import check_chain, list_entries
from ashiato.law.api import moment_asked
from ashiato.rooms.accounts.api import entries_about, find_break
from ashiato.rooms.answering import api as desk_room
from ashiato.rooms.cases.api import Investigation, Permission, ask_run, ask_stop, newest_of
from ashiato.rooms.notifying.api import closing_sum, find_campaign, standing_of
from ashiato.terms.errors import LawError
from ashiato.terms.times import iso_of
from ashiato.web.api import shapes
from ashiato.web.api.needing import here_of, needing, turned, turned_rows
from ashiato.web.console.answers import find_answer
from ashiato.web.console.clocks import clocks_of, find_assessment
from ashiato.web.console.evidence import list_kept
from ashiato.web.desk.room import find_desk
from ashiato.web.retention import standing_of_tables
from ashiato.web.wording import fact_words

router = Router(tags=["work"])
_MOST_RUNS = 20


@router.get("/duties", **needing(Permission.SEE_DUTIES, shapes.Duties), summary="By when, to whom")
def tell_duties(request: HttpRequest, case: shapes.Case, day: shapes.Word = "") -> dict[str, Any]:
    """Tell the duties that hold for certain as of now, or of a day or time that is said."""
    del case
    here = here_of(request)
    try:
        as_of = moment_asked(day, here.zone) if day else here.now
    except LawError as error:
        raise HttpError(422, "day: a day or a time, like 2026-07-13") from error
    assessment = find_assessment(here.case, as_of)
    clocks = clocks_of(assessment, fact_words()) if assessment else []
    told = [{**vars(each), "state": each.state} for each in clocks]
    return {"as_of": as_of, "has_diary": assessment is not None, "duties": told}


@router.get("/notices", **needing(Permission.SEE_NOTICES, shapes.Notices), summary="Where everybody stands")
def tell_notices(request: HttpRequest, case: shapes.Case) -> dict[str, Any]:
    """Tell the closing sum, waves and closed gates; 404 where nobody is planned to be told."""
    del case
    campaign = find_campaign(here_of(request).case.folder)
    if campaign is None:
        raise Http404
    closing, standing = closing_sum(campaign), standing_of(campaign)
    return vars(closing) | vars(standing) | {"holds": closing.holds}


@router.get("/evidence", **needing(Permission.SEE_EVIDENCE, shapes.EvidencePage), summary="What was sealed")
def list_evidence(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List sealed files with their hashes, those with most unread lines first."""
    del case
    here = here_of(request)
    rows, place = turned(list_kept(here, find_answer(here.case)), page)
    files = [
        {
            "file": each.sealed.label,
            "sha256": each.sealed.content_sha256,
            "bytes": each.sealed.content_bytes,
            "lines": each.sealed.content_lines,
            "added_at": iso_of(each.sealed.added_us, here.zone),
            "custodian": each.sealed.custodian,
            "format": each.reading.format if each.reading else None,
            "unread": each.reading.unread if each.reading else None,
        }
        for each in rows
    ]
    return place | {"files": files}


@router.get("/runs", **needing(Permission.SEE_CASE, shapes.Runs), summary="Runs and how they stand")
def list_runs(request: HttpRequest, case: shapes.Case) -> dict[str, Any]:
    """List the newest runs that were asked for here."""
    del case
    here = here_of(request)
    asked = here.file.investigations.select_related("asked_by").order_by("-pk")[:_MOST_RUNS]
    answer = find_answer(here.case)
    return {"answer": answer.run if answer else None, "runs": [_run(each) for each in asked]}


@router.post("/runs", **needing(Permission.RUN, shapes.RunShape, 202), summary="Ask for a run")
def start_run(request: HttpRequest, case: shapes.Case) -> Status[dict[str, Any]]:
    """Ask for a run; 409 where one is open already, or nothing is sealed."""
    del case
    here = here_of(request)
    ask_run(here.file, here.staff, here.now)
    return Status(202, _asked(here.file))


@router.post("/runs/cancel", **needing(Permission.RUN, shapes.RunShape, 202), summary="Ask that it stop")
def cancel_run(request: HttpRequest, case: shapes.Case) -> Status[dict[str, Any]]:
    """Ask that the newest run stop; one that is over by now is left as it is."""
    del case
    here = here_of(request)
    ask_stop(here.file, here.staff, here.now)
    return Status(202, _asked(here.file))


def _asked(case: Any) -> dict[str, Any]:  # noqa: ANN401 - a case of the server
    newest = newest_of(case)
    if newest is None:
        raise Http404
    return _run(newest)


def _run(run: Investigation) -> dict[str, Any]:
    return {
        "number": run.run,
        "stand": str(run.stand),
        "asked_by": run.asked_by.name,
        "asked_at": run.asked_at,
        "ended_at": run.ended_at,
        "stage": run.stage,
        "stage_done": run.stage_done,
        "stage_total": run.stage_total,
        "fault": run.fault,
    }


@router.get("/ledger", **needing(Permission.SEE_LEDGER, shapes.LedgerPage), summary="Who looked and decided")
def list_ledger(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List the server's entries about this case; the whole chain is checked each time."""
    del case
    rows, place = turned_rows(entries_about(here_of(request).file.name), page)
    columns = ("at", "verb", "about", "subject", "why", "chain")
    entries = [{name: getattr(row, name) for name in columns} | {"staff": row.staff.name} for row in rows]
    return place | {"broken": find_break(), "entries": entries}


@router.get(
    "/case-ledger", **needing(Permission.SEE_LEDGER, shapes.CaseLedgerPage), summary="What was done to it"
)
def list_case_ledger(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List the case's own ledger; its chain is checked each time."""
    del case
    folder = here_of(request).case.folder
    rows, place = turned(list(reversed(list_entries(folder))), page)
    flaws = [f"line {flaw.line} {flaw.what}" for flaw in check_chain(folder)]
    return place | {"flaws": flaws, "entries": rows}


@router.get("/retention", **needing(Permission.SEE_LEDGER, list[shapes.TableShape]), summary="What has to go")
def tell_retention(request: HttpRequest, case: shapes.Case) -> list[dict[str, Any]]:
    """Tell each table's policy, and how many of this case's rows are due."""
    del case
    here = here_of(request)
    return [
        {
            "table": each.policy.name,
            "event": str(each.policy.event),
            "goes": sorted(each.policy.emptied),
            "removes_row": each.policy.removes,
            "rows": each.rows,
            "due": each.due,
        }
        for each in standing_of_tables(here.now, here.file.name)
    ]


@router.get("/desk", **needing(Permission.ANSWER, shapes.DeskPage), summary="What waits at the desk")
def list_desk(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List open contacts by when they are due; nothing of who somebody is. 404 where there is no desk."""
    del case
    here = here_of(request)
    desk = find_desk(here)
    if desk is None:
        raise Http404
    rows, place = turned_rows(desk_room.list_contacts(desk), page)
    columns = ("number", "way", "language", "at", "due_at", "stand", "queue", "reason")
    contacts = [
        {name: getattr(row, name) for name in columns}
        | {"taken_by": row.taken_by.name if row.taken_by else None}
        for row in rows
    ]
    queues = [vars(each) for each in desk_room.queue_loads(desk, here.now)]
    is_open = desk_room.hours_of(desk).is_open(here.now)
    return place | {"is_open": is_open, "queues": queues, "contacts": contacts}
