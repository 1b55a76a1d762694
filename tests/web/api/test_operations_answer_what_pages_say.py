"""An operation answers what the page says, within the document's forms; refusals are problem details."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, create_case, list_entries
from ashiato.rooms.accounts.api import ApiToken, LedgerEntry
from ashiato.rooms.cases.api import CaseFile, Role
from ashiato.web.api.problems import TYPE
from ashiato.web.api.routes import api
from tests.cli.sample_case import PERSONS, make_case
from tests.house.source import ROOT
from tests.rooms.answering.desks import desk
from tests.web.api.programs import program, token_of
from tests.web.console.scenes import REVIEWS, casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def asked(investigated: Case) -> tuple[Client, CaseFile]:
    staff = staff_named("aoi")
    return program(token_of(staff)), casefile(investigated.folder, (staff, Role.LEAD))


def test_the_document_is_the_one_that_is_shipped() -> None:
    shipped = (ROOT / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == json.loads(json.dumps(api.get_openapi_schema())), "run `make docs`"


def test_counts_have_both_bounds_and_their_unit(asked: tuple[Client, CaseFile]) -> None:
    client, case = asked
    told = client.get(f"/api/v1/cases/{case.name}").json()
    assert (told["unit"], told["zone"], told["run"]) == ("records", "Asia/Tokyo", 1)
    assert set(told["reached"]) == {"at_least", "at_most"}
    page = signed_in(case.seats.get().staff).get(reverse("overview", args=[case.name])).content.decode()
    assert f"{told['reached']['at_most']:,}" in page


def test_people_are_told_by_key_and_narrowed(asked: tuple[Client, CaseFile]) -> None:
    client, case = asked
    at = f"/api/v1/cases/{case.name}/people"
    everybody = client.get(at).json()
    assert everybody["total"] == len(everybody["people"]) == 3
    assert everybody["people"][0]["person_id"] == "shop/members/2"
    sure = client.get(at, {"grade": "confirmed"}).json()
    assert {each["person_id"] for each in sure["people"]} == {"shop/members/1", "shop/members/2"}
    for wrong in ({"grade": "surely"}, {"grad": "confirmed"}):
        assert client.get(at, wrong).status_code == 422
    assert "Aoi" not in json.dumps(everybody)


def test_pins_and_pairs_are_decided_with_their_reason(tmp_path: Path) -> None:
    staff = staff_named("aoi")
    made = make_case(tmp_path / "made", {**PERSONS, "match_reviews": REVIEWS})
    at = f"/api/v1/cases/{casefile(made.folder, (staff, Role.LEAD)).name}"
    client = program(token_of(staff))

    def sent(path: str, **said: str) -> tuple[int, Any]:
        answer = client.post(at + path, json.dumps(said), content_type="application/json")
        return answer.status_code, answer.json()

    pin = {"place": "access.log:1", "verdict": "honest", "because": "our own load test"}
    assert sent("/pins", **pin)[0] == 200
    (told,) = client.get(f"{at}/pins").json()["pins"]
    assert (told["place"], told["verdict"], told["analyst"]) == ("access.log:1", "honest", "aoi")
    assert sent("/pins", **pin | {"place": "access.log:99999"})[0] == 409
    assert (
        sent("/pins", **pin | {"verdict": "perhaps"})[0] == sent("/pins", **pin | {"because": "x"})[0] == 422
    )
    assert sent("/pins/take-back", place="access.log:1", because="a mistake")[0] == 200
    assert sent("/pins/take-back", place="access.log:1", because="a mistake")[0] == 409
    assert client.get(f"{at}/pins").json() == {"pins": []}
    pairs = client.get(f"{at}/pairs").json()
    assert (pairs["open"], [each["pair"] for each in pairs["pairs"]]) == (2, ["pair-a", "pair-b"])
    word = {"verdict": "same", "because": "the same telephone"}
    assert sent("/pairs", pair="pair-a", **word) == (200, {"is_kept": True})
    assert sent("/pairs", pair="pair-z", **word)[0] == 404
    assert client.get(f"{at}/pairs").json()["open"] == 1
    kept = LedgerEntry.objects.filter(about=made.folder.name).order_by("pk").values_list("verb", "why")
    assert [verb for verb, _ in kept] == ["pin", "unpin", "decided pair same"]
    assert all(why.startswith("token ") for _, why in kept)


@pytest.mark.parametrize("page", ["0", "-1", "1e3", "9" * 40, "x", "1000001", "None"])
def test_pages_are_bounded(asked: tuple[Client, CaseFile], page: str) -> None:
    client, case = asked
    for name in ("people", "exposures", "evidence", "ledger", "case-ledger", "desk"):
        answer = client.get(f"/api/v1/cases/{case.name}/{name}", {"page": page})
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, TYPE), name


def test_a_look_is_masked_and_kept(asked: tuple[Client, CaseFile]) -> None:
    client, case = asked
    answer = client.get(f"/api/v1/cases/{case.name}/person", {"id": "shop/members/1"})
    text = answer.content.decode()
    assert answer.json()["is_masked"]
    assert "Aoi" not in text
    assert "aoi" not in text.lower()
    look = LedgerEntry.objects.latest("pk")
    assert (look.verb, look.about, look.staff.name) == ("saw masked", case.name, "aoi")
    assert look.why == f"token {ApiToken.objects.get().prefix}"
    assert "members" not in look.subject
    assert client.get(f"/api/v1/cases/{case.name}/person", {"id": "shop/members/9"}).status_code == 404


def test_values_cost_a_reason_that_both_ledgers_keep(tmp_path: Path) -> None:
    staff, made = staff_named("aoi"), make_case(tmp_path, PERSONS)
    case, client = casefile(made.folder, (staff, Role.LEAD)), program(token_of(staff))
    at = f"/api/v1/cases/{case.name}/person"

    def ask(**said: object) -> int:
        return client.post(at, json.dumps(said), content_type="application/json").status_code

    before = LedgerEntry.objects.count(), len(list_entries(made.folder))
    assert {ask(id="shop/members/1"), ask(id="shop/members/1", reason="  x "), ask(reason="call of Dan")} == {
        422
    }
    assert (LedgerEntry.objects.count(), len(list_entries(made.folder))) == before
    answer = client.post(
        at, json.dumps({"id": "shop/members/1", "reason": "call of Dan"}), content_type="application/json"
    )
    assert not answer.json()["is_masked"]
    assert "aoi" in answer.content.decode().lower()
    why = f"token {ApiToken.objects.get().prefix}: call of Dan"
    assert LedgerEntry.objects.latest("pk").why == why
    assert list_entries(made.folder)[-1]["results"] == {"reason": why}


def test_a_run_is_asked_for_and_stopped(asked: tuple[Client, CaseFile]) -> None:
    client, case = asked
    at = f"/api/v1/cases/{case.name}/runs"
    started = client.post(at)
    assert (started.status_code, started.json()["asked_by"]) == (202, "aoi")
    again = client.post(at)
    assert (again.status_code, again.headers["Content-Type"]) == (409, TYPE)
    assert client.post(f"{at}/cancel").json()["stand"] != started.json()["stand"]
    assert len(client.get(at).json()["runs"]) == 1


def test_a_case_without_anything_refuses_nothing_wrongly(tmp_path: Path) -> None:
    made, staff = create_case(tmp_path / "new", "Asia/Tokyo", lambda: 0), staff_named("aoi")
    name, client = casefile(made.folder, (staff, Role.LEAD)).name, program(token_of(staff))
    told = client.get(f"/api/v1/cases/{name}").json()
    assert (told["run"], told["unit"], told["reached"], told["unread_lines"]) == (None, None, None, None)
    for part in ("people", "exposures", "notices", "desk", "pictures/growth"):
        assert client.get(f"/api/v1/cases/{name}/{part}").status_code == 404, part
    for part in ("duties", "evidence", "runs", "ledger", "case-ledger", "retention"):
        assert client.get(f"/api/v1/cases/{name}/{part}").status_code == 200, part


def test_the_desk_tells_nothing_of_callers() -> None:
    opened, staff = desk(), staff_named("aoi")
    case = opened.campaign.case
    case.seats.create(staff=staff, role=Role.DESK, given_at=case.added_at)
    told = program(token_of(staff)).get(f"/api/v1/cases/{case.name}/desk")
    assert set(told.json()) == {"page", "last", "total", "is_open", "queues", "contacts"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/none", 404), ("GET", "/api/", 404), ("DELETE", "/api/v1/me", 405),
     ("GET", "/api/v1/cases/%00", 404)],
)  # fmt: skip
def test_what_is_no_operation_is_refused_alike(
    asked: tuple[Client, CaseFile], method: str, path: str, status: int
) -> None:
    answer = asked[0].generic(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, TYPE)
    assert answer.json()["status"] == status
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    asked: tuple[Client, CaseFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ashiato.web.api import routes  # noqa: PLC0415 - changed here

    def break_down(*_: object) -> None:
        raise RuntimeError("password of the database")

    monkeypatch.setattr(routes, "cases_of", break_down)
    answer = asked[0].get("/api/v1/cases")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, TYPE)
    assert "password" not in answer.content.decode()
