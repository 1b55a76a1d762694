"""Whether two records are one person, and whether a line is the intruder's: said with a reason, kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import Case, list_entries, list_verdicts, read_pins
from ashiato.rooms.accounts.api import LedgerEntry, find_break
from ashiato.rooms.cases.api import Role
from tests.cli.sample_case import PERSONS, make_case
from tests.web.console.scenes import REVIEWS, casefile, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
#: The small case's one log, as the evidence names it.
LOG = "access.log"
WHY = "<script>1</script> same telephone"


@dataclass(frozen=True)
class Analyst:
    """Somebody at work on a case."""

    client: Client
    case: Case

    def address(self, page: str) -> str:
        """Where a page of the case is."""
        return reverse(page, args=["case"])

    def get(self, page: str, **asked: str) -> str:
        """What a page says."""
        answer = self.client.get(self.address(page), asked)
        assert answer.status_code == 200
        return answer.content.decode()

    def send(self, page: str, **given: str) -> str:
        """Send a form; what the page says after it, with nothing hostile on it."""
        answer = self.client.post(self.address(page), given, follow=True)
        assert answer.status_code == 200
        assert "<script>1" not in answer.content.decode()
        return answer.content.decode()


@pytest.fixture
def analyst(tmp_path: Path) -> Analyst:
    """Aoi, analyst of a case with two pairs to decide."""
    case = make_case(tmp_path, {**PERSONS, "match_reviews": REVIEWS})
    staff = staff_named("aoi")
    casefile(case.folder, (staff, Role.ANALYST))
    return Analyst(signed_in(staff), case)


def test_the_queue_says_why_and_shows_no_value(analyst: Analyst) -> None:
    page = analyst.get("reviews")
    assert "2 wait for a decision" in page
    assert page.index("pair-a") < page.index("pair-b")
    assert "name not comparable" in page
    assert "3&lt;b&gt;" in page
    masked = analyst.get("pair", id="pair-a")
    assert not [value for value in ("Aoi Mori", "aoi@shop.example", "Ben") if value in masked]
    refused = analyst.client.post(analyst.address("pair_unmasked"), {"id": "pair-a", "reason": "x"})
    assert (refused.status_code, b"Aoi Mori" in refused.content) == (400, False)
    before = len(list_entries(analyst.case.folder))
    whole = analyst.send("pair_unmasked", id="pair-a", reason="the telephone is the same")
    assert "Aoi Mori" in whole
    assert "Ben" in whole
    looks = list_entries(analyst.case.folder)[before:]
    assert [entry["action"] for entry in looks] == ["explain"] * 2
    verbs = LedgerEntry.objects.filter(verb__startswith="saw").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["saw masked", "saw masked", "saw unmasked"]


def test_a_decision_is_kept_for_the_next_run_and_opens_the_next_pair(analyst: Analyst) -> None:
    assert "Say why" in analyst.send("decide_pair", pair="pair-a", verdict="same", because=" ")
    assert "shop/members/3" in analyst.send("decide_pair", pair="pair-a", verdict="same", because=WHY)
    assert list_verdicts(analyst.case) == {"pair-a": "same"}
    analyst.send("decide_pair", pair="pair-a", verdict="different", because="they told us")
    assert list_verdicts(analyst.case) == {"pair-a": "different"}
    (kept, _) = list_entries(analyst.case.folder, "people decide")
    assert (kept["inputs"]["by"], kept["inputs"]["because"]) == ("aoi", WHY)
    entries = LedgerEntry.objects.filter(verb__startswith="decided").order_by("pk")
    assert [entry.verb for entry in entries] == ["decided pair same", "decided pair different"]
    assert "pair-a" not in str(list(entries.values()))
    assert "1 wait for a decision" in analyst.get("reviews")


def test_what_is_put_off_comes_last_and_is_no_decision(analyst: Analyst) -> None:
    page = analyst.send("decide_pair", pair="pair-a", verdict="later", because="ask the shop first")
    assert "shop/members/3" in page
    page = analyst.get("reviews")
    assert page.index("pair-b") < page.index("pair-a")
    assert "2 wait for a decision" in page
    assert list_verdicts(analyst.case) == {}


def test_pairs_and_words_that_are_none_are_not_there(analyst: Analyst) -> None:
    for given in ({"pair": "pair-z", "verdict": "same"}, {"pair": "pair-a", "verdict": "other"}):
        assert analyst.client.post(analyst.address("decide_pair"), given).status_code == 404
    assert analyst.client.get(analyst.address("pair"), {"id": "pair-z"}).status_code == 404
    pinned = {"place": f"{LOG}:1", "verdict": "other", "because": "a good reason"}
    assert analyst.client.post(analyst.address("pin"), pinned).status_code == 404


def test_a_line_is_pinned_and_taken_back_with_reasons(analyst: Analyst) -> None:
    given = {"place": f"{LOG}:2", "verdict": "honest"}
    assert "Say why" in analyst.send("pin", **given, because="")
    page = analyst.send("pin", **given, because=WHY)
    assert "1 events" in page
    assert "have changed since this answer" in page
    (kept,) = read_pins(analyst.case.folder)
    assert (kept.place, kept.verdict, kept.analyst, kept.because) == (*given.values(), "aoi", WHY)
    assert "there is no such line" in analyst.send("pin", **{**given, "place": f"{LOG}:99"}, because=WHY)
    assert "no such file" in analyst.send("pin", **{**given, "place": "<script>1:2"}, because=WHY)
    assert "there is no pin here" in analyst.send("unpin", place=f"{LOG}:3", because=WHY)
    analyst.send("unpin", place=given["place"], because="it was ours after all")
    assert read_pins(analyst.case.folder) == ()
    entries = list_entries(analyst.case.folder)
    assert [entry["action"] for entry in entries if "pin" in entry["action"]] == ["pin", "unpin"]
    verbs = LedgerEntry.objects.filter(verb__contains="pin").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["pin", "unpin"]
    assert find_break() is None


def test_lines_held_hostile_lead_to_their_pin(analyst: Analyst) -> None:
    page = analyst.get("pins", place='"><script>1</script>')
    assert "<script>1" not in page
    assert f">{LOG}:1<" in page


def test_who_only_reads_is_offered_nothing_to_decide(analyst: Analyst) -> None:
    auditor = staff_named("eve")
    casefile(analyst.case.folder, (auditor, Role.AUDITOR))
    reader = Analyst(signed_in(auditor), analyst.case)
    for page, asked in (("pair", {"id": "pair-a"}), ("pins", {}), ("reviews", {})):
        told = reader.get(page, **asked)
        assert "/decide/" not in told
        assert "/pin/" not in told
        assert "/unmasked/" not in told
