from __future__ import annotations

import pytest
from django.urls import reverse

from ashiato.engine.api import Case
from ashiato.rooms.cases.api import CaseFile, Role, give_role
from ashiato.rooms.notifying.api import close_gate, gate_named
from tests.rooms.notifying import scenes
from tests.web.console.scenes import NOW, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")


def test_waves_sums_and_gates_stand_on_the_page(investigated: Case) -> None:
    staff = staff_named("dan")
    made = scenes.campaign()
    CaseFile.objects.filter(pk=made.case.pk).update(folder=str(investigated.folder))
    made.case.refresh_from_db()
    give_role(made.case, staff, Role.COMMUNICATIONS, NOW)
    scenes.plan(made, [scenes.person(f"p{number}", "email") for number in range(3)])
    scenes.plan(made, [scenes.person("gone", "email", excluded="deceased")])
    scenes.release(made)
    close_gate(made, gate_named("hold"), staff, "asked by <b>the police</b>", NOW)
    page = signed_in(staff).get(reverse("notices", args=["case"])).content.decode()
    assert "every one of 4 people is somewhere" in page
    assert "not told: deceased" in page
    assert "approved" in page
    assert "asked by &lt;b&gt;the police" in page
    overview = signed_in(staff).get(reverse("overview", args=["case"])).content.decode()
    assert "1 gates hold the notices back" in overview
