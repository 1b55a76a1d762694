"""Databases that a control writes to: reached by their drivers, for so many seconds at most."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.outside.controls.targets import ControlError, NoAnswerError
from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.secrets import read_secret
from ashiato.terms.errors import Place

_SHOWN = 200
_BOUND = re.compile(r"(?<![:\w]):(value|before)\b")


@dataclass(frozen=True)
class LiveDatabase:
    """A database as the operator's file names it; ``name`` is a file's path where ``engine`` is sqlite."""

    engine: str
    name: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password_file: Path | None = None
    seconds: int = 10

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Yield a cursor within one transaction, kept at the end and else rolled back.

        Raises: NoAnswerError: it is away, or does not answer. ControlError: it refuses.
        """
        errors = _ERRORS[self.engine]()
        try:
            with closing(_OPENERS[self.engine](self)) as connection:
                cursor = connection.cursor()
                yield cursor
                connection.commit()
        except errors.OperationalError as error:
            raise NoAnswerError(
                f"the database does not do it: {_said(error)}", where=Place(self.name)
            ) from error
        except errors.Error as error:
            raise ControlError(f"the database refuses: {_said(error)}", where=Place(self.name)) from error

    def password(self) -> str:
        """Return the password out of its owner's file; empty where none is named."""
        return password_of(self.password_file)


def password_of(file: Path | None) -> str:
    """Return a password out of its owner's file; empty where none is named."""
    try:
        return read_secret(file).text if file else ""
    except MessageError as error:
        raise ControlError(error.what, where=error.where, fix=error.fix) from None


def run_bound(database: LiveDatabase, cursor: Any, statement: str, words: Mapping[str, object]) -> None:  # noqa: ANN401 - a driver's cursor
    """Run an operator's statement; ``:value`` and ``:before`` are bound and never part of its text."""
    names = _BOUND.findall(statement)
    mark = "?" if database.engine == "sqlite" else "%s"
    text = statement if mark == "?" else statement.replace("%", "%%")
    cursor.execute(_BOUND.sub(mark, text), tuple(words[name] for name in names))


def _said(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:_SHOWN] if str(error).strip() else type(error).__name__


def _open_sqlite(database: LiveDatabase) -> Any:  # noqa: ANN401 - a driver's connection
    address = f"{Path(database.name).absolute().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=database.seconds)


def _open_postgresql(database: LiveDatabase) -> Any:  # noqa: ANN401 - as above
    import psycopg  # noqa: PLC0415 - of the server's parts

    return psycopg.connect(
        host=database.host, port=database.port or 5432, dbname=database.name, user=database.user,
        password=database.password() or None, connect_timeout=database.seconds,
        options=f"-c statement_timeout={database.seconds * 1000} -c lock_timeout={database.seconds * 1000}",
    )  # fmt: skip


def _open_mariadb(database: LiveDatabase) -> Any:  # noqa: ANN401 - as above
    import pymysql  # noqa: PLC0415 - of the server's parts

    return pymysql.connect(
        host=database.host, port=database.port or 3306, database=database.name or None, user=database.user,
        password=database.password(), connect_timeout=database.seconds, charset="utf8mb4",
        read_timeout=database.seconds, write_timeout=database.seconds,
    )  # fmt: skip


def _errors_postgresql() -> Any:  # noqa: ANN401 - a driver's module
    import psycopg  # noqa: PLC0415 - of the server's parts

    return psycopg


def _errors_mariadb() -> Any:  # noqa: ANN401 - as above
    import pymysql  # noqa: PLC0415 - of the server's parts

    return pymysql


_OPENERS: Mapping[str, Callable[[LiveDatabase], Any]] = {
    "sqlite": _open_sqlite,
    "postgresql": _open_postgresql,
    "mariadb": _open_mariadb,
}
_ERRORS: Mapping[str, Callable[[], Any]] = {
    "sqlite": lambda: sqlite3,
    "postgresql": _errors_postgresql,
    "mariadb": _errors_mariadb,
}
