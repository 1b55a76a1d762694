"""A small site with a hole in it, and the real sqlmap let loose on it; what sqlmap dumped is the truth."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pg8000
import pymysql

from tests.journeys.databases import Database
from tests.journeys.pages import line_of, served
from tests.journeys.sqlmap import dumped

PEOPLE = (
    (1, "Hanako Sato", "hanako@mail.example", "ok"),
    (2, "Taro Ito", "taro@site.example", "x'y%z"),
    (3, "Ai Mori", "ai_m@a.example", ""),
)


@dataclass
class Site:
    """A site over a database: ``quoted`` puts the parameter into quotes, ``coded`` takes it as base64.

    ``prints_errors``: an error's text stands in the page, as careless sites have it.
    """

    database: Database
    log: Path
    quoted: bool = False
    coded: bool = False
    prints_errors: bool = False
    url: str = ""
    lines: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None

    def answer(self, target: str) -> tuple[int, str]:
        """Return the status and the page for a request's target."""
        asked = parse_qs(urlsplit(target).query).get("id", ["0"])[0]
        if self.coded:
            try:
                asked = base64.b64decode(asked).decode("utf-8", "replace")
            except ValueError:
                return 400, "<p>what?</p>"
        value = f"'{asked}'" if self.quoted else asked
        try:
            found = self._ask(f"SELECT title, price FROM {_prefix(self.database)}items WHERE id = {value}")
        except (pg8000.Error, pymysql.Error) as error:
            return 500, f"<h1>Sorry</h1>{_message(error) if self.prints_errors else ''}"
        rows = "".join(f"<tr><td>{title}</td><td>{price}</td></tr>" for title, price in found)
        return 200, f"<table>{rows}</table>" if rows else "<p>Nothing here.</p>"

    def _ask(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement over the one connection that the site holds."""
        with self.lock:
            if self.connection is None:
                self.connection = self.database.connect()
            cursor = self.connection.cursor()
            try:
                cursor.execute(statement)
                return list(cursor.fetchall())
            finally:
                self.connection.rollback()

    def keep(self, handler: BaseHTTPRequestHandler, status: int, sent: int, took_us: int) -> None:
        """Write the line that Apache's combined format with ``%D`` has for a request."""
        self.lines.append(line_of(handler, "192.0.2.66", status, sent, took_us))

    def close(self) -> None:
        """Write the log to its file."""
        if self.connection is not None:
            self.connection.close()
        self.log.write_text("".join(self.lines), "utf-8")


def _message(error: Exception) -> object:
    """Return what the server says of an error, without what the driver makes of it."""
    told = error.args[0] if error.args else ""
    return told["M"] if isinstance(told, dict) else error


def _prefix(database: Database) -> str:
    return "shop." if database.engine == "mysql" else ""


def fill(database: Database) -> None:
    """Make the shop's tables: three people, two items."""
    here = _prefix(database)
    if database.engine == "mysql":
        database.run("CREATE DATABASE shop CHARACTER SET utf8mb4")
    kind = "integer PRIMARY KEY, name varchar(40), email varchar(60), note varchar(60)"
    database.run(
        f"CREATE TABLE {here}members (id {kind})",
        f"CREATE TABLE {here}items (id integer PRIMARY KEY, title varchar(40), price integer)",
        f"INSERT INTO {here}items VALUES (1, 'Soap', 300), (2, 'Towel', 1200)",
    )
    for person in PEOPLE:
        told = ", ".join("'" + str(value).replace("'", "''") + "'" for value in person)
        database.run(f"INSERT INTO {here}members VALUES ({told})")


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a site on a port of its own; its log is whole when the block ends."""
    try:
        with served(site.answer, site.keep) as site.url:
            yield site
    finally:
        site.close()


def attack(site: Site, folder: Path, *words: str) -> list[dict[str, str]]:
    """Let sqlmap dump ``members`` through ``/item?id=1``; returns the rows of its own dump."""
    mysql = site.database.engine == "mysql"
    table = ("MySQL", "shop", "members") if mysql else ("PostgreSQL", "public", "members")
    start = base64.b64encode(b"1").decode() if site.coded else "1"
    return dumped(f"{site.url}/item?id={start}", "id", table, folder, *words)


__all__ = ["PEOPLE", "Site", "attack", "fill", "serving"]
