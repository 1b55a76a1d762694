"""A small clinic over a real MariaDB: honest visitors, a walk through its patients, a hole that sqlmap finds.

What the intruder's two clients received is the truth.
"""

from __future__ import annotations

import csv
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pymysql

from tests.journeys.databases import Database
from tests.journeys.pages import line_of, served
from tests.journeys.sqlmap import dumped

PATIENTS = 60
#: The walker asks for these, and gets them.
WALKED = range(20, 45)
FIELDS = ("id", "name", "born", "phone", "remark")
_HONEST, _WALKER, _TOOL = "10.1.0.{}", "203.0.113.40", "203.0.113.41"

DATAMAP = """
name: Hill clinic
zone: Etc/UTC
systems:
  clinic:
    engine: mariadb
    version: "10.11"
    collation: utf8mb4_general_ci
    tables:
      patients:
        person: true
        key: id
        columns:
          id: {type: integer, immutable: true}
          name: {type: text, category: identity}
          born: {type: text, category: birth}
          phone: {type: text, category: contact}
          remark: {type: text, category: medical}
      doctors:
        key: id
routes:
  - path: /patients/{id}
    methods: [GET]
    system: clinic
    answer: {success: [200]}
accounts:
  pooled: [clinicapp]
"""

Pair = tuple[str, str]


def patient(number: int) -> tuple[int, str, str, str, str]:
    """Return a patient's row; some have an apostrophe, some no remark."""
    name = f"Aoife O'Brien {number}" if number % 7 == 0 else f"Person {number:02}"
    remark = "" if number % 5 == 0 else f"remark {number}; it's fine"
    return number, name, f"19{number + 30}-01-02", f"03-5550-{number:04}", remark


@dataclass
class Clinic:
    """The clinic's site, over a pool of two connections of one user."""

    database: Database
    lines: list[str] = field(default_factory=list)
    url: str = ""
    pool: list[Any] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turns: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, target: str) -> tuple[int, str]:
        """Return the status and the page for a request's target."""
        parts = urlsplit(target)
        try:
            if parts.path.startswith("/patients/"):
                sql = "SELECT id, name, born, phone, remark FROM patients WHERE id = %s"
                return _page(self._ask(sql, (int(parts.path.rpartition("/")[2]),)))
            ward = parse_qs(parts.query).get("ward", ["A"])[0]
            return _page(self._ask(f"SELECT name, room FROM doctors WHERE ward = '{ward}' ORDER BY id"))
        except (pymysql.Error, ValueError):
            return 500, "Sorry."

    def _ask(self, sql: str, values: tuple[object, ...] | None = None) -> list[tuple[object, ...]]:
        with self.lock, self.pool[next(self.turns) % len(self.pool)].cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def keep(self, handler: BaseHTTPRequestHandler, status: int, sent: int, took_us: int) -> None:
        """Write the line that Apache's combined format with ``%D`` has for a request."""
        address = handler.headers.get("X-Test-Address", _TOOL)
        self.lines.append(line_of(handler, address, status, sent, took_us))


def _page(rows: list[tuple[object, ...]]) -> tuple[int, str]:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (200, f"<table>{cells}</table>") if rows else (404, "Nobody here.")


def fill(database: Database) -> None:
    """Make the clinic's tables and the site's user."""
    database.run(
        "CREATE DATABASE clinic CHARACTER SET utf8mb4",
        "CREATE TABLE clinic.patients (id integer PRIMARY KEY, name varchar(40), born varchar(10), "
        "phone varchar(20), remark varchar(60))",
        "CREATE TABLE clinic.doctors (id integer PRIMARY KEY, name varchar(40), ward char(1), room integer)",
        "INSERT INTO clinic.doctors VALUES (1, 'Dr Ueda', 'A', 12), (2, 'Dr Kato', 'A', 14), "
        "(3, 'Dr Abe', 'B', 7)",
        "CREATE USER clinicapp@localhost, clinicapp@'127.0.0.1'",
        "GRANT ALL ON clinic.* TO clinicapp@localhost",
        "GRANT ALL ON clinic.* TO clinicapp@'127.0.0.1'",
    )
    for number in range(1, PATIENTS + 1):
        told = ", ".join("'" + str(value).replace("'", "''") + "'" for value in patient(number))
        database.run(f"INSERT INTO clinic.patients VALUES ({told})")


@contextmanager
def serving(database: Database) -> Iterator[Clinic]:
    """Serve the clinic on a port of its own."""
    clinic = Clinic(database)
    for _ in range(2):
        connection = database.connect()
        port = connection.port
        connection.close()
        clinic.pool.append(
            pymysql.connect(
                host="127.0.0.1", port=port, user="clinicapp", database="clinic",
                charset="utf8mb4", autocommit=True,
            )
        )  # fmt: skip
    try:
        with served(clinic.answer, clinic.keep) as clinic.url:
            yield clinic
    finally:
        for connection in clinic.pool:
            connection.close()


def visit(clinic: Clinic, rounds: int) -> None:
    """Let honest visitors look at their own record and at the doctors."""
    for turn in range(rounds):
        number = turn % 9 + 1
        target = f"/doctors?ward={'AB'[turn % 2]}" if turn % 3 == 2 else f"/patients/{number}"
        _get(clinic, target, _HONEST.format(number), "Mozilla/5.0 (X11) Firefox/140.0")
        time.sleep(0.05)


def walk(clinic: Clinic) -> set[Pair]:
    """Ask for one patient after another; returns what came back."""
    for number in WALKED:
        assert f"<td>{number}</td>" in _get(clinic, f"/patients/{number}", _WALKER, "curl/8.5.0")
        time.sleep(0.05)
    return {
        pair
        for number in WALKED
        for pair in _filled(dict(zip(FIELDS, map(str, patient(number)), strict=True)))
    }


def inject(clinic: Clinic, folder: Path) -> set[Pair]:
    """Let sqlmap dump some patients through the hole; returns what it says it got."""
    words = ("--technique=U", "-C", "id,name,phone", "--start=3", "--stop=14", "--threads=1")
    table = ("MySQL", "clinic", "patients")
    rows = dumped(f"{clinic.url}/doctors?ward=A", "ward", table, folder, *words)
    return {pair for row in rows for pair in _filled(row)}


def _filled(row: dict[str, str]) -> set[Pair]:
    return {(row["id"], f"patients.{name}") for name, value in row.items() if value not in {"", "<blank>"}}


def _get(clinic: Clinic, target: str, address: str, agent: str) -> str:
    connection = HTTPConnection(urlsplit(clinic.url).netloc, timeout=30)
    connection.request("GET", target, headers={"X-Test-Address": address, "User-Agent": agent})
    page = connection.getresponse().read().decode()
    connection.close()
    return page


def write_snapshot(folder: Path) -> None:
    """Write the tables as they are, and the data map beside them."""
    (folder / "dump").mkdir()
    with (folder / "dump" / "patients.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(patient(number) for number in range(1, PATIENTS + 1))
    (folder / "dump" / "doctors.csv").write_text(
        "id,name,ward,room\n1,Dr Ueda,A,12\n2,Dr Kato,A,14\n3,Dr Abe,B,7\n"
    )
    (folder / "map.yaml").write_text(DATAMAP)


__all__ = ["Clinic", "Pair", "fill", "inject", "serving", "visit", "walk", "write_snapshot"]
