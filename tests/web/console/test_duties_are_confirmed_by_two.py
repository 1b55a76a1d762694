"""Facts and outcome are confirmed by two different persons, of the very same facts; then why is kept."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, create_case, list_decisions, list_entries
from ashiato.rooms.accounts.api import LedgerEntry, find_break
from ashiato.rooms.cases.api import Role
from tests.web.console.scenes import casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
_FACTS = """\
case: "<b>Incident</b> 07"
zone: Asia/Tokyo
entries:
  - known: 2026-06-25T06:30:00+09:00
    sets: {law.JP: true, licence: insurer, role: own, unauthorised_access: true, leak: leak_possible,
           data.personal: true, data.individual_customers: true}
"""
_MORE = "  - known: 2026-07-13\n    sets: {leak: leak_confirmed}\n"
DAY = {"day": "2026-07-01"}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Case, Client, Client]:
    """A case with a diary, its lead and its privacy officer."""
    case = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)
    (case.folder / "facts.yaml").write_text(_FACTS)
    lead, privacy = staff_named("aoi"), staff_named("ben")
    casefile(case.folder, (lead, Role.LEAD), (privacy, Role.PRIVACY))
    return case, proven(lead), proven(privacy)


def _form(client: Client, **asked: str) -> dict[str, str]:
    """What the page's form sends."""
    page = client.get(reverse("duties", args=["case"]), asked).content.decode()
    return {
        name: unescape(value) for name, value in re.findall(r'name="(as_of|digest)" value="([^"]+)"', page)
    }


def _confirm(client: Client, form: dict[str, str], why: str) -> str:
    answer = client.post(reverse("confirm_duties", args=["case"]), {**form, "why": why}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_persons_make_a_decision_that_says_why_not(two: tuple[Case, Client, Client]) -> None:
    case, lead, privacy = two
    form = _form(lead, **DAY)
    assert "Say why" in _confirm(lead, form, "x")
    page = _confirm(lead, form, "<script>read</script> the facts")
    assert "1 of 2" in page
    assert "&lt;script&gt;read" in page
    assert _form(lead, **DAY) == {}, "the first is not asked again"
    assert "has confirmed this already" in _confirm(lead, form, "once more by me")
    assert list_decisions(case) == []
    assert "Decision 1 is kept" in _confirm(
        privacy, _form(privacy, day=form["as_of"]), "checked with counsel"
    )
    (kept,) = list_decisions(case)
    decision = privacy.get(reverse("decision", args=["case", kept.number])).content.decode()
    assert "confirmed by aoi, ben" in decision
    assert "checked with counsel" in decision
    assert "What is not reported, and why" in decision
    assert "<b>Incident" not in decision
    assert "<script>read" not in decision
    actions = [entry["action"] for entry in list_entries(case.folder) if "duties" in entry["action"]]
    assert actions == ["duties confirmed", "duties confirmed", "duties decided"]
    verbs = (
        LedgerEntry.objects.filter(verb__startswith="duties").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == actions
    assert find_break() is None


def test_a_decision_that_could_not_be_kept_is_kept_at_the_next_try(
    two: tuple[Case, Client, Client],
) -> None:
    case, lead, privacy = two
    form = _form(lead, **DAY)
    _confirm(lead, form, "read the facts")
    (case.folder / "decisions").write_text("no folder can be made here")
    with pytest.raises(NotADirectoryError):
        _confirm(privacy, form, "checked with counsel")
    assert list_decisions(case) == []
    (case.folder / "decisions").unlink()
    assert _form(privacy, **DAY) == form, "what is not kept can be sent again"
    assert "Decision 1 is kept" in _confirm(privacy, form, "checked with counsel")
    third = staff_named("eve")
    casefile(case.folder, (third, Role.PRIVACY))
    assert "decided already" in _confirm(proven(third), form, "a third word")
    assert len(list_decisions(case)) == 1


def test_other_facts_are_another_assessment(two: tuple[Case, Client, Client]) -> None:
    case, lead, privacy = two
    form = _form(lead)
    _confirm(lead, form, "the facts of June")
    (case.folder / "facts.yaml").write_text(_FACTS + _MORE)
    assert "have changed since you looked" in _confirm(privacy, form, "the facts of June")
    later = _form(privacy)
    assert later["digest"] != form["digest"]
    assert "1 of 2" in _confirm(privacy, later, "the facts of July")
    assert list_decisions(case) == []


def test_what_is_no_moment_or_no_decision_is_not_there(two: tuple[Case, Client, Client]) -> None:
    _, lead, _ = two
    for as_of in ("never", "2026-07-01", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        given = {"as_of": as_of, "why": "a good reason"}
        assert lead.post(reverse("confirm_duties", args=["case"]), given).status_code == 404
    assert lead.get(reverse("decision", args=["case", 1])).status_code == 404


def test_who_only_reads_confirms_nothing(two: tuple[Case, Client, Client]) -> None:
    case, _, _ = two
    analyst = staff_named("eve")
    casefile(case.folder, (analyst, Role.ANALYST))
    assert _form(signed_in(analyst)) == {}
