"""What would break a careless reader, in a whole run: named at its place, bounded, all else as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ashiato.engine.exposures.objects.readers import pdfs
from ashiato.terms.errors import EvidenceError
from tests.engine.exposures.depths import WAYS, deep
from tests.journeys.bad_evidence import (
    GIGABYTE,
    MEGABYTE,
    STOLEN,
    download,
    endless_pdf,
    honest_lines,
    nested_zips,
    noise,
    packed_line,
    sparse_line,
    steal,
    zip_bomb,
)
from tests.journeys.command import must, weigh
from tests.journeys.finished import Finished, finish_shop
from tests.journeys.shop import AS_OF, MEMBERS, WALKED, write_shop

pytestmark = pytest.mark.slow

Make = Callable[[Path], object]
_READ = f"SELECT name FROM members WHERE id = {STOLEN} AND name"
_EVERYBODY = {str(number) for number in range(1, MEMBERS + 1)}
_WALKED = {str(number) for number in WALKED}
_DEEP_JSON = b"".join(
    b'{"at":"2026-06-10T09:00:00+09:00","m":%b1%b}\n' % (b"[" * depth, b"]" * depth)
    for depth in (500, 200_000)
)


def _beside(name: str, content: Callable[[], bytes]) -> Make:
    return lambda shop: (shop / "logs" / name).write_bytes(content())


def _stolen(statement: bytes) -> Make:
    return lambda shop: steal(shop, statement)


#: Laid beside the good logs: what of it is named, and how to make it.
FILES: dict[str, tuple[str, Make]] = {
    "noise": (
        "access.log.6",
        _beside("access.log.6", lambda: honest_lines(50) + noise(200_000) + honest_lines(50, 10)),
    ),
    "utf-16": ("access.log.6", _beside("access.log.6", lambda: honest_lines(50).decode().encode("utf-16"))),
    "deep-json": ("app.log", _beside("app.log", lambda: _DEEP_JSON)),
    "zip-bomb": ("box.zip/zeros.log", _beside("box.zip", lambda: zip_bomb(2 * GIGABYTE))),
    "nested-zips": ("box.zip/inner.zip", _beside("box.zip", lambda: nested_zips(40))),
}
#: A statement of the intruder's own that can be read; its text names the one it stole.
READ: dict[str, Make] = {
    "nul": _stolen(f"{_READ} <> 'a".encode() + b"\0b' -- \0"),
    "cp932": _stolen(f"{_READ} <> '表能ソ'".encode("cp932")),
}
#: One that cannot be.
UNREAD: dict[str, Make] = {
    "five-megabytes": _stolen(f"{_READ} <> '".encode() + b"x" * (5 * MEGABYTE) + b"'"),
    "five-megabytes-of-lines": _stolen(
        f"{_READ} NOT IN (".encode() + b"'xxxxxxxxx',\n\t" * (5 * MEGABYTE // 14) + b"'')"
    ),
    "twelve-megabytes": _stolen(f"{_READ} <> '".encode() + b"x" * (12 * MEGABYTE) + b"'"),
    **{f"deep-{name}": _stolen(deep(name, 500).encode()) for name in WAYS},
}
Finish = Callable[[str], Finished]


def _made(name: str) -> Make:
    made = {**{key: make for key, (_, make) in FILES.items()}, **READ, **UNREAD}
    return made.get(name, lambda _: None)


@pytest.fixture(scope="module")
def finish(tmp_path_factory: pytest.TempPathFactory) -> Finish:
    """Investigate the shop with one kind of bad evidence, or with none; each once."""

    @cache
    def finished(name: str) -> Finished:
        shop = write_shop(tmp_path_factory.mktemp(name) / "shop")
        _made(name)(shop)
        return finish_shop(shop)

    return finished


@pytest.mark.parametrize("name", FILES)
def test_people_are_the_same_beside_a_bad_file(name: str, finish: Finish) -> None:
    assert finish(name).files["persons.csv"] == finish("none").files["persons.csv"]


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_named_with_its_lines(name: str, finish: Finish) -> None:
    file, _ = FILES[name]
    told = finish(name).rows(
        "SELECT e.file, u.line_first, u.reason FROM unread AS u JOIN evidence AS e USING (evidence_id)"
    )
    assert {one for one, *_ in told} == {file}
    assert all(line >= 1 and reason for _, line, reason in told)
    assert set(finish(name).summary["lines"]["not_read_by_reason"]) >= {reason for *_, reason in told}


def test_lines_around_noise_are_read(finish: Finish) -> None:
    ((records,),) = finish("noise").rows("SELECT records FROM readings WHERE file = 'access.log.6'")
    assert records == 100 - 1  # the last line of noise has no end of its own


@pytest.mark.parametrize("name", READ)
def test_statement_of_odd_bytes_reaches_whom_it_names(name: str, finish: Finish) -> None:
    reached = {key for key, grade in finish(name).grades.items() if grade != "not shown"}
    assert reached == _WALKED | {STOLEN}
    assert finish(name).grades[STOLEN] in ("confirmed", "probable")


@pytest.mark.parametrize("name", UNREAD)
def test_statement_beyond_reading_widens_to_its_table(name: str, finish: Finish) -> None:
    grades = finish(name).grades
    assert {key for key, grade in grades.items() if grade == "confirmed"} == _WALKED
    assert {key for key, grade in grades.items() if grade == "possible"} == _EVERYBODY - _WALKED
    limits = finish(name).rows("SELECT reason, events, records FROM limits WHERE reason <> 'web-only'")
    unread = finish(name).rows(
        "SELECT e.file, u.line_first FROM unread AS u JOIN evidence AS e USING (evidence_id)"
    )
    told = {reason for reason, *_ in limits} == {"parse-failed"} and not unread
    assert told or unread == [("postgresql.log", 121)]


@pytest.mark.parametrize("write", [sparse_line, packed_line])
def test_a_gigabyte_of_one_line_is_stepped_over(
    write: Callable[[Path, int], None], tmp_path: Path, finish: Finish
) -> None:
    shop = write_shop(tmp_path / "shop")
    name = "access.log.5" if write is sparse_line else "access.log.5.gz"
    write(shop / "logs" / name, GIGABYTE)
    case = shop / "case"
    must("case", "new", case, "--zone", "Asia/Tokyo", "--datamap", shop / "map.yaml")
    must("snapshot", "add", case, shop / "dump", "--as-of", AS_OF, "--system", "shop")
    must("evidence", "add", case, shop / "logs", "--reference")
    cost = weigh("investigate", case)
    must("export", case, "--to", shop / "answer")
    assert (shop / "answer" / "persons.csv").read_bytes() == finish("none").files["persons.csv"]
    assert cost.memory < GIGABYTE // 2
    files = (shop / "answer" / "summary.json").read_text()
    assert f'"{name}"' in files


def test_a_pdf_that_hangs_its_reader_costs_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finish: Finish
) -> None:
    monkeypatch.setattr(pdfs, "_SECONDS", 5)
    shop = write_shop(tmp_path / "shop")
    download(shop, "list.pdf", endless_pdf(3000))
    finished = finish_shop(shop)
    (told,) = finished.rows("SELECT databucket_file_path, content FROM objects")
    assert told == ("files/list.pdf", "pdf,not read: reader-stopped")
    assert {key for key, grade in finished.grades.items() if grade == "confirmed"} == _WALKED
    assert finish("none").grades.keys() == finished.grades.keys()


def test_a_zip_bomb_that_went_out_is_told_as_unread(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    download(shop, "list.zip", zip_bomb(2 * GIGABYTE))
    finished = finish_shop(shop)
    (told,) = finished.rows("SELECT databucket_file_path, content FROM objects")
    assert told[0] == "files/list.zip"
    assert "unpacks-to-too-much" in told[1]
    assert {key for key, grade in finished.grades.items() if grade == "confirmed"} == _WALKED


@pytest.mark.parametrize(
    "content",
    [
        "id,name,email\n1,表示,a@shop.example\n".encode("cp932"),
        "id,name,email\n1,Ann,a@shop.example\n".encode("utf-16"),
        noise(100_000),
        b"id,name\n1,Ann,a@shop.example\n2,Bob,b@shop.example\n",
    ],
    ids=["cp932", "utf-16", "noise", "ragged"],
)
def test_a_snapshot_that_is_no_table_is_refused_with_its_place(content: bytes, tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    (shop / "dump" / "members.csv").write_bytes(content)
    with pytest.raises(EvidenceError, match=r"members\.csv.*cannot be read as CSV"):
        finish_shop(shop)


def test_columns_that_the_map_names_and_no_snapshot_has_are_listed(tmp_path: Path, finish: Finish) -> None:
    shop = write_shop(tmp_path / "shop")
    table = shop / "dump" / "members.csv"
    table.write_text(table.read_text().replace("id,name,email", "id,full_name,email", 1))
    finished = finish_shop(shop)
    assert finished.grades == finish("none").grades
    ((reason, params),) = finished.rows("SELECT reason, params FROM limits")
    assert reason == "snapshot-missing"
    assert params.startswith("column=shop.members.name,")


def test_without_the_key_column_everybody_is_possible(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    table = shop / "dump" / "members.csv"
    table.write_text(table.read_text().replace("id,name,email", "no,name,email", 1))
    finished = finish_shop(shop)
    assert set(finished.grades.values()) == {"possible"}
    assert len(finished.grades) == MEMBERS
    assert ("snapshot-missing",) in finished.rows("SELECT reason FROM limits")
