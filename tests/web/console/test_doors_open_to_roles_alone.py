"""Every page is asked for as every role, of one's own case and of another's, and by nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.accounts.api import LedgerEntry, add_staff
from ashiato.rooms.cases.api import MAY, Role, take_role
from ashiato.web.console.doors import DOORS, LIBRARY_DOORS, Door
from tests.web.console.scenes import NOW, casefile, signed_in, staff_named
from tests.web.test_every_page_has_a_door import pages

pytestmark = pytest.mark.usefixtures("database")
#: Pages of our own by name: who may open each, and what its address has to name.
OWN = {str(page.name): DOORS[page.callback] for page in pages() if page.callback in DOORS}
NAMES = {str(page.name): {*page.pattern.converters} for page in pages()}
OF_CASES = [name for name, door in OWN.items() if not isinstance(door, Door)]
#: What stands in an address beside the case; each names something that is not there.
BLANKS = {"case": "none", "name": "timeline", "number": "1", "kind": "none", "ending": "pdf"}


def _address(name: str, **known: str) -> str:
    wanted = NAMES[name] | ({"case"} if name in OF_CASES else set())
    return reverse(name, kwargs={each: {**BLANKS, **known}[each] for each in wanted})


#: One role at every door is quick; all the others take some seconds.
_ROLES = [
    Role.DESK,
    *(pytest.param(role, marks=pytest.mark.slow) for role in Role if role is not Role.DESK),
]


@pytest.mark.parametrize("role", _ROLES)
def test_a_role_opens_what_the_map_says(role: Role, investigated: Case) -> None:
    staff = staff_named("aoi")
    case = casefile(investigated.folder, (staff, role))
    client = signed_in(staff)
    answered = {page: client.get(_address(page, case=case.name)).status_code for page in OF_CASES}
    refused = {page for page, status in answered.items() if status == 403}
    assert refused == {page for page in OF_CASES if OWN[page] not in set(MAY[role])}
    assert {page: status for page, status in answered.items() if status >= 500} == {}


def test_a_case_of_others_is_not_there(investigated: Case, tmp_path: Path) -> None:
    own, other = staff_named("aoi"), staff_named("ben")
    casefile(tmp_path / "own", (own, Role.LEAD))
    case = casefile(investigated.folder, (other, Role.LEAD))
    client = signed_in(own)
    for page in OF_CASES:
        theirs, nowhere = (client.get(_address(page, case=name)) for name in (case.name, "none"))
        assert theirs.status_code == nowhere.status_code == 404, page
        assert _told(theirs.content, case.name) == _told(nowhere.content, "none"), page
        assert client.post(_address(page, case=case.name)).status_code == 404, page


def _told(content: bytes, name: str) -> str:
    """What a page says, without its own address and the form's token of this answer."""
    said = content.decode().replace(f"/cases/{name}/", "/cases/-/")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", said)


def test_nobody_comes_in_unsigned() -> None:
    for page, door in OWN.items():
        answer = signed_in(None).get(_address(page))
        if door is Door.PUBLIC:
            assert answer.status_code == 200, page
        else:
            assert answer.headers["Location"].startswith("/account/login/"), page


def test_a_password_alone_opens_nothing(investigated: Case) -> None:
    fresh, known = add_staff("aoi"), staff_named("ben")
    case = casefile(investigated.folder, (fresh, Role.LEAD), (known, Role.LEAD))
    for page in [name for name, door in OWN.items() if door is not Door.PUBLIC]:
        address = _address(page, case=case.name)
        to_set_up = signed_in(fresh, with_factor=False).get(address)
        to_sign_in = signed_in(known, with_factor=False)
        assert to_set_up.headers["Location"] == reverse("mfa_activate_totp"), page
        assert to_sign_in.get(address).headers["Location"] == reverse("account_login"), page
        assert "_auth_user_id" not in to_sign_in.session, page


def test_library_pages_of_staff_open_to_staff_alone() -> None:
    for name, door in LIBRARY_DOORS.items():
        if door is Door.STAFF:
            named = {"pk": 1} if name in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else {}
            answer = signed_in(None).get(reverse(name, kwargs=named))
            assert answer.status_code in {302, 403}, name
            assert answer.headers["Location"].startswith("/account/login/"), name


def test_a_role_taken_back_shuts_the_door(investigated: Case) -> None:
    staff = staff_named("aoi")
    case = casefile(investigated.folder, (staff, Role.AUDITOR))
    client: Client = signed_in(staff)
    assert client.get(reverse("overview", args=[case.name])).status_code == 200
    assert take_role(case, staff, Role.AUDITOR, NOW)
    assert client.get(reverse("overview", args=[case.name])).status_code == 404
    kept = LedgerEntry.objects.order_by("pk")
    assert [entry.verb for entry in kept] == ["role given", "role taken back"]
    assert {(entry.staff.name, entry.why) for entry in kept} == {("ashiato", staff.name)}
