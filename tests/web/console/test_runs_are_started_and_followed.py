"""Runs on their page: who may start and cancel them, how they are followed, what is shown first."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, list_sealed
from ashiato.rooms.cases import api
from ashiato.rooms.cases.api import MAY, CaseFile, Permission, Role
from tests.cli.sample_case import PERSONS, finish_by_hand, make_case
from tests.web.console.scenes import NOW, casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
HOLDER = api.Holder("here", "lock")
HOSTILE = "<script>alert(1)</script>\u202e"
GAPS = {
    "holes": [{"source": "web/access.log", "start_us": 0, "end_us": 9_000_000, "reason": "silence"}],
    "coverage": [
        {"system": "shop", "way_kind": "route", "way": HOSTILE, "proves": False, "reasons": "hole(x=1)"}
    ],
}


def _scene(case: Case) -> tuple[Client, CaseFile]:
    lead = staff_named("aoi")
    return signed_in(lead), casefile(case.folder, (lead, Role.LEAD))


@pytest.mark.parametrize("role", Role)
def test_who_may_start_and_cancel(role: Role, investigated: Case) -> None:
    staff = staff_named("ben")
    client, file = signed_in(staff), casefile(investigated.folder, (staff, role))
    answers = [client.post(reverse(name, args=[file.name])) for name in ("run_start", "run_cancel")]
    may = Permission.RUN in MAY[role]
    assert may == (role in {Role.LEAD, Role.ANALYST})
    assert [answer.status_code for answer in answers] == ([302, 302] if may else [403, 403])
    assert file.investigations.count() == int(may)
    shown = client.get(reverse("runs", args=[file.name]))
    assert (b"/runs/start/" in shown.content) == may


def test_a_run_is_started_followed_and_cancelled(investigated: Case) -> None:
    client, file = _scene(investigated)
    page, state = (reverse(name, args=[file.name]) for name in ("runs", "run_state"))
    assert b"/runs/start/" in client.get(page).content
    client.post(reverse("run_start", args=[file.name]))
    shown = client.get(page).content
    assert b"/runs/cancel/" in shown
    assert f'data-follow="{state}"'.encode() in shown
    first = client.get(state)
    assert client.get(state, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    asked = api.list_open()[0]
    api.claim(asked, HOLDER, NOW)
    api.note_step(asked, HOLDER, api.Step("findings", 3, 9))
    moved = client.get(state, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert b'<progress max="9" value="3" aria-label="Rules and behaviour">' in moved.content
    assert b"data-over" not in moved.content
    client.post(reverse("run_cancel", args=[file.name]))
    assert b"Is being cancelled" in client.get(page).content
    api.end_stopped(asked, HOLDER, NOW)
    assert b"data-over" in client.get(state).content


def test_a_second_start_says_why_it_is_refused(investigated: Case) -> None:
    client, file = _scene(investigated)
    start = reverse("run_start", args=[file.name])
    client.post(start)
    assert b"a run that is not over" in client.post(start, follow=True).content
    assert file.investigations.count() == 1


def test_a_failed_run_shows_its_error_where_it_is_and_no_markup(investigated: Case) -> None:
    client, file = _scene(investigated)
    client.post(reverse("run_start", args=[file.name]))
    asked = api.list_open()[0]
    api.claim(asked, HOLDER, NOW)
    api.end_failed(asked, HOLDER, api.Fault(f"no column {HOSTILE}", "datamap.yaml:7", "write it anew"), NOW)
    shown = client.get(reverse("runs", args=[file.name])).content.decode()
    assert "datamap.yaml:7" in shown
    assert "write it anew" in shown
    assert "no column &lt;script&gt;" in shown
    assert "\u202e" not in shown


@pytest.mark.slow
def test_gaps_stand_before_the_numbers(tmp_path_factory: pytest.TempPathFactory) -> None:
    case = make_case(tmp_path_factory.mktemp("gaps"))
    (sealed,) = list_sealed(case.folder)
    unread = {"evidence_id": sealed.evidence_id, "line_first": 3, "line_last": 4, "reason": "cut-off"}
    finish_by_hand(case, PERSONS | GAPS | {"unread": [unread]})
    client, file = _scene(case)
    shown = client.get(reverse("overview", args=[file.name])).content.decode()
    places = [shown.index(part) for part in ("Gaps in the evidence: 1", "silent for longer", "broken off")]
    assert max(places) < shown.index('id="how-many"')
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    runs = client.get(reverse("runs", args=[file.name])).content.decode()
    assert all(part in runs for part in ("silent for longer", "broken off", "The log has a hole"))
