"""Connections of the application: one for each thread and role, made anew where the database ended it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import psycopg.rows
import pymysql
import pymysql.cursors

Row = dict[str, Any]
_LOST = (psycopg.OperationalError, pymysql.err.OperationalError, pymysql.err.InterfaceError)
_FAULTS = (psycopg.Error, pymysql.err.MySQLError)


class UnavailableError(Exception):
    """The database does not let this role in."""


class StatementError(Exception):
    """The database refused a statement; the message is its own."""


class Connections:
    """Ways to one database by role. Statements go with their values in them, as most drivers send them."""

    def __init__(self, engine: str, port: int, name: str) -> None:
        """Know where the database is; nothing is opened yet."""
        self._engine, self._port, self._name = engine, port, name
        self._held = threading.local()

    def rows(self, role: str, statement: str, values: Sequence[object] | None = None) -> list[Row]:
        """Run a statement as a role and return its rows; a connection that was ended is made anew once."""
        try:
            return self._run(self._connection(role), statement, values)
        except _LOST as lost:
            if self._answers(role):
                raise StatementError(str(lost)) from lost
        except _FAULTS as fault:
            raise StatementError(str(fault)) from fault
        try:
            return self._run(self._connection(role), statement, values)
        except _FAULTS as fault:
            raise UnavailableError(str(fault)) from fault

    def _run(self, connection: Any, statement: str, values: Sequence[object] | None) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def _connection(self, role: str) -> Any:
        held = self._held.__dict__
        if role not in held:
            try:
                held[role] = self._connect(role)
            except _FAULTS as fault:
                raise UnavailableError(str(fault)) from fault
        return held[role]

    def _answers(self, role: str) -> bool:
        """Tell whether a connection still works; one that does not is forgotten."""
        held = self._held.__dict__
        try:
            self._run(held[role], "SELECT 1", None)
        except (*_FAULTS, KeyError):
            held.pop(role, None)
            return False
        return True

    def _connect(self, role: str) -> Any:
        if self._engine == "postgresql":
            return psycopg.connect(
                host="127.0.0.1", port=self._port, user=role, dbname=self._name, autocommit=True,
                row_factory=psycopg.rows.dict_row, cursor_factory=psycopg.ClientCursor, connect_timeout=5,
            )  # fmt: skip
        return pymysql.connect(
            host="127.0.0.1", port=self._port, user=role, database=self._name, autocommit=True,
            charset="utf8mb4", cursorclass=pymysql.cursors.DictCursor, connect_timeout=5,
        )  # fmt: skip
