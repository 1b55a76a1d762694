"""A clinic over a real MariaDB, broken into by a walk and by sqlmap: its own logs tell whose data went."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.journeys.blind import exported, investigated, rows_of
from tests.journeys.clinic import Pair, fill, inject, serving, visit, walk, write_snapshot
from tests.journeys.databases import mariadb
from tests.journeys.scoring import told_fields

_SETTINGS = (
    "--general-log", "--general-log-file=general.log", "--slow-query-log", "--slow-query-log-file=slow.log",
    "--long-query-time=0", "--plugin-maturity=unknown", "--plugin-load-add=server_audit",
    "--server-audit-logging=ON", "--server-audit-query-log-limit=100000",
    "--server-audit-file-path=audit.log",
)  # fmt: skip
_REACHED = {"confirmed", "probable", "possible"}

Attacked = tuple[Path, frozenset[Pair]]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """Break into a clinic once; returns the folder of all its logs and what the intruder received."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "tool").mkdir()
    with mariadb(*_SETTINGS) as database:
        fill(database)
        with serving(database) as clinic:
            visit(clinic, 60)
            truth = walk(clinic)
            visit(clinic, 30)
            truth |= inject(clinic, folder / "tool")
            visit(clinic, 30)
        (folder / "access.log").write_text("".join(clinic.lines), "utf-8")
        for name in ("general.log", "slow.log", "audit.log"):
            shutil.copyfile(database.log.parent / "my" / name, folder / name)
    write_snapshot(folder)
    return folder, frozenset(truth)


@pytest.mark.slow
@pytest.mark.parametrize(
    "logs", [("general.log",), ("general.log", "slow.log"), ("audit.log",), ("slow.log", "audit.log")]
)
def test_a_clinic_broken_into_is_answered_right(
    logs: tuple[str, ...], attacked: Attacked, tmp_path: Path
) -> None:
    folder, truth = attacked
    (tmp_path / "logs").mkdir()
    for name in ("access.log", *logs):
        shutil.copyfile(folder / name, tmp_path / "logs" / name)
    case = investigated(
        tmp_path, evidence=tmp_path / "logs", zone="Etc/UTC", datamap=folder / "map.yaml",
        snapshot=folder / "dump",
    )  # fmt: skip
    grades = {
        (row["key"], field): grade
        for row in rows_of(exported(case) / "persons.csv")
        if row["table"] == "patients"
        for field, grade in told_fields(row["fields"])
    }
    assert {key for key, _ in truth} <= {key for (key, _), grade in grades.items() if grade in _REACHED}
    confirmed = {pair for pair, grade in grades.items() if grade == "confirmed"}
    assert len(confirmed & truth) >= 0.99 * len(confirmed)
    sure = {pair for pair, grade in grades.items() if grade in ("confirmed", "probable")}
    assert len(sure & truth) >= 0.9 * max(len(truth), len(sure))
