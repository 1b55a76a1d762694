"""What messages were made from goes after its time; who was told what, when and by whom stays."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, find_break, get_program, get_staff
from ashiato.rooms.cases.api import make_key
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.services.changing import Change
from ashiato.terms.errors import ServerError
from tests.rooms.notifying.scenes import AT, addressed, campaign, hand_all, person, plan, release

_LATER = AT + timedelta(days=190)
_PEOPLE = [
    addressed("aoi"),
    addressed("ben", "letter", "email"),
    person("dai"),
    person("emi", excluded="deceased"),
]


@pytest.fixture
def made(database: Path) -> Campaign:
    """Two told by letter, one in the middle of it, one for whom a publication waits, one left out."""
    assert database.exists()
    found = campaign()
    make_key(found.key_name)
    found.matter = api.read_matter(Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml")
    found.save()
    plan(found, _PEOPLE)
    release(found)
    hand_all(found)
    plan(found, [*_PEOPLE, addressed("chie")])
    api.settle(found, AT + timedelta(days=8))
    return found


def test_contents_go_when_their_time_is_over(made: Campaign) -> None:
    before = _proofs(made)
    aoi = get_staff("aoi")
    assert api.expire(made, aoi, AT + timedelta(days=187)) == 1
    assert api.expire(made, aoi, AT + timedelta(days=189)) == 2
    assert api.expire(made, aoi, AT + timedelta(days=190)) == 0
    kept = PersonInScope.objects.filter(campaign=made, erased_at=None)
    assert {each.answer for each in kept} == {
        each.person.answer for each in Notice.objects.filter(campaign=made, state="planned")
    }
    assert all(bytes(each.told) == b"" for each in PersonInScope.objects.exclude(erased_at=None))
    assert _proofs(made) == before
    assert api.closing_sum(made).holds
    assert LedgerEntry.objects.filter(verb="erased contents").count() == 2
    assert find_break() is None


def test_the_file_holds_them_no_more(made: Campaign, database: Path) -> None:
    locked = {each.pk: bytes(each.told)[12:60] for each in PersonInScope.objects.all()}
    api.expire(made, get_program(), _LATER)
    held = b"".join(path.read_bytes() for path in database.parent.glob("server.sqlite3*"))
    erased = set(PersonInScope.objects.exclude(erased_at=None).values_list("pk", flat=True))
    assert len(erased) == 3
    assert {person for person, part in locked.items() if part not in held} == erased


def test_whom_no_channel_reached_keeps_theirs(made: Campaign) -> None:
    Campaign.objects.filter(pk=made.pk).update(publishes=False)
    back = Notice.objects.get(person__channels="letter", state="delivered")
    assert api.record_receipt(api.Report("late", back.reference, api.State.RETURNED), AT + timedelta(days=9))
    made.refresh_from_db()
    assert api.expire(made, get_program(), _LATER + timedelta(days=30)) == 2
    assert PersonInScope.objects.get(pk=back.person_id).erased_at is None


def test_a_letter_that_comes_back_after_all_leads_to_a_publication(made: Campaign) -> None:
    api.expire(made, get_program(), _LATER)
    back = Notice.objects.get(person__channels="letter,email")
    report = api.Report("late", back.reference, api.State.RETURNED)
    assert api.record_receipt(report, _LATER + timedelta(days=1))
    current = Notice.objects.get(person=back.person, is_current=True)
    assert (current.channel, current.state) == ("publication", "planned")
    assert api.closing_sum(made).holds


def test_a_run_that_says_the_same_again_tells_nobody_anew(made: Campaign) -> None:
    api.expire(made, get_program(), _LATER)
    tally = plan(made, [*_PEOPLE, addressed("chie")], 3).tally
    assert {str(change) for change, count in tally.counts.items() if count} == {"unchanged"}
    with pytest.raises(ServerError, match="erased"):
        message_to(made, "aoi")
    aoi = person("aoi", "letter", words="premium")
    changed = plan(made, [aoi, *_PEOPLE[1:], addressed("chie")], 4)
    assert changed.tally.counts[Change.FOLLOWED_UP] == 1
    assert PersonInScope.objects.get(channels="letter", run=4, edition=2).erased_at is None


def test_a_persons_history_says_all_but_the_words(made: Campaign) -> None:
    told = api.history_of(made, "aoi")
    (notice,) = told["notices"]
    assert [move["new"] for move in notice["moves"]] == ["planned", "claimed", "handed", "delivered"]
    assert len(notice["content_sha256"]) == 64
    assert notice["wave"] == 1
    whole = json.dumps(told, ensure_ascii=False)
    assert not [word for word in ("架空", "hanako", "090-1234", "お名前", "aoi") if word in whole]
    with pytest.raises(ServerError, match="nobody of this campaign"):
        api.history_of(made, "zoe")


def message_to(found: Campaign, name: str) -> object:
    """What somebody would be told now."""
    return api.Composer(found, ZoneInfo("Asia/Tokyo")).message(api.find_notice(found, name), AT)


def _proofs(found: Campaign) -> list[tuple[object, ...]]:
    rows = Notice.objects.filter(campaign=found).order_by("pk")
    return list(rows.values_list("reference", "code", "state", "answer", "content_digest", "moved_at"))
