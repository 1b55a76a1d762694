"""Whose values stand in a file: writings, namesakes, households, strangers, files nobody can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashiato.datamap.model import Objects
from ashiato.engine.exposures.objects.encodings import encoding_of
from tests.engine.exposures.objects.bucket import PEOPLE, Bucket, Get, Outcome
from tests.engine.exposures.objects.office import document

pytestmark = pytest.mark.first_quick


def _read(folder: Path, text: str | bytes, key: str = "x/list.csv", *places: Objects) -> Outcome:
    content = text if isinstance(text, bytes) else text.encode()
    return Bucket(folder, {key: content}, places).answer(Get(key))


@pytest.mark.slow
def test_a_telephone_of_a_household_is_whose_name_stands_there(tmp_path: Path) -> None:
    outcome = _read(tmp_path, "氏名,電話\n木下 花,039-716-9420\n石井勇,09043897538\n")
    assert outcome.grades() == {"C2003": 4, "C2001": 4}


@pytest.mark.slow
def test_namesakes_are_all_possible_and_never_merged(tmp_path: Path) -> None:
    outcome = _read(tmp_path, "氏名,点\n佐藤 健,5\n石井 勇,6\n")
    assert (outcome.grades()["C2005"], outcome.grades()["C2006"]) == (2, 2)
    assert outcome.grades()["C2001"] == 3
    assert outcome.reasons() == {"whose"}


@pytest.mark.slow
def test_a_namesake_is_told_by_what_stands_beside(tmp_path: Path) -> None:
    outcome = _read(tmp_path, "氏名,生年月日\n佐藤 健,1988年9月9日\n石井 勇,S36.2.3\n")
    assert outcome.grades() == {"C2006": 4, "C2001": 4}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932", "euc_jp"])
def test_every_encoding_gives_the_same_people(tmp_path: Path, encoding: str) -> None:
    text = "契約者,ﾌﾘｶﾞﾅ,電話番号,備考\n" + "".join(
        f"{one['name'].replace('髙', '高')},{one['kana']},{one['phone']},年間契約の更新を確認した\n"
        for one in PEOPLE
    )
    outcome = _read(tmp_path, text.encode(encoding))
    assert outcome.grades() == {one["id"]: 4 for one in PEOPLE}
    assert "x/list.csv.備考" in outcome.reached()["C2001"]


@pytest.mark.slow
def test_writings_of_names_and_numbers_are_one(tmp_path: Path) -> None:
    outcome = _read(
        tmp_path, "名義,TEL\nﾀｶﾊｼ ﾒｸﾞﾐ,０８０－１１１１－２２２２\nいしい　いさむ,+81 90-4389-7538\n"
    )
    assert outcome.grades() == {"C2004": 4, "C2001": 4}


@pytest.mark.slow
def test_json_speaks_of_one_person_an_element(tmp_path: Path) -> None:
    people = [{"who": {"id": one["id"], "tel": one["phone"]}, "pets": [{"n": "a"}]} for one in PEOPLE]
    for name, text in (("list.json", json.dumps({"batch": 7, "people": people})),
                       ("lines.json", "\n".join(json.dumps(each) for each in people))):  # fmt: skip
        outcome = _read(tmp_path / name, text, f"x/{name}")
        assert outcome.grades() == {one["id"]: 4 for one in PEOPLE}
        assert any(field.endswith("pets.n") for field in outcome.reached()["C2002"])
        assert not any(field.endswith("batch") for field in outcome.reached()["C2002"])


@pytest.mark.slow
def test_running_text_names_people(tmp_path: Path) -> None:
    text = "契約者 石井 勇 様\n電話 090-4389-7538\n\n担当より髙橋恵さま(megumi@example.jp)へ連絡した。\n"
    outcome = _read(tmp_path, text, "memo.txt")
    assert outcome.grades() == {"C2001": 4, "C2004": 4}
    assert _read(tmp_path / "none", "手順を確認する。\n佐渡の天気\n", "memo.txt").reached() == {}


@pytest.mark.slow
def test_a_person_no_table_holds_is_a_record(tmp_path: Path) -> None:
    outcome = _read(tmp_path, "氏名,電話\n石井 勇,090-4389-7538\n海野 渚,090-0000-1111\n")
    table = "share/x/list.csv"
    assert outcome.reached(table) == {"3": {"people.name": (4, None), "people.phone": (4, None)}}
    assert outcome.reasons() == {"not-in-master"}
    assert (table, "3") in outcome.store.rows("SELECT table_name, record_key FROM master")


@pytest.mark.slow
def test_short_numbers_count_under_a_known_header_only(tmp_path: Path) -> None:
    people = [{**one, "id": str(number)} for number, one in enumerate(PEOPLE, start=1)]
    counts = Bucket(tmp_path / "counts", {"a.csv": b"day,visits\n1,2\n2,3\n9,77\n8,90\n"}, (), people)
    assert counts.answer(Get("a.csv")).reached() == {}
    place = Objects("a.csv", columns={"Kundennr": "people.id"})
    told = Bucket(tmp_path / "told", {"a.csv": b"Kundennr,visits\n1,2\n4,3\n"}, (place,), people)
    assert set(told.answer(Get("a.csv")).reached()) == {"1", "4"}


@pytest.mark.slow
def test_unreadable_files_hold_whom_their_place_says(tmp_path: Path) -> None:
    secret = b"\x00\x01\x02" * 300
    held = Bucket(tmp_path / "held", {"b/one.bin": secret}, (Objects("b/*", holds=("people",)),))
    outcome = held.answer(Get("b/one.bin"))
    assert outcome.grades() == {one["id"]: 2 for one in PEOPLE}
    assert outcome.objects() == {"b/one.bin": ("whole", "not read: binary")}
    nobody = Bucket(tmp_path / "nobody", {"b/one.bin": secret}, (Objects("b/*", holds=()),))
    assert nobody.answer(Get("b/one.bin")).reached() == {}
    plain = f"氏名,電話\n{PEOPLE[0]['name']},{PEOPLE[0]['phone']}\n".encode()
    alike = Bucket(tmp_path / "alike", {"c/1.csv": plain, "c/2.csv": secret})
    assert set(alike.answer(Get("c/1.csv"), Get("c/2.csv")).grades().values()) == {2, 4}


@pytest.mark.slow
def test_an_object_without_a_copy_is_reported(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path, {}, (Objects("b/*", holds=("people",)),)).answer(Get("b/x", 200, 89, size=89))
    assert outcome.objects() == {"b/x": ("whole", "not read: no-copy")}
    assert outcome.grades() == {one["id"]: 2 for one in PEOPLE}
    assert outcome.store.rows("SELECT reason FROM limits WHERE params LIKE '%no-copy%'") == [
        ("non-sql-path",)
    ]


def _many(number: int) -> list[dict[str, str]]:
    """People whose names and places overlap as those of a country do, each with a telephone of their own."""
    families, towns = ("佐藤", "鈴木", "高橋", "田中", "原"), "北南東西"
    givens = [
        f"{one}{other}"
        for one in "健花勇恵楽陽"
        for other in ("", "子", "太", "おる", "一", "人", "美", "介")
    ]
    return [
        {
            "id": f"C{each:04}",
            "family_name": families[each * 7 % 5],
            "given_name": givens[each * 11 % 48],
            "phone": f"090-{each:04}-{each * 7919 % 10_000:04}",
            "pref": ("東京都", "千葉県")[each % 2],
            "city": f"{towns[each % 4]}区",
            "street": f"{towns[each % 3]}台{each % 9 + 1}丁目{each + 1}-{each * 13 % 30}",
        }
        for each in range(number)
    ]


def _line(one: dict[str, str]) -> str:
    name = f"{one['family_name']}\u3000{one['given_name']}"
    return f"{name} {one['phone']} {one['pref']}{one['city']}{one['street']}"


def _read_of(folder: Path, people: list[dict[str, str]], key: str, content: bytes) -> Outcome:
    return Bucket(folder, {key: content}, people=people).answer(Get(key))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_each_line_of_a_long_list_is_its_own_persons(tmp_path: Path, kind: str) -> None:
    people = _many(300)
    named = people[20:60]
    lines = [_line(one) for one in named]
    content = "\n".join(lines).encode() if kind == "txt" else document(lines)
    outcome = _read_of(tmp_path, people, f"x/list.{kind}", content)
    assert {key for key, grade in outcome.grades().items() if grade == 4} >= {one["id"] for one in named}
    fields = {f"people.{name}" for name in named[0]} - {"people.id"}
    reached = outcome.reached()
    assert all(fields <= reached[one["id"]].keys() for one in named)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_a_name_within_another_is_nobodys(tmp_path: Path, kind: str) -> None:
    people = _many(60)
    for one, family, given in zip(
        people, ("馬場", "馬場", "山岡", "岡"), ("潔美", "潔", "風奈", "風奈"), strict=False
    ):
        one |= {"family_name": family, "given_name": given}
    lines = [f"{_line(people[0])}\n", f"{_line(people[2])}\n"] * 2
    content = "".join(lines).encode() if kind == "txt" else document(lines)
    outcome = _read_of(tmp_path, people, f"x/list.{kind}", content)
    assert {key for key, grade in outcome.grades().items() if grade == 4} == {"C0000", "C0002"}
    assert not outcome.grades().keys() & {"C0001", "C0003"}


@pytest.mark.slow
def test_namesakes_are_all_possible_however_many_they_are(tmp_path: Path) -> None:
    others = [{**one, "given_name": chr(0x4E8C + number)} for number, one in enumerate(_many(1_500))]
    for one in others[:310]:
        one |= {"family_name": "架空", "given_name": "多数"}
    for one in others[310:340]:
        one |= {"family_name": "架空", "given_name": "少数"}
    outcome = _read_of(tmp_path, others, "x/names.csv", "氏名\n架空 少数\n架空 多数\n".encode())
    assert outcome.grades() == {one["id"]: 2 for one in others[:340]}
    assert outcome.reasons() == {"whose"}
    known, line = others[340], f"架空 多数 様の件: {_line(others[340])}\n"
    beside = _read_of(tmp_path / "beside", others, "x/memo.txt", line.encode())
    assert beside.grades() == {known["id"]: 4} | {one["id"]: 2 for one in others[:310]}


@pytest.mark.slow
def test_an_address_of_three_columns_is_each_of_them(tmp_path: Path) -> None:
    people = _many(40)
    rows = "".join(f"{one['phone']},{one['pref']} {one['city']}{one['street']}\n" for one in people[:9])
    outcome = _read_of(tmp_path, people, "x/post.csv", f"電話,住所\n{rows}".encode())
    wanted = {f"people.{name}" for name in ("phone", "pref", "city", "street")}
    assert {key: set(fields) for key, fields in outcome.reached().items()} == {
        one["id"]: wanted for one in people[:9]
    }


@pytest.mark.slow
def test_names_in_half_width_kana_are_no_accents(tmp_path: Path) -> None:
    halves = {"C2001": "ｲｼｲ ｲｻﾑ", "C2004": "ﾀｶﾊｼ ﾒｸﾞﾐ", "C2005": "ｻﾄｳ ｹﾝ"}
    phones = {one["id"]: one["phone"].replace("-", "") for one in PEOPLE}
    text = "カナ,TEL,備考\n" + "".join(f"{kana},{phones[key]},済\n" for key, kana in halves.items())
    outcome = _read(tmp_path, text.encode("cp932"))
    assert {key for key, fields in outcome.reached().items() if "people.kana" in fields} == halves.keys()


def test_accents_one_by_one_are_no_kana() -> None:
    assert encoding_of("NAME;STRASSE\nJÜRGEN GRÖß;ÄSTRASSE 5\n".encode("latin-1")) == "latin-1"
    assert encoding_of("ｺﾈｸﾀ,ｹｰﾌﾞﾙ\n".encode("cp932")) == "cp932"
