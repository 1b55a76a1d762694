"""The keeper: makes the folder, starts every server, starts again what died, ends everything when it ends.

Servers are its children, whom the kernel tells when it is gone: a keeper that is killed leaves nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from range.errors import RangeError
from range.leftover import leave_backup
from range.loopback import HEALTH_CHECK, OFFICE, PARTNER, WARNING, check_loopback
from range.programs import find_program, free_port, give
from range.servers.databases import mariadb, postgresql
from range.servers.filling import fill
from range.servers.gunicorn import gunicorn
from range.servers.server import Server, stop_all
from range.servers.web import CONTROLS, nginx
from range.site.definition import ROLES, Site
from range.sites import SITES

STATE = "range.json"
LOCK = "keeper.lock"
_MAPS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Wanted:
    """What is to be started."""

    folder: Path
    people: int = 1000
    seed: int = 1
    sites: tuple[str, ...] = tuple(SITES)
    address: str = "127.0.0.1"


def keep(wanted: Wanted) -> None:
    """Start the range, keep it up until a signal to end comes, and leave no process behind."""
    check_loopback(wanted.address)
    signal.signal(signal.SIGTERM, _leave)
    print(WARNING, flush=True)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with _held(wanted.folder):
        servers: list[Server] = []
        try:
            begun = {name: _begin(SITES[name], wanted, servers) for name in wanted.sites}
            _write_state(wanted, begun)
            _watch(servers)
        finally:
            stop_all(servers)
            (wanted.folder / STATE).unlink(missing_ok=True)


def _leave(*_: object) -> None:
    sys.exit(0)


def already_running(folder: Path) -> RangeError:
    """Return the refusal to start a second range in a folder."""
    return RangeError(f"A range runs in {folder} already.", "stop it first, or name another folder.")


@contextmanager
def _held(folder: Path) -> Iterator[TextIO]:
    """Hold the folder, empty but for our own files, for one keeper."""
    with (folder / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(folder) from None
        if any((folder / name).exists() for name in SITES):
            message = f"{folder} holds what an earlier range left."
            raise RangeError(message, "keep it as evidence and name a new folder, or delete it.")
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock


def _begin(site: Site, wanted: Wanted, servers: list[Server]) -> dict[str, Any]:
    folder = wanted.folder / site.name
    database = folder / site.engine
    for each in (folder, database):
        each.mkdir()
        give(each)
    web, behind, port = free_port(), free_port(), free_port()
    make = postgresql if site.engine == "postgresql" else mariadb
    served = _started(make(database, wanted.address, port), servers)
    begun = time.monotonic()
    fill(site, port, wanted.people, wanted.seed)
    print(f"{site.name}: {wanted.people} people in {time.monotonic() - begun:.1f} s", flush=True)
    _started(gunicorn(site.name, folder, wanted.address, behind, port), servers)
    _started(nginx(site.name, folder, wanted.address, web, behind), servers)
    leave_backup(site, folder, port)
    (folder / "datamap.yaml").write_bytes((_MAPS / site.name / "datamap.yaml").read_bytes())
    print(f"{site.name}: http://{wanted.address}:{web}/ before {served.name} on port {port}", flush=True)
    return _state(site, folder, wanted.address, web, port)


def _started(server: Server, servers: list[Server]) -> Server:
    servers.append(server)
    server.start()
    return server


def _state(site: Site, folder: Path, address: str, web: int, port: int) -> dict[str, Any]:
    statements = "postgresql.log" if site.engine == "postgresql" else "general.log"
    configuration = folder / "nginx" / "nginx.conf"
    reload = [find_program("nginx"), "-p", folder / "nginx", "-c", configuration, "-s", "reload"]
    return {
        "url": f"http://{address}:{web}",
        "folder": str(folder),
        "datamap": str(folder / "datamap.yaml"),
        "logs": {
            "combined": str(folder / "nginx" / "access.log"),
            "json": str(folder / "nginx" / "access_json.log"),
            "accounts": str(folder / "app" / "auth.log"),
            "statements": str(folder / site.engine / statements),
        },
        "database": {
            "engine": site.engine, "host": address, "port": port, "name": site.name,
            "owner": "range_owner" if site.engine == "postgresql" else "root", "roles": list(ROLES),
        },
        "nginx": {"pid_file": str(folder / "nginx" / "nginx.pid"), "reload": [str(word) for word in reload]},
        "controls": {name.removesuffix(".conf"): str(folder / "controls" / name) for name in CONTROLS},
        "never_block": str(folder / "controls" / "never_block.txt"),
    }  # fmt: skip


def _write_state(wanted: Wanted, sites: dict[str, Any]) -> None:
    state = {
        "warning": WARNING, "keeper": os.getpid(), "people": wanted.people, "seed": wanted.seed,
        "addresses": {"office": OFFICE, "health_check": HEALTH_CHECK, "partner": PARTNER}, "sites": sites,
    }  # fmt: skip
    new = wanted.folder / f"{STATE}.new"
    new.write_text(json.dumps(state, indent=2) + "\n", "utf-8")
    new.replace(wanted.folder / STATE)
    print("The range is up.", flush=True)


def _watch(servers: list[Server]) -> None:
    """Start again what died, a second later, as a host's service manager would."""
    while True:
        time.sleep(1)
        for server in servers:
            if server.is_gone():
                print(f"{server.name} died and is started again", flush=True)
                server.stop()
                with suppress(RangeError):  # said in its log; tried again in the next second
                    server.start()
