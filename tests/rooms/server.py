"""The server's side inside a test: a data folder of the process's own, and a fresh database per test."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ashiato.web.configuration import Configuration, NamedDatabase, read_configuration
from ashiato.web.databases import database_of
from ashiato.web.starting import bring_up_to_date, has_own_database, start


@cache
def home() -> Path:
    """Start Django over a folder that goes with the process; its database has every migration."""
    folder = Path(mkdtemp(prefix="ashiato-server-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    start(folder)
    bring_up_to_date()
    use({})
    return folder


def use(changed: dict[str, Any]) -> None:
    """Let Django's database be this one from now on."""
    from django.db import connections  # noqa: PLC0415 - ready only once started

    connections["default"].close()
    connections.settings["default"] = {**connections.settings["default"], **changed}
    del connections["default"]


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[Path]:
    """Give a database with every migration and no rows, in a folder of the test's own."""
    migrated = home() / "server.sqlite3"
    path = folder / "server.sqlite3"
    shutil.copyfile(migrated, path)
    use({"NAME": path})
    try:
        yield path
    finally:
        use({"NAME": migrated})


@contextmanager
def fresh_postgresql(port: int) -> Iterator[None]:
    """Give a PostgreSQL of this machine with every migration and no rows."""
    from django.db import connections  # noqa: PLC0415 - ready only once started

    migrated = home() / "server.sqlite3"
    entry = database_of(Configuration(home(), NamedDatabase("127.0.0.1", port, "postgres", "site")))
    before = connections.settings["default"]
    use(entry)
    try:
        bring_up_to_date()
        yield
    finally:
        use(before | {"NAME": migrated})


def use_home(folder: Path) -> None:
    """Let the server be another data folder's from now on, with every migration; a new one is a copy."""
    from django.conf import settings  # noqa: PLC0415 - ready only once started

    folder.mkdir(parents=True, exist_ok=True)
    settings.ASHIATO_HOME = folder
    use({"NAME": "", "HOST": "", "PORT": "", "USER": "", "PASSWORD": ""})
    use(database_of(read_configuration(folder)))
    own = folder / "server.sqlite3"
    if has_own_database() and not own.exists():
        shutil.copy(home() / own.name, own)
    bring_up_to_date()
