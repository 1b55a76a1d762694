"""Property: of people planned together, each one's message by every channel holds no value of another's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.exports.words import Language
from ashiato.rooms.cases.api import make_key
from ashiato.rooms.notifying import api
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.scope import PersonFound
from tests.letters.notices.sheets import texts
from tests.rooms.notifying.scenes import AT, campaign, plan
from tests.rooms.server import fresh_sqlite

pytestmark = pytest.mark.slow

_MATTER = Path(__file__).parents[3] / "examples" / "pet-insurer" / "notices.yaml"
_RUNS = count(1)
_CHANNEL = st.sampled_from(["letter", "email", "sms", "call"])
_KIND = st.sampled_from(["identity", "card", "medical"])
_FIELDS = st.lists(st.tuples(st.integers(2, 4), _KIND), min_size=1, max_size=3)
_PERSON = st.tuples(_CHANNEL, st.sampled_from(["ja", "en"]), _FIELDS, st.booleans())
_PEOPLE = st.lists(_PERSON, min_size=2, max_size=5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with fresh_sqlite(tmp_path_factory.mktemp("many")):
        found = campaign()
        make_key(found.key_name)
        found.matter = api.read_matter(_MATTER)
        found.save()
        yield found


_Drawn = tuple[str, str, list[tuple[int, str]], bool]


@settings(max_examples=12, deadline=None)
@given(people=_PEOPLE)
def test_no_message_holds_a_value_of_anybody_else(made: Campaign, people: list[_Drawn]) -> None:
    run = next(_RUNS)
    found = [_person(f"r{run}n{number}", each) for number, each in enumerate(people)]
    plan(made, found, run)
    composer = api.Composer(made, ZoneInfo("Asia/Tokyo"))
    codes = dict(Notice.objects.filter(person__run=run).values_list("reference", "code"))
    for each in found:
        notice = api.find_notice(made, each.person_id)
        text = _said(composer, notice)
        others = {value for other in found if other is not each for value in _values(other)}
        others |= {code for reference, code in codes.items() if reference != notice.reference}
        assert not [value for value in others if value in text]
        if notice.channel != "sms":
            assert all(label in text for label in _labels(each))


def _person(key: str, drawn: _Drawn) -> PersonFound:
    channel, language, fields, guarded = drawn
    return PersonFound(
        person_id=key,
        grade=4,
        fields=tuple(
            {"ja": f"欄{key}の{place}番", "en": f"Field {key} no {place}", "grade": grade, "category": kind}
            for place, (grade, kind) in enumerate(fields)
        ),
        contact={
            "name": f"試験{key}",
            "kana": f"カナ{key}",
            "post_code": "160-0000",
            "lines": [f"東京都架空{key}町"],
            "email": f"{key}@example.jp",
            "phone": f"090-1234-{int(key[-1]):04}",
            "guardian": guarded,
            "guardian_name": f"親{key}" if guarded else "",
            "company": False,
        },
        channels=(channel,),
        language=language,
    )


def _values(found: PersonFound) -> set[str]:
    """Everything that is somebody's own."""
    held = found.contact
    names = {held["name"], held["kana"], held["email"], held["phone"], *held["lines"], held["guardian_name"]}
    return {*filter(None, names), *_labels(found)}


def _labels(found: PersonFound) -> set[str]:
    return {str(field[found.language]) for field in found.fields}


def _said(composer: api.Composer, notice: Notice) -> str:
    """All that leaves the house to one person: as text, and as mail, short message or sheets."""
    message = composer.message(notice, AT)
    whole = [message.subject, message.text, message.html]
    if notice.channel == "email":
        mail = composer.mail(notice, AT)
        whole += [mail.to.address, mail.subject, mail.text, mail.html]
    if notice.channel == "sms":
        whole.append(composer.sms(notice, AT).text)
    if notice.channel == "letter":
        house, language = composer.house(composer.house_name(notice)), Language(notice.person.language)
        whole += texts(api.letter_of(composer.matter(notice, AT), house, api.Printing(language)))
    return "\n".join(whole)
