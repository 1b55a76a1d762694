"""Runs of a case: started, followed while they go on, cancelled; what the newest left open comes first."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from ashiato.engine.api import STAGE_NAMES, list_sealed
from ashiato.rooms.cases.api import Investigation, Permission, ask_run, ask_stop, newest_of
from ashiato.web.console.answers import find_answer
from ashiato.web.console.doing import try_it
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.gaps import gaps_of
from ashiato.web.console.moves import draw_moves, moves_of, table_of
from ashiato.web.console.pages import page_of
from ashiato.web.console.parts import part_or_unchanged
from ashiato.web.console.pictures import as_csv
from ashiato.web.console.proving import sent_alone

_MOST_RUNS = 20


@in_case(Permission.SEE_CASE)
def show_runs(here: CaseRequest) -> HttpResponse:
    """Show how the newest run stands, what its answer cannot know, and the runs before it."""
    answer, newest = find_answer(here.case), newest_of(here.file)
    moves = moves_of(here.case)
    told = page_of(here, "runs") | {
        "answer": answer,
        "gaps": gaps_of(answer) if answer else None,
        "drawing": draw_moves(moves),
        "moves": table_of(moves),
        "newest": newest,
        "state": _state(here, newest),
        "asked": here.file.investigations.select_related("asked_by").order_by("-pk")[:_MOST_RUNS],
        "may_run": Permission.RUN in here.may,
        "has_evidence": bool(list_sealed(here.case.folder)),
    }
    return render(here.request, "console/runs.html", told)


@in_case(Permission.SEE_CASE)
def download_counts(here: CaseRequest) -> HttpResponse:
    """Answer what the runs counted as CSV."""
    return as_csv(here, table_of(moves_of(here.case)))


@in_case(Permission.SEE_CASE)
def tell_state(here: CaseRequest) -> HttpResponse:
    """Answer how the newest run stands, as a part of a page; unchanged since the reader's copy: 304."""
    return part_or_unchanged(here.request, _state(here, newest_of(here.file)))


@in_case(Permission.RUN)
@sent_alone
def start_run(here: CaseRequest) -> HttpResponse:
    """Ask for a run."""
    try_it(here.request, lambda: ask_run(here.file, here.staff, here.now))
    return redirect("runs", here.file.name)


@in_case(Permission.RUN)
@sent_alone
def cancel_run(here: CaseRequest) -> HttpResponse:
    """Ask that the run stop; one that is over by now is left as it is."""
    ask_stop(here.file, here.staff, here.now)
    return redirect("runs", here.file.name)


def _state(here: CaseRequest, newest: Investigation | None) -> str:
    told: dict[str, Any] = {"run": newest, "zone": here.zone}
    if newest is not None and newest.is_open:
        told["stages"] = _stages(newest)
    return render_to_string("console/run_state.html", told, here.request)


def _stages(run: Investigation) -> list[tuple[str, str]]:
    """Return each stage and whether it is done, at hand or ahead."""
    at = STAGE_NAMES.index(run.stage) if run.stage in STAGE_NAMES else -1
    stands = [
        "done" if place < at else "now" if place == at else "ahead" for place in range(len(STAGE_NAMES))
    ]
    return list(zip(STAGE_NAMES, stands, strict=True))
