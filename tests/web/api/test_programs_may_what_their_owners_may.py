"""Every operation is asked for as every role, with every scope, of one's own case and of another's."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import ApiToken, LedgerEntry, Staff, end_tokens, find_break, find_token
from ashiato.rooms.cases.api import MAY, Permission, Role, take_role
from ashiato.web.api.bearers import MOST_GUESSES, SCOPES
from ashiato.web.api.problems import TYPE
from ashiato.web.api.routes import api
from ashiato.web.links import shut_out
from tests.web.api.programs import now, program, token_of
from tests.web.console.scenes import NOW, casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
_PERSON = "shop/members/1"


def _operations() -> list[tuple[str, str, Permission | None]]:
    """Every operation of the document: its method, its address, what it asks for (None: of no case)."""
    return [
        (method.upper(), path, SCOPES.get(said.get("x-scope", "")))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, said in operations.items()
    ]


OF_CASES = [(method, path, needs) for method, path, needs in _operations() if needs is not None]


def _ask(client: Client, method: str, path: str, case: str) -> Any:
    address = path.replace("{case}", case).replace("{name}", "growth")
    if address.endswith("/person") and method == "GET":
        address += f"?id={_PERSON}"
    body = json.dumps({"id": _PERSON, "reason": "call of Dan, desk 4711"})
    return client.generic(method, address, body, content_type="application/json")


def test_all_that_the_console_lets_see_is_there() -> None:
    told = {needs for _, _, needs in OF_CASES}
    assert {each for each in Permission if each.name.startswith("SEE_")} <= told
    assert set(SCOPES.values()) == told


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_map_says(role: Role, investigated: Case) -> None:
    staff = staff_named("aoi")
    name, client = casefile(investigated.folder, (staff, role)).name, program(token_of(staff))
    for method, path, needs in OF_CASES:
        status = _ask(client, method, path, name).status_code
        assert (status == 403) == (needs not in set(MAY[role])), (method, path)
        assert status < 500, (method, path)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_narrows_what_a_role_may(scope: str, investigated: Case) -> None:
    staff = staff_named("aoi")
    name = casefile(investigated.folder, (staff, Role.LEAD)).name
    client = program(token_of(staff, scope))
    for method, path, needs in OF_CASES:
        status = _ask(client, method, path, name).status_code
        assert (status == 403) == (needs != SCOPES[scope]), (method, path)


def test_a_case_of_others_is_not_there(investigated: Case, tmp_path: Path) -> None:
    own, other = staff_named("aoi"), staff_named("ben")
    casefile(tmp_path / "own", (own, Role.LEAD))
    theirs, client = casefile(investigated.folder, (other, Role.LEAD)).name, program(token_of(own))
    for method, path, _ in OF_CASES:
        answers = [_ask(client, method, path, case) for case in (theirs, "none")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
    cases = client.get("/api/v1/cases").json()
    assert [case["name"] for case in cases["cases"]] == ["own"]


def test_nobody_comes_in_without_a_token_that_holds(investigated: Case) -> None:
    staff = staff_named("aoi")
    case = casefile(investigated.folder, (staff, Role.LEAD)).name
    token = token_of(staff)
    wrong = (token[:-1], token + "x", token.swapcase(), "", "ashiato_", token.partition("_")[2], "\x00")
    for bad in wrong:
        cache.clear()
        answer = _ask(program(bad), "GET", "/api/v1/cases/{case}", case)
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, TYPE), bad
        assert "Bearer" in answer.headers["WWW-Authenticate"]
    # A session of the console opens nothing here: what a browser sends by itself is no token.
    assert signed_in(staff).get(f"/api/v1/cases/{case}").status_code == 401


def test_a_token_ends_in_every_way_it_can(investigated: Case) -> None:
    staff, lead = staff_named("aoi"), staff_named("ben")
    case = casefile(investigated.folder, (staff, Role.LEAD), (lead, Role.LEAD))
    first, second = token_of(staff), token_of(staff)
    assert _status(first, case.name) == 200
    assert end_tokens(ApiToken.objects.filter(staff=staff, prefix=first.split("_")[1]), staff, NOW) == 1
    assert (_status(first, case.name), _status(second, case.name)) == (401, 200)
    ApiToken.objects.filter(prefix=second.split("_")[1]).update(expires_at=now())
    assert _status(second, case.name) == 401
    third = token_of(staff)
    take_role(case, staff, Role.LEAD, NOW)
    assert _status(third, case.name) == 404
    shut_out(staff, NOW)
    assert _status(third, case.name) == 401
    verbs = [entry.verb for entry in LedgerEntry.objects.filter(verb__startswith="token").order_by("pk")]
    assert verbs == ["token made"] * 2 + ["token ended", "token made", "token ended", "token ended"]
    assert find_break() is None


def _status(token: str, case: str) -> int:
    return program(token).get(f"/api/v1/cases/{case}").status_code


def test_nothing_that_is_kept_opens_anything() -> None:
    staff = staff_named("aoi")
    token = token_of(staff)
    kept = ApiToken.objects.get()
    secret = token.split("_", 2)[2]
    assert secret not in json.dumps([str(value) for value in vars(kept).values()])
    assert not any(secret in entry.why + entry.about for entry in LedgerEntry.objects.all())
    assert find_token(f"ashiato_{kept.prefix}_{kept.digest}", now()) is None
    assert find_token(token, now()) == kept
    assert find_token(token, now() + timedelta(days=2)) is None


def test_floods_and_guesses_are_slowed_down(investigated: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings  # noqa: PLC0415 - ready only once started

    monkeypatch.setattr(settings, "API_A_MINUTE", 3)
    staff: Staff = staff_named("aoi")
    case, token = casefile(investigated.folder, (staff, Role.LEAD)).name, token_of(staff)
    statuses = [_status(token, case) for _ in range(8)]
    assert statuses.count(429) >= 2
    assert statuses[0] == 200
    refused = program(token).get("/api/v1/me")
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, TYPE)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    cache.clear()
    guessed = [_status("ashiato_000000000000_x", case) for _ in range(2 * MOST_GUESSES + 2)]
    assert guessed[0] == 401
    assert guessed[-1] == 429
    # Whoever has one is not shut out by a neighbour who guesses.
    assert _status(token_of(staff), case) == 200


@pytest.mark.slow
def test_a_token_ends_with_a_password_or_a_second_factor() -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415 - ready once started

    staff = staff_named("aoi")
    staff.set_password("correct horse battery staple")
    staff.save()
    first = token_of(staff)
    assert program(first).get("/api/v1/me").status_code == 200
    TOTP.activate(staff, generate_totp_secret())
    assert program(first).get("/api/v1/me").status_code == 200
    assert proven(staff).post(reverse("mfa_deactivate_totp")).status_code == 302
    assert program(first).get("/api/v1/me").status_code == 401
    second = token_of(staff)
    words = {"oldpassword": "correct horse battery staple"}
    words |= dict.fromkeys(("password1", "password2"), "another horse battery staple")
    assert proven(staff).post(reverse("account_change_password"), words).status_code == 302
    assert program(second).get("/api/v1/me").status_code == 401
    assert LedgerEntry.objects.filter(verb="token ended").count() == 2
