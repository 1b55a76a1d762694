"""A record opens for its code and contact alone; buckets are alike whoever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.bundle.contacts import plain_contact
from ashiato.bundle.openings import (
    GRADES,
    Opening,
    bucket_of,
    opening_input,
    pack_grades,
    size_of,
    unpack_grades,
)
from ashiato.bundle.oprf import derive_key, output_of
from ashiato.bundle.records import Told, bits_for, closed_records, padded_buckets

_KEY = derive_key(bytes(32), b"test")


@given(st.lists(st.sampled_from(GRADES), max_size=90), st.integers(0, 400))
def test_grades_come_out_as_they_went_in(grades: list[int], edition: int) -> None:
    payload = pack_grades(edition, grades)
    assert [*unpack_grades(payload, len(grades))] == grades
    assert payload[0] == min(edition, 255)
    opening = Opening(bytes(64))
    assert len(opening.close(payload)) == size_of(len(grades))
    assert opening.open(opening.close(payload)) == payload


@given(st.integers(0, 31), st.integers(1, 255))
def test_one_changed_byte_opens_nothing(place: int, change: int) -> None:
    opening = Opening(bytes(64))
    record = bytearray(opening.close(pack_grades(1, [4, 3, 2, 0] * 11)))
    record[place] ^= change
    assert opening.open(bytes(record)) is None


def test_a_record_is_found_by_its_own_opening_alone() -> None:
    said = {f"{number:012}": [4, number % 2 * 3, 2] for number in range(40)}
    told = [
        Told(opening_input(code, "post:1600000"), pack_grades(1, grades)) for code, grades in said.items()
    ]
    size = size_of(3)
    held = b"".join(padded_buckets(closed_records(_KEY, told, 0), 0, size, bytes(32)))
    for code, grades in said.items():
        own = Opening(output_of(_KEY, opening_input(code, "post:1600000")))
        assert [*unpack_grades(own.find(held, size) or b"", 3)] == grades
        other = Opening(output_of(_KEY, opening_input(code, "post:1600001")))
        assert other.find(held, size) is None


def test_buckets_are_of_one_size_and_hold_whose_they_are() -> None:
    told = [
        Told(opening_input(f"{number:012}", "mail:a@example.jp"), pack_grades(1, [4]))
        for number in range(300)
    ]
    size = size_of(1)
    buckets = [*padded_buckets(closed_records(_KEY, told, 4), 4, size, bytes(32))]
    assert len(buckets) == 16
    assert len({len(each) for each in buckets}) == 1
    for each in told:
        own = Opening(output_of(_KEY, each.asked))
        assert own.find(buckets[bucket_of(each.asked, 4)], size) == each.payload
    assert len(
        {each[start : start + size] for each in buckets for start in range(0, len(each), size)}
    ) == sum(len(each) // size for each in buckets), "no filling is told by standing twice"


@pytest.mark.slow
def test_many_processes_close_what_one_does() -> None:
    told = [Told(b"%d" % number, pack_grades(1, [4])) for number in range(9_000)]
    assert closed_records(_KEY, told, 3, processes=2) == closed_records(_KEY, told, 3)


@pytest.mark.parametrize(
    ("people", "bits"), [(0, 0), (23, 0), (1_199, 0), (1_200, 1), (5_100_000, 13), (10**9, 13)]
)
def test_buckets_keep_a_crowd_in_each(people: int, bits: int) -> None:
    assert bits_for(people) == bits


def test_an_answer_for_five_million_is_below_25_kilobytes() -> None:
    assert 5_100_000 / 2 ** bits_for(5_100_000) * size_of(40) < 21_000


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Hanako@Example.JP ", "mail:hanako@example.jp"),
        ("ｈａｎａｋｏ＠example.jp", "mail:hanako@example.jp"),
        ("090-1234-5678", "phone:09012345678"),
        ("+81 90 1234 5678", "phone:09012345678"),
        ("０３（１２３４）５６７８", "phone:0312345678"),
        ("〒160-0000", "post:1600000"),
        ("1600000", "post:1600000"),
        ("", ""),
        ("160-000", ""),
        ("hanako@", ""),
        ("a b@example.jp", ""),
        ("hanako@example.jp\x00", ""),
        ("hanako\u202e@example.jp", ""),
        ("9" * 10_000, ""),
    ],
)
def test_a_contact_is_one_however_it_is_typed(typed: str, plain: str) -> None:
    assert plain_contact(typed) == plain


@given(st.text())
def test_any_text_is_a_contact_or_none_and_twice_the_same(typed: str) -> None:
    plain = plain_contact(typed)
    assert plain == "" or plain_contact(plain.partition(":")[2]) == plain
