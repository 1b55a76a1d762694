"""The real sqlmap against a real MariaDB and a real PostgreSQL: what it dumped is what the logs give back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.journeys.blind import exported, investigated, rows_of
from tests.journeys.blind_site import PEOPLE, Site, attack, fill, serving
from tests.journeys.databases import Database, mariadb, postgresql

_FIELDS = ("id", "name", "email", "note")
_MAP = """
systems:
  shop:
    engine: {engine}
    tables:
      members:
        person: true
        key: id
        columns:
          id: {{type: integer, immutable: true}}
          name: {{type: text, category: identity}}
          email: {{type: text, category: contact}}
          note: {{type: text}}
      items:
        key: id
routes:
  - path: /item
    methods: [GET]
    system: shop
    statements:
      - SELECT title, price FROM items WHERE id = {{id}}
    answer: {{success: [200]}}
"""

Engine = Callable[[], AbstractContextManager[Database]]


def _attacked(
    folder: Path, engine: Engine, words: list[str], how: dict[str, bool] | None = None
) -> tuple[Path, list[dict[str, str]]]:
    """Attack a site of its own; returns the folder of its logs and what sqlmap dumped."""
    logs, tool = folder / "logs", folder / "tool"
    logs.mkdir()
    tool.mkdir()
    with engine() as database:
        fill(database)
        site = Site(database, logs / "access.log")
        for name, value in (how or {}).items():
            setattr(site, name, value)
        with serving(site):
            dumped = attack(site, tool, *words)
        if database.engine == "postgresql":
            (folder / "postgresql.log").write_bytes(database.log.read_bytes())
    return logs, dumped


def _mapped(folder: Path, engine: str) -> tuple[Path, Path]:
    """Write a data map and a snapshot of the shop; returns both."""
    snapshot = folder / "snapshot"
    snapshot.mkdir()
    people = "".join(f"{key},{name},{email},{note}\n" for key, name, email, note in PEOPLE)
    (snapshot / "members.csv").write_text(f"{','.join(_FIELDS)}\n{people}", "utf-8")
    (snapshot / "items.csv").write_text("id,title,price\n1,Soap,300\n2,Towel,1200\n", "utf-8")
    (folder / "map.yaml").write_text(_MAP.format(engine=engine), "utf-8")
    return folder / "map.yaml", snapshot


def _recovered(answer: Path) -> dict[tuple[str, str], str]:
    """Return the values of members that came out whole, by row and field; empty ones are no values."""
    rows = [row for row in rows_of(answer / "recovered.csv") if row["field"].startswith("members.")]
    assert {row["state"] for row in rows} == {"complete"}
    return {(row["row"], row["field"].removeprefix("members.")): row["value"] for row in rows if row["value"]}


def _true(dumped: list[dict[str, str]]) -> set[tuple[str, str]]:
    """Return (field, value) of what sqlmap says it read."""
    return {(field, value) for row in dumped for field, value in row.items() if value not in {"", "<blank>"}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "words", "how"),
    [
        pytest.param(mariadb, ["--technique=B", "--base64=id"], {"coded": True}, id="mariadb-base64"),
        pytest.param(
            postgresql, ["--technique=B", "--tamper=charencode", "--threads=4"], {"quoted": True},
            id="postgresql-every-letter-coded",
        ),
        pytest.param(
            mariadb, ["--technique=T", "--time-sec=1", "-C", "name", "--start=1", "--stop=1"], {},
            id="mariadb-slow",
        ),
    ],
)  # fmt: skip
def test_what_sqlmap_dumped_is_rebuilt(
    engine: Engine, words: list[str], how: dict[str, bool], tmp_path: Path
) -> None:
    logs, dumped = _attacked(tmp_path, engine, words, how)
    datamap, snapshot = _mapped(tmp_path, "mysql" if engine is mariadb else "postgresql")
    case = investigated(tmp_path, evidence=logs, zone="Etc/UTC", datamap=datamap, snapshot=snapshot)
    answer = exported(case)
    recovered = _recovered(answer)
    assert {(field, value) for (_, field), value in recovered.items()} == _true(dumped)
    by_key = {
        (str(person[0]), field): str(value)
        for person in PEOPLE
        for field, value in zip(_FIELDS, person, strict=True)
    }
    assert recovered.items() <= by_key.items()
    reached = {
        (row["key"], told.partition("=")[0].removeprefix("members."))
        for row in rows_of(answer / "exposures.csv")
        for told in row["fields"].split(";")
        if "=confirmed/L4" in told
    }
    assert reached == set(recovered)


@pytest.mark.slow
@pytest.mark.parametrize("technique", ["B", "E"])
def test_web_and_database_log_of_one_attack_agree(technique: str, tmp_path: Path) -> None:
    """Asked blind or printed by the server's errors: both logs together give what sqlmap dumped."""
    logs, dumped = _attacked(
        tmp_path, postgresql, [f"--technique={technique}"], {"prints_errors": technique == "E"}
    )
    (tmp_path / "postgresql.log").rename(logs / "postgresql.log")
    datamap, snapshot = _mapped(tmp_path, "postgresql")
    case = investigated(tmp_path, evidence=logs, zone="Etc/UTC", datamap=datamap, snapshot=snapshot)
    answer = exported(case)
    assert {(field, value) for (_, field), value in _recovered(answer).items()} == _true(dumped)
    people = {
        row["key"]: row["grade"] for row in rows_of(answer / "persons.csv") if row["table"] == "members"
    }
    assert people == dict.fromkeys(("1", "2", "3"), "confirmed")


@pytest.mark.slow
def test_rows_read_through_a_union_are_reached(tmp_path: Path) -> None:
    logs, dumped = _attacked(tmp_path, postgresql, ["--technique=U"])
    (tmp_path / "postgresql.log").rename(logs / "postgresql.log")
    datamap, snapshot = _mapped(tmp_path, "postgresql")
    case = investigated(tmp_path, evidence=logs, zone="Etc/UTC", datamap=datamap, snapshot=snapshot)
    rows = rows_of(exported(case) / "exposures.csv")
    reached = {(row["key"], told.partition("=")[0]) for row in rows for told in row["fields"].split(";")}
    wanted = {
        (row["id"], f"members.{f}") for row in dumped for f, v in row.items() if v not in {"", "<blank>"}
    }
    assert reached == wanted


@pytest.mark.slow
def test_values_that_mysql_errors_print_are_possible(tmp_path: Path) -> None:
    """No log of MariaDB's holds the message, and no access log the page: nobody is missed for that."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "tool").mkdir()
    with mariadb("--general-log", "--general-log-file=general.log") as database:
        fill(database)
        site = Site(database, logs / "access.log", prints_errors=True)
        with serving(site):
            dumped = attack(site, tmp_path / "tool", "--technique=E")
        (logs / "general.log").write_bytes((database.log.parent / "my" / "general.log").read_bytes())
    datamap, snapshot = _mapped(tmp_path, "mariadb")
    case = investigated(tmp_path, evidence=logs, zone="Etc/UTC", datamap=datamap, snapshot=snapshot)
    reached = {
        (row["key"], told.partition("=")[0].removeprefix("members."))
        for row in rows_of(exported(case) / "exposures.csv")
        for told in row["fields"].split(";")
    }
    wanted = {
        (row["id"], field) for row in dumped for field, value in row.items() if value not in {"", "<blank>"}
    }
    assert wanted <= reached
