"""Broken, empty, huge and foreign files beside good ones: reported, kept, and nothing else changes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.journeys.finished import Finished, finish_shop
from tests.journeys.shop import WALKED, write_shop

_LINE = b'198.51.100.77 - - [10/Jun/2026:%02d:%02d:%02d +0900] "GET %b HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'
_HUGE = 10 * 1024**2


def _requests(count: int, hour: int = 9) -> bytes:
    return b"".join(_LINE % (hour, n // 60 % 60, n % 60, b"/items/%d" % (n % 7)) for n in range(count))


def _truncated(logs: Path) -> None:
    packed = gzip.compress(_requests(3000), mtime=0)
    (logs / "access.log.7.gz").write_bytes(packed[: len(packed) // 2])


def _not_gz_at_all(logs: Path) -> None:
    (logs / "access.log.8.gz").write_bytes(b"this was never packed\n")


def _empty(logs: Path) -> None:
    (logs / "empty.log").write_bytes(b"")
    (logs / "empty.log.1.gz").write_bytes(gzip.compress(b"", mtime=0))
    (logs / "blank.log").write_bytes(b"\n\n\n")


def _of_another_year(logs: Path) -> None:
    (logs / "access.log.2019").write_bytes(_requests(200).replace(b"Jun/2026", b"Mar/2019"))


def _noise(logs: Path) -> None:
    (logs / "core.bin").write_bytes(bytes(range(256)) * 4000)


def _huge_line(logs: Path) -> None:
    huge = _LINE % (9, 0, 0, b"/" + b"A" * _HUGE)
    (logs / "access.log.6").write_bytes(_requests(50) + huge + _requests(50, 10))


def _huge_statement(logs: Path) -> None:
    name = b"2026-06-10 09:00:00.200 JST [4712] shopapp@shop LOG:  statement: "
    (logs / "postgresql.log.1").write_bytes(name + b"SELECT '" + b"\xe3\x81\x82" * (_HUGE // 3) + b"'\n")


ODD: dict[str, Callable[[Path], None]] = {
    "truncated": _truncated,
    "not-gz": _not_gz_at_all,
    "empty": _empty,
    "another-year": _of_another_year,
    "noise": _noise,
    "huge-line": _huge_line,
    "huge-statement": _huge_statement,
}


#: All of them at once, and where there is time each by itself.
_TOGETHER = "all at once"
KINDS = [_TOGETHER, *(pytest.param(name, marks=pytest.mark.slow) for name in ODD)]


Finish = Callable[[str | None], Finished]


@pytest.fixture(scope="module")
def finish(tmp_path_factory: pytest.TempPathFactory) -> Finish:
    """Investigate the shop with one kind of odd file, with all, or with none; each once."""

    @cache
    def finished(name: str | None) -> Finished:
        shop = write_shop(tmp_path_factory.mktemp("odd") / "shop")
        for kind in ODD if name == _TOGETHER else [name] if name else []:
            ODD[kind](shop / "logs")
        return finish_shop(shop)

    return finished


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_the_people_are_the_same_beside_it(name: str, finish: Finish) -> None:
    clean = finish(None).files["persons.csv"]
    assert clean.count(b",confirmed,") == len(WALKED)
    assert finish(name).files["persons.csv"] == clean


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_each_of_its_lines_is_read_or_told(name: str, finish: Finish) -> None:
    readings = finish(name).rows(
        "SELECT file, lines, record_lines + blank_lines + unread_lines FROM readings ORDER BY file"
    )
    sealed = finish(name).rows("SELECT file, content_lines FROM evidence ORDER BY file")
    assert [(file, lines) for file, lines, _ in readings] == sealed
    assert [lines for _, lines, _ in readings] == [accounted for *_, accounted in readings]
    told = finish(name).summary["lines"]["by_file"]
    assert sorted(row["file"] for row in told) == [file for file, _ in sealed]


def test_a_truncated_file_is_read_as_far_as_it_goes(finish: Finish) -> None:
    ((records, cut_off),) = finish(_TOGETHER).rows(
        "SELECT records, cut_off FROM readings WHERE file = 'access.log.7.gz'"
    )
    assert cut_off
    assert 500 < records < 3000
    assert "cut-off" in {reason for _, reason in finish(_TOGETHER).holes}


def test_a_log_of_another_year_keeps_its_year(finish: Finish) -> None:
    years = finish(_TOGETHER).rows(
        "SELECT file, year(make_timestamp(first_us)), year(make_timestamp(last_us)) FROM readings"
        " WHERE file IN ('access.log', 'access.log.2019', 'postgresql.log') ORDER BY file"
    )
    assert years == [
        ("access.log", 2026, 2026),
        ("access.log.2019", 2019, 2019),
        ("postgresql.log", 2026, 2026),
    ]


@pytest.mark.slow
def test_what_is_no_log_is_unread_with_a_reason(finish: Finish) -> None:
    told = finish(_TOGETHER).rows(
        "SELECT r.file, count(u.reason) > 0, count(*) FILTER (WHERE u.reason = '') FROM readings AS r"
        " JOIN unread AS u ON u.evidence_id = r.evidence_id"
        " WHERE r.file IN ('access.log.8.gz', 'core.bin') GROUP BY r.file ORDER BY r.file"
    )
    assert told == [("access.log.8.gz", True, 0), ("core.bin", True, 0)]
    by_reason = finish(_TOGETHER).summary["lines"]["not_read_by_reason"]
    assert sum(count["value"] for count in by_reason.values()) > 0
    assert finish(None).summary["lines"]["not_read_by_reason"] == {}


@pytest.mark.slow
def test_lines_around_a_huge_one_are_read(finish: Finish) -> None:
    ((records, unread),) = finish(_TOGETHER).rows(
        "SELECT records, unread_lines FROM readings WHERE file = 'access.log.6'"
    )
    assert records + unread == 101
    assert records >= 100


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_huge_line_swells_no_output(name: str, finish: Finish) -> None:
    sizes = {file: len(content) for file, content in finish(name).files.items()}
    clean = {file: len(content) for file, content in finish(None).files.items()}
    kinds = len(ODD) if name == _TOGETHER else 1
    assert all(sizes[file] < clean[file] + 20_000 * kinds for file in clean), sizes
