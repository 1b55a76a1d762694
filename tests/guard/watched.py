"""A small insurer whose log is written line by line, with a guard that follows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ashiato.guard.running import Guard
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm
from ashiato.terms.times import us_of

BEGIN = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
DATAMAP = """\
zone: Asia/Tokyo
systems:
  shop:
    engine: postgresql
    tables:
      owners: {key: id, person: true, columns: {id: other, mail: contact}}
      pets: {key: id, belongs: {table: owners, by: owner_id}, columns: {id: other, owner_id: other}}
      shops: {key: id, columns: {id: other, name: other}}
routes:
  - path: /owners/{id}
    methods: [GET]
    role: owner
    statements: ["SELECT * FROM owners WHERE id = {id}"]
  - path: /pets
    role: owner
    statements: ["SELECT * FROM pets WHERE owner_id = {owner_id} LIMIT 20"]
  - path: /shops
    statements: ["SELECT * FROM shops WHERE name = '{q}'"]
  - {path: /admin/owners, role: staff}
  - {path: "/admin/owners/{id}", role: staff}
accounts: {machines: [10.9.9.9], offices: [198.51.100.20]}
"""


class Watched:
    """A folder with settings and a log; ``tell`` keeps the alarms that were handed on."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.log = folder / "access.log"
        self.log.touch()
        self.told: list[Alarm] = []
        self.now = BEGIN
        (folder / "datamap.yaml").write_text(DATAMAP, encoding="utf-8")
        sources = f"sources:\n  - {{files: {self.log}, from: beginning}}\n"
        settings = f"datamap: datamap.yaml\n{sources}staff_roles: [staff]\n{more}"
        (folder / "guard.yaml").write_text(settings, encoding="utf-8")

        self.settings = load_settings(folder)

    def clock(self) -> int:
        """Return the moment, as the guard takes it."""
        return us_of(self.now)

    def ask(self, path: str, address: str, session: str = "-", **said: object) -> None:
        """Write one request of this moment."""
        asked = {"time": self.now.isoformat(), "ip": address, "method": "GET", "uri": path, "sess": session}
        line = asked | {"status": 200, "body_bytes": 300} | said
        with self.log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)

    @contextmanager
    def guard(self, tell: Callable[[Alarm], None] | None = None) -> Iterator[Guard]:
        """Give a guard at work, which has read everything before and after."""
        tell = tell or self.told.append
        with State(self.folder) as state, closing(Guard(self.settings, state, tell, self.clock)) as guard:
            catch_up(guard)
            yield guard
            catch_up(guard)


def catch_up(guard: Guard) -> None:
    while guard.step():
        pass
