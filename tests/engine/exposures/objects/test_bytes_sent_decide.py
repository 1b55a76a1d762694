"""What lies in the bytes that went out is reached, and nothing else: wholes, ranges, cuts, refusals."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.objects.coverage import Asked, sent_of, stretches_of
from ashiato.engine.exposures.stretches import joined
from tests.engine.exposures.objects.bucket import PEOPLE, Bucket, Get
from tests.engine.exposures.objects.office import pdf, workbook, zipped

pytestmark = pytest.mark.first_quick

HEADER = "番号,氏名,電話\n"
LINES = [f"{one['id']},{one['name']},{one['phone']}\n" for one in PEOPLE]
LIST = (HEADER + "".join(LINES)).encode()
KEY = "lists/2026.csv"


def _place(text: str) -> int:
    return LIST.index(text.encode())


@pytest.mark.slow
def test_a_whole_object_reaches_all_in_it(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path, {KEY: LIST}).answer(Get(KEY))
    assert outcome.grades() == {one["id"]: 4 for one in PEOPLE}
    assert set(outcome.reached()["C2001"]) == {"people.id", "people.name", "people.phone"}
    assert outcome.objects() == {KEY: ("whole", "table")}


@pytest.mark.slow
def test_a_range_through_a_value_is_a_part(tmp_path: Path) -> None:
    first, last = _place("C2002"), _place("039-716-9420") + 3
    outcome = Bucket(tmp_path, {KEY: LIST}).answer(
        Get(KEY, 206, last - first + 1, range=f"bytes={first}-{last}", size=len(LIST))
    )
    assert outcome.reached() == {
        "C2002": {"people.id": (4, None), "people.name": (4, None), "people.phone": (4, "part")}
    }


def test_ranges_of_one_path_count_together(tmp_path: Path) -> None:
    half = _place("木下 隆") + 4
    outcome = Bucket(tmp_path, {KEY: LIST}).answer(
        Get(KEY, 206, half, range=f"bytes=0-{half - 1}"), Get(KEY, 206, 9999, range=f"bytes={half}-")
    )
    assert outcome.grades() == {one["id"]: 4 for one in PEOPLE}
    assert not [part for fields in outcome.reached().values() for _, part in fields.values() if part]


def test_a_cut_reply_reaches_its_beginning_only(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path, {KEY: LIST}).answer(Get(KEY, 200, _place("C2003")))
    assert sorted(outcome.reached()) == ["C2001", "C2002"]


@pytest.mark.slow
def test_a_range_no_log_tells_leaves_all_possible(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path, {KEY: LIST}).answer(Get(KEY, 206, 40))
    assert outcome.grades() == {one["id"]: 2 for one in PEOPLE}
    assert "truncated" in outcome.reasons()


@pytest.mark.slow
@pytest.mark.parametrize(
    "get",
    [
        Get(KEY, 403, 243), Get(KEY, 404, 290), Get(KEY, None, 0, error="AccessDenied"), Get(KEY, 304, 0),
        Get(KEY, 200, 0, activity="describe"), Get(KEY, 206, 0, range="bytes=0-9"), Get(KEY, hostile=False),
    ],
)  # fmt: skip
def test_refusals_and_heads_reach_nobody(tmp_path: Path, get: Get) -> None:
    assert Bucket(tmp_path, {KEY: LIST}).answer(get).reached() == {}


@pytest.mark.slow
def test_other_sizes_and_later_writes_are_drift(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path / "one", {KEY: LIST}).answer(Get(KEY, 200, 9000, size=9000))
    assert set(outcome.grades().values()) == {3}
    later = Get(KEY, 200, 0, activity="write", at_us=2_000, hostile=False)
    outcome = Bucket(tmp_path / "other", {KEY: LIST}).answer(Get(KEY), later)
    assert set(outcome.grades().values()) == {3}
    assert outcome.reasons() == {"drift"}


@pytest.mark.slow
def test_of_packed_objects_what_can_be_decoded(tmp_path: Path) -> None:
    packed = gzip.compress(LIST * 1 + b"x" * 5000, mtime=0)
    outcome = Bucket(tmp_path / "gz", {"a.csv.gz": packed}).answer(Get("a.csv.gz", 200, len(packed) // 2))
    assert "C2001" in outcome.reached()
    book = workbook([["氏名", "電話"], *([one["name"], one["phone"]] for one in PEOPLE)], shared=True)
    outcome = Bucket(tmp_path / "xlsx", {"a.xlsx": book}).answer(Get("a.xlsx", 206, 40, range="bytes=0-39"))
    assert outcome.reached() == {}
    held = zipped({"no.txt": b"nothing here", "inner/list.csv": LIST})
    outcome = Bucket(tmp_path / "zip", {"a.zip": held}).answer(Get("a.zip"))
    assert len(outcome.reached()) == len(PEOPLE)


@pytest.mark.slow
def test_a_pdf_sent_in_part_may_hold_each_value(tmp_path: Path) -> None:
    content = pdf([f"mail {one['mail']}" for one in PEOPLE[:3]])
    outcome = Bucket(tmp_path / "part", {"a.pdf": content}).answer(Get("a.pdf", 200, len(content) // 2))
    assert outcome.grades() == {"C2001": 2, "C2002": 2, "C2003": 2}
    assert Bucket(tmp_path / "all", {"a.pdf": content}).answer(Get("a.pdf")).grades()["C2001"] == 4


def test_a_download_through_the_web_counts(tmp_path: Path) -> None:
    outcome = Bucket(tmp_path, {"files/list.csv": LIST}).answer(
        Get("files/list.csv", kind="http"), Get("index.html", 200, 900, kind="http")
    )
    assert set(outcome.grades().values()) == {4}
    assert list(outcome.objects()) == ["files/list.csv"]


@given(st.integers(1, 60), st.integers(0, 70), st.integers(0, 70), st.integers(0, 80))
def test_bytes_are_those_a_server_sends(size: int, first: int, more: int, sent: int) -> None:
    asked = Asked(f"bytes={first}-{first + more}", 206, sent)
    wanted = [place for place in range(size) if first <= place <= first + more]
    known = {place for start, stop in sent_of(asked, size).known for place in range(start, stop)}
    assert known == set(wanted[:sent]) or not wanted
    assert stretches_of(f"bytes=-{more + 1}", size) == ((max(0, size - more - 1), size),)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=9))
def test_joined_stretches_hold_the_same_bytes(stretches: list[tuple[int, int]]) -> None:
    made = joined(stretches)
    assert {p for a, b in made for p in range(a, b)} == {p for a, b in stretches for p in range(a, b)}
    assert all(one[1] < other[0] for one, other in pairwise(made))
