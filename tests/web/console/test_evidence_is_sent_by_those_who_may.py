"""Evidence is sent over HTTP: by role, each their own, in pieces; every refusal has its status and words."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import create_case
from ashiato.rooms.cases import api
from ashiato.rooms.cases.api import MAY, CaseFile, Permission, Role
from tests.web.console.scenes import casefile, signed_in, staff_named

BYTES = b"GET /members/1\n" * 100
CUSTODY = {"source": "web1", "custodian": "Aoi"}


@pytest.fixture
def folder(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty case, and a data folder of the test's own."""
    monkeypatch.setattr(settings, "ASHIATO_HOME", database.parent)
    return create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0).folder


def _announce(client: Client, case: CaseFile, **said: object) -> Any:
    about = {"name": "access.log", "size": len(BYTES), "modified": 1_781_000_000_000} | said
    return client.post(reverse("uploads", args=[case.name]), about)


def _send(client: Client, case: CaseFile, token: str, content: bytes, offset: object) -> Any:
    return client.patch(
        reverse("upload", args=[case.name, token]),
        content, content_type="application/offset+octet-stream", headers={"Upload-Offset": str(offset)},
    )  # fmt: skip


def _finish(client: Client, case: CaseFile, token: str, content: bytes = BYTES, **said: str) -> Any:
    about = {"sha256": hashlib.sha256(content).hexdigest()} | (said or CUSTODY)
    return client.post(reverse("upload_finish", args=[case.name, token]), about)


def _scene(folder: Path) -> tuple[Client, CaseFile]:
    analyst = staff_named("aoi")
    return signed_in(analyst), casefile(folder, (analyst, Role.ANALYST))


@pytest.mark.parametrize("role", Role)
def test_who_may_send(folder: Path, role: Role) -> None:
    staff = staff_named("ben")
    client, case = signed_in(staff), casefile(folder, (staff, role))
    may = Permission.ADD_EVIDENCE in MAY[role]
    assert may == (role in {Role.LEAD, Role.ANALYST})
    assert _announce(client, case).status_code == (200 if may else 403)
    assert case.uploads.count() == int(may)
    if Permission.SEE_EVIDENCE in MAY[role]:
        shown = client.get(reverse("evidence", args=[case.name])).content
        assert (b"data-upload" in shown) == may


def test_a_file_goes_up_in_pieces_and_waits_to_be_sealed(folder: Path) -> None:
    client, case = _scene(folder)
    begun = _announce(client, case).json()
    assert begun["offset"] == 0
    assert _send(client, case, begun["token"], BYTES[:600], 0).json() == {"offset": 600}
    assert _announce(client, case).json() == {"token": begun["token"], "offset": 600}
    late = _send(client, case, begun["token"], BYTES[:600], 0)
    assert (late.status_code, late.json()) == (409, {"offset": 600})
    assert _finish(client, case, begun["token"]).status_code == 409
    assert _send(client, case, begun["token"], BYTES[600:], 600).json() == {"offset": len(BYTES)}
    assert _finish(client, case, begun["token"]).status_code == 200
    (whole,) = api.list_whole()
    state = client.get(reverse("uploads_state", args=[case.name]))
    assert b"waits to be sealed" in state.content
    again = {"If-None-Match": state.headers["ETag"]}
    assert client.get(reverse("uploads_state", args=[case.name]), headers=again).status_code == 304
    assert api.seal(whole, lambda: 0, whole.begun_at)
    assert b"access.log" in client.get(reverse("evidence", args=[case.name])).content


def test_a_finish_whose_answer_was_lost_is_answered_again(folder: Path) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    _send(client, case, token, BYTES, 0)
    part = Path(settings.ASHIATO_HOME) / "uploads" / token / "access.log"
    with part.open("rb") as comparing:
        fcntl.flock(comparing, fcntl.LOCK_EX)
        busy = _finish(client, case, token)
        assert (busy.status_code, busy.json()) == (409, {"offset": len(BYTES), "waits": True})
    assert [_finish(client, case, token).status_code for _ in range(2)] == [200, 200]
    assert _send(client, case, token, b"x", len(BYTES)).status_code == 404
    (whole,) = api.list_whole()
    assert api.seal(whole, lambda: 0, whole.begun_at)
    assert _finish(client, case, token).status_code == 200
    assert _finish(client, case, token, b"other").status_code == 400


def test_what_arrived_changed_is_refused_with_words(folder: Path) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    _send(client, case, token, BYTES, 0)
    refused = _finish(client, case, token, BYTES + b"x")
    assert (refused.status_code, "once more" in refused.json()["fix"]) == (400, True)
    assert api.list_whole() == []
    assert _send(client, case, token, b"x", 0).status_code == 404


@pytest.mark.parametrize("deed", ["look", "send", "finish", "discard"])
def test_anothers_upload_is_not_there(folder: Path, deed: str) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    _send(client, case, token, BYTES[:10], 0)
    other = staff_named("chika")
    casefile(folder, (other, Role.LEAD))
    theirs = signed_in(other)
    answers: dict[str, Callable[[], Any]] = {
        "look": lambda: theirs.get(reverse("upload", args=[case.name, token])),
        "send": lambda: _send(theirs, case, token, BYTES[10:], 10),
        "finish": lambda: _finish(theirs, case, token),
        "discard": lambda: theirs.post(reverse("upload_discard", args=[case.name, token])),
    }
    assert answers[deed]().status_code == 404
    assert client.get(reverse("upload", args=[case.name, token])).json() == {"offset": 10}


def test_an_upload_of_another_case_is_not_there(folder: Path, tmp_path: Path) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    second = create_case(tmp_path / "second", "Asia/Tokyo", lambda: 0).folder
    other = casefile(second, (staff_named("aoi"), Role.ANALYST))
    assert _send(client, other, token, BYTES, 0).status_code == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [({"size": 0}, 400), ({"size": "x"}, 400), ({"size": 10**12}, 413), ({"size": 10**40}, 400),
     ({"name": "../x"}, 400), ({"name": ""}, 400), ({"modified": 10**30}, 200), ({"modified": "-1"}, 200)],
    ids=str,
)  # fmt: skip
def test_what_is_announced_is_checked(folder: Path, said: dict[str, object], status: int) -> None:
    client, case = _scene(folder)
    answer = _announce(client, case, **said)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]


@pytest.mark.parametrize("offset", ["", "-1", "x", "1", "9" * 30])
def test_a_piece_out_of_place_changes_nothing(folder: Path, offset: str) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    assert _send(client, case, token, BYTES, offset).status_code == 409
    assert client.get(reverse("upload", args=[case.name, token])).json() == {"offset": 0}


def test_pieces_of_no_bytes_or_too_many_are_refused(folder: Path) -> None:
    client, case = _scene(folder)
    token = _announce(client, case).json()["token"]
    assert _send(client, case, token, b"", 0).status_code == 400
    assert _send(client, case, token, BYTES + b"x", 0).status_code == 413


def test_a_form_of_another_site_sends_nothing(folder: Path) -> None:
    _, case = _scene(folder)
    strict = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    strict.cookies = signed_in(staff_named("aoi")).cookies
    assert _announce(strict, case).status_code == 403
    assert not case.uploads.exists()
