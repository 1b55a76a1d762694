"""A site of the exercise range with a guard beside it, as the guides tell an operator to set one up."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from range.loopback import HEALTH_CHECK, OFFICE, PARTNER
from range.place import Place
from range.programs import free_port

_GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "containment.md"
_PROGRAM = Path(sys.executable).with_name("ashiato")
_MAPS = ("denied", "slowed", "closed")
#: What an operator of the insurer knows: how many people a reply holds, and how the partner's program works.
_SETTINGS = """\
datamap: {datamap}
sources:
  - {{files: {json}}}
  - {{files: {accounts}}}
staff_roles: [staff]
replies:
  - {{path: /staff/owners, people: 50}}
  - {{path: /api/owners/batch, people: 500}}
budgets:
{partners}"""


#: What a partner's programs may see, whoever of them asks.
_PARTNERS = "".join(
    f"  - {{role: partner, actor: {actor}, per: {per}, floor: {most}, ceiling: {most}}}\n"
    for actor in ("session", "address", "network", "everyone")
    for per, most in (("minute", 100), ("hour", 500), ("day", 5000))
)


def settings_of(datamap: Path | str, web: Path | str, accounts: Path | str) -> str:
    """Return the settings of a guard of the insurer."""
    return _SETTINGS.format(datamap=Path(datamap).absolute(), json=web, accounts=accounts, partners=_PARTNERS)


@dataclass
class Guarded:
    """A guard at work: its folder, the server's home, and what it told, with when it was heard."""

    folder: Path
    home: Path
    told: list[tuple[datetime, str]] = field(default_factory=list)

    def plans(self) -> list[dict[str, Any]]:
        """Return each step of each plan, with what became of it."""
        with closing(sqlite3.connect(f"file:{self.home}/server.sqlite3?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            asked = (
                "SELECT p.id, p.stand, p.is_automatic, p.proposed_at, p.applied_at, p.verified_at,"
                " s.kind, s.value, s.stand AS step, s.fault, s.is_blocked FROM containing_plan AS p"
                " JOIN containing_step AS s ON s.plan_id = p.id ORDER BY s.id"
            )
            return [dict(row) for row in database.execute(asked)]


def open_nginx(place: Place) -> int:
    """Give the site's nginx the lines of the guide, stopping nobody; returns the port of trials."""
    port, maps, server = free_port(), _controls(place) / "http.d", _controls(place) / "server.d"
    for each in _MAPS:
        (maps / f"{each}.conf").write_text(_block(f"/etc/nginx/ashiato/{each}.conf"), "utf-8")
    lines = _block("within the site's server").replace("127.0.0.1:8079", f"127.0.0.1:{port}")
    (server / "ashiato.conf").write_text(lines, "utf-8")
    reload(place)
    return port


def let_go(place: Place) -> None:
    """Let everybody in again whom an earlier guard stopped, as no honest operator would."""
    for each in _MAPS:
        (_controls(place) / "http.d" / f"{each}.conf").write_text(
            _block(f"/etc/nginx/ashiato/{each}.conf"), "utf-8"
        )
    reload(place)
    database = _database(place)
    words = ["psql", "-qX", "-h", database["host"], "-p", str(database["port"]), "-U", database["owner"]]
    restored = "; ".join(
        f"UPDATE {table} SET disabled = 0 WHERE disabled = 1" for table in ("owners", "staff", "partners")
    )
    subprocess.run([*words, "-d", database["name"], "-c", f"{restored}; DELETE FROM sessions"], check=True)


def reload(place: Place) -> None:
    """Have nginx read its files anew."""
    subprocess.run(_site(place)["nginx"]["reload"], check=True, capture_output=True)
    time.sleep(0.5)


@contextmanager
def guarded(place: Place, work: Path, trial: int) -> Iterator[Guarded]:
    """Run a guard that hands its alarms to a server, which stops whom its file lets it stop by itself."""
    shutil.rmtree(work, ignore_errors=True)
    made = Guarded(work / "guard", work / "home")
    for each in (made.folder, made.home):
        each.mkdir(parents=True, mode=0o700)
    logs = _site(place)["logs"]
    said = settings_of(_site(place)["datamap"], logs["json"], logs["accounts"])
    (made.folder / "guard.yaml").write_text(said, "utf-8")
    (made.home / "server.yaml").write_text(json.dumps(_server(place, trial)), "utf-8")
    words = ["env", f"ASHIATO_HOME={made.home}", _PROGRAM, "guard", "run", made.folder, "--server"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        hearing = threading.Thread(target=_hear, args=[running.stderr, made.told])
        hearing.start()
        _await_first_step(made.folder, running)
        yield made
        running.terminate()
        hearing.join()


def _hear(lines: Iterator[str], told: list[tuple[datetime, str]]) -> None:
    told.extend((datetime.fromtimestamp(time.time(), UTC), line.rstrip()) for line in lines)


def _await_first_step(folder: Path, running: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 90
    while not (folder / "guard.sqlite3").exists():
        if running.poll() is not None or time.monotonic() > until:
            message = "the guard did not start"
            raise RuntimeError(message)
        time.sleep(0.2)
    time.sleep(3)


def _server(place: Place, trial: int) -> dict[str, Any]:
    """What server.yaml says: the narrowest control first; who works with the site is never stopped."""
    said = _database(place)
    words = {name: said[name] for name in ("engine", "host", "port", "name")}
    database = {**words, "user": said["owner"]}
    sessions = {
        "kind": "sessions-sql",
        "database": database,
        "look": "SELECT rtrim(secret_hash) FROM sessions WHERE sid = :value",
        "stop": "UPDATE sessions SET secret_hash = 'ended' WHERE sid = :value",
        "restore": "UPDATE sessions SET secret_hash = :before WHERE sid = :value",
        "stopped": "ended",
        "trial": {"url": f"{place.url}/mypage", "cookie": "sid"},
    }
    denied = {
        "kind": "nginx-deny",
        "file": str(_controls(place) / "http.d" / "denied.conf"),
        "conf": str(Path(_site(place)["folder"]) / "nginx" / "nginx.conf"),
        "trial": f"http://127.0.0.1:{trial}",
    }
    controls = {"sessions": sessions, "programs": _accounts(database), "denied": denied}
    policy = {
        "automatic_reach": 5,
        "automatic_addresses": 20,
        "never": {"networks": [OFFICE, HEALTH_CHECK, PARTNER]},
    }
    return {"containment": {"policy": policy, "controls": controls}}


def _accounts(database: dict[str, Any]) -> dict[str, Any]:
    """Everybody as the logs name them: ``customer:17``, ``staff:staff09``, ``partner:partner2``."""
    named = {
        "owners": "id = CASE WHEN :value LIKE 'customer:%' THEN CAST(substr(:value, 10) AS bigint) END",
        "staff": "login = CASE WHEN :value LIKE 'staff:%' THEN substr(:value, 7) END",
        "partners": "name = CASE WHEN :value LIKE 'partner:%' THEN substr(:value, 9) END",
    }
    look = " UNION ALL ".join(f"SELECT disabled FROM {table} WHERE {key}" for table, key in named.items())
    return {
        "kind": "accounts-sql",
        "database": database,
        "look": look,
        "stop": _everywhere(named, "1"),
        "restore": _everywhere(named, ":before"),
        "stopped": 1,
    }


def _everywhere(named: dict[str, str], value: str) -> str:
    """Return one statement that sets whether an account is disabled, in whichever table it stands."""
    said = [f"UPDATE {table} SET disabled = {value} WHERE {key}" for table, key in named.items()]
    parts = ", ".join(f"{table}_set AS ({text} RETURNING 1)" for table, text in zip(named, said, strict=True))
    return f"WITH {parts} SELECT 1"


def _block(name: str) -> str:
    found = re.search(rf"```nginx\n# {re.escape(name)}\n(.*?)```", _GUIDE.read_text("utf-8"), re.DOTALL)
    if found is None:
        raise LookupError(name)
    return found[1]


def _site(place: Place) -> dict[str, Any]:
    site: dict[str, Any] = place.state["sites"][place.site.name]
    return site


def _database(place: Place) -> dict[str, Any]:
    database: dict[str, Any] = _site(place)["database"]
    return database


def _controls(place: Place) -> Path:
    return Path(_site(place)["folder"]) / "controls"


def stopped_values(plans: Sequence[dict[str, Any]]) -> set[str]:
    """Return whom plans that went by themselves stopped."""
    return {plan["value"] for plan in plans if plan["is_automatic"] and plan["step"] != "spared"}
