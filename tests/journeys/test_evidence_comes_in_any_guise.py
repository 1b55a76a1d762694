"""The same logs in another order, under other names, twice, packed or not: the same people."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ashiato.engine.api import Case, add_evidence, investigate_case, open_outcome
from tests.journeys.demo import NIGHT, answer, export, new_case, take_night

pytestmark = pytest.mark.slow
LOGS = [name for name in NIGHT if not name.endswith(".conf")]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The people reached when the night's logs come as they are."""
    folder = tmp_path_factory.mktemp("plain")
    persons = answer(folder / "case", take_night(folder / "evidence"))["persons.csv"]
    assert persons.count(b",confirmed,") > 400
    return persons


def _shuffled(case: Case, night: Path) -> None:
    for name in sorted(NIGHT, key=lambda name: name[::-1], reverse=True):
        add_evidence(case, [night / name])


def _renamed(case: Case, night: Path) -> None:
    for number, name in enumerate(LOGS):
        suffix = ".gz" if name.endswith(".gz") else ""
        (night / name).rename(night / f"box-{9 - number}-received{suffix}")
    add_evidence(case, [night])


def _twice(case: Case, night: Path) -> None:
    for number, name in enumerate(LOGS):
        copy = night / "copies" / f"{number}-{Path(name).name}"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((night / name).read_bytes())
    add_evidence(case, [night])


def _packed_beside_plain(case: Case, night: Path) -> None:
    for name in LOGS:
        content = (night / name).read_bytes()
        if name.endswith(".gz"):
            (night / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
        else:
            (night / f"{name}.gz").write_bytes(gzip.compress(content))
    add_evidence(case, [night])


def _in_an_archive(case: Case, night: Path) -> None:
    archive = night.with_name("night.tar.gz")
    with tarfile.open(archive, "w:gz") as packed:
        for name in reversed(NIGHT):
            packed.add(night / name, name)
    add_evidence(case, [archive])


def _rotated(case: Case, night: Path) -> None:
    _cut_in_two(night, again=0)
    add_evidence(case, [night])


def _rotated_with_an_overlap(case: Case, night: Path) -> None:
    _cut_in_two(night, again=40)
    add_evidence(case, [night])


def _cut_in_two(night: Path, again: int) -> None:
    """Make two files of each log; the newer one begins with so many of the older one's last lines."""
    for name in LOGS:
        raw = (night / name).read_bytes()
        (night / name).unlink()
        lines = (gzip.decompress(raw) if name.endswith(".gz") else raw).splitlines(keepends=True)
        middle = len(lines) // 2
        newer = night / name.removesuffix(".gz")
        newer.with_name(f"{newer.name}.1").write_bytes(b"".join(lines[:middle]))
        newer.write_bytes(b"".join(lines[middle - again :]))


@pytest.mark.parametrize(
    "add",
    [
        _shuffled,
        _renamed,
        _twice,
        _packed_beside_plain,
        _in_an_archive,
        _rotated,
        _rotated_with_an_overlap,
    ],
)
def test_people_are_the_same_in_any_guise(
    add: Callable[[Case, Path], None], plain: bytes, tmp_path: Path
) -> None:
    case = new_case(tmp_path / "case")
    add(case, take_night(tmp_path / "night"))
    investigate_case(case)
    assert export(case, tmp_path / "answer")["persons.csv"] == plain


def test_files_that_come_twice_are_told(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    _twice(case, take_night(tmp_path / "night"))
    investigate_case(case)
    with open_outcome(case) as outcome:
        files = outcome.store.rows("SELECT count(*), count(duplicate_of) FROM evidence")
    assert files == [(len(NIGHT) + len(LOGS), len(LOGS))]
