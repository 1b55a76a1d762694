"""A simulated site: honest people, noise and attacks as events, each with its label, by seed.

Routes, volumes and what is logged vary, so that tests can show that findings hold without retuning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ashiato.datamap.model import DataMap
from ashiato.engine import findings, intrusion
from ashiato.engine.pins import Pin, write_pins
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS, EVIDENCE, WITNESSES, Table
from ashiato.engine.workspace import Workspace

HONEST = "honest"
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MIDNIGHT = 1_767_193_200 * SECOND  # 2026-01-01T00:00:00+09:00
BROWSERS = tuple(
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/{number}.0.0.0" for number in range(130, 138)
)


@dataclass(frozen=True)
class Names:
    """What the site's routes are called."""

    login: str = "/login"
    record: str = "/api/members/{id}"
    part: str = "/api/members/{id}/orders"
    home: str = "/home"
    staff_list: str = "/backoffice/members"
    staff_record: str = "/backoffice/members/{id}"
    search: str = "/shops"


@dataclass
class Site:
    """Events in the making. ``sessions``, ``auth``, ``sql``: whether the site's logs tell of them.

    ``lent``: the web log tells no session, but the record of a sign-in does, and lends it to its request.
    """

    seed: int = 1
    names: Names = field(default_factory=Names)
    sessions: bool = True
    auth: bool = True
    sql: bool = True
    lent: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    causes: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Seed the only source of chance."""
        self.chance = np.random.default_rng(self.seed)
        self._sessions = 0

    def request(self, at: int, label: str, ip: str, target: str, **said: Any) -> int:
        """Add one request and return its place; ``said`` are event columns, ``status`` and ``query``."""
        path, _, query = target.partition("?")
        session = said.get("session") if self.sessions and not self.lent else None
        self.events.append(
            {
                "event_kind": "http",
                "start_us": at,
                "label": label,
                "src_endpoint_ip": ip,
                "http_request_method": said.get("method", "GET"),
                "http_request_target": target,
                "http_request_path": path,
                "http_request_query": query or None,
                "http_request_user_agent": said.get("agent", BROWSERS[0]),
                "http_response_code": said.get("status", 200),
                "http_response_body_bytes": said.get("size", 1200),
                "actor_session_uid": session,
                "actor_user_name": said.get("account") if session else None,
            }
        )
        place = len(self.events) - 1
        if self.sql and said.get("query"):
            self._statement(at, label, said["query"], place, said.get("error"))
        return place

    def _statement(self, at: int, label: str, text: str, request: int, error: str | None) -> None:
        self.events.append(
            {
                "event_kind": "sql",
                "start_us": at + 2000,
                "label": label,
                "query_text": text,
                "database_user_name": "shopapp",
                "database_application": "shopweb",
                "src_endpoint_ip": "10.0.0.8",
                "database_session_uid": f"pool{request % 4}",
                "error_code": "42601" if error else None,
                "error_text": error,
            }
        )
        self.causes.append((len(self.events) - 1, request))

    def sign_in(self, at: int, label: str, ip: str, account: str, **said: Any) -> str | None:
        """Add a sign-in (form, password, record of it) and return the session when it came right."""
        agent, ok = said.get("agent", BROWSERS[0]), said.get("ok", True)
        login, role = said.get("login", self.names.login), said.get("role", "member")
        if not said.get("tool"):
            self.request(at - 9 * SECOND, label, ip, login, agent=agent)
        lookup = f"SELECT id, pw FROM members WHERE mail = '{account}'"
        status = 302 if ok else 200
        posted = self.request(at, label, ip, login, method="POST", status=status, agent=agent, query=lookup)
        self._sessions += 1
        session = f"{self.seed}-{self._sessions:06x}" if ok else None
        if self.lent and ok:
            self.events[posted] |= {"actor_session_uid": session, "actor_user_name": account}
        if self.auth:
            self.events.append(
                {
                    "event_kind": "auth",
                    "start_us": at + 5000,
                    "label": label,
                    "src_endpoint_ip": ip,
                    "actor_session_uid": session if self.sessions else None,
                    "actor_user_name": account,
                    "actor_user_type": role,
                    "status": "success" if ok else "failure",
                }
            )
        return session

    def read(self, at: int, label: str, ip: str, target: str, **said: Any) -> int:
        """Add one request for a record, with the statement the route runs."""
        number = "".join(filter(str.isdigit, target.partition("?")[0].rsplit("/", 2)[-1])) or "0"
        return self.request(at, label, ip, target, query=f"SELECT * FROM members WHERE id = {number}", **said)

    # Honest people and programs ---------------------------------------------------------------------

    def customers(self, count: int, days: int = 2) -> None:
        """People who sign in and look at their own record; some mistype, some share an address."""
        for number in range(count):
            ip = f"10.20.{number % 7}.1" if number % 5 == 0 else f"10.{30 + number // 200}.{number % 200}.9"
            agent = BROWSERS[int(self.chance.integers(len(BROWSERS)))]
            own = 1000 + number
            for day in range(days):
                if self.chance.random() < 0.6:
                    at = MIDNIGHT + day * DAY + int(self.chance.integers(7 * HOUR, 23 * HOUR))
                    self._customer_visit(at, ip, agent, own)

    def _customer_visit(self, at: int, ip: str, agent: str, own: int) -> None:
        account = f"member{own}"
        self.request(at, HONEST, ip, "/", agent=agent)
        for _ in range(3 if self.chance.random() < 0.05 else 0):
            at += 20 * SECOND
            self.sign_in(at, HONEST, ip, account, ok=False, agent=agent)
        at += 30 * SECOND
        session = self.sign_in(at, HONEST, ip, account, agent=agent)
        said = {"session": session, "account": account, "agent": agent}
        self.request(at + SECOND, HONEST, ip, self.names.home, **said)
        self.read(at + 2 * SECOND, HONEST, ip, self.names.record.format(id=own), **said)
        for step in range(int(self.chance.integers(4))):
            at += int(self.chance.integers(5, 90)) * SECOND
            self.read(at + step, HONEST, ip, self.names.part.format(id=own), **said)
        self._search(at + 20 * SECOND, ip, agent)

    def _search(self, at: int, ip: str, agent: str) -> None:
        word = ("cafe", "book", "O%27Hara", "pet+shop")[int(self.chance.integers(4))]
        plain = {"O%27Hara": "O''Hara", "pet+shop": "pet shop"}.get(word, word)
        text = f"SELECT id, name FROM shops WHERE name LIKE '%{plain}%' ORDER BY id LIMIT 20"
        self.request(at, HONEST, ip, f"{self.names.search}?q={word}", agent=agent, query=text)

    def staff(self, count: int, days: int = 3, cases: int = 40) -> None:
        """Staff at one office address: they search, open details, turn a page or two."""
        for number in range(count):
            for day in range(days):
                self._staff_day(f"staff{number}", MIDNIGHT + day * DAY, cases)

    def _staff_day(self, account: str, midnight: int, cases: int) -> None:
        at, ip = midnight + 9 * HOUR + int(self.chance.integers(30 * MINUTE)), "192.0.2.20"
        session = self.sign_in(at, HONEST, ip, account, role="staff")
        said = {"session": session, "account": account}
        for _ in range(int(self.chance.integers(cases // 2, cases + 1))):
            at += int(self.chance.integers(2 * MINUTE, 14 * MINUTE))
            word = f"name{int(self.chance.integers(500))}"
            self.read(at, HONEST, ip, f"{self.names.staff_list}?q={word}", **said)
            if self.chance.random() < 0.2:
                self.read(at + 15 * SECOND, HONEST, ip, f"{self.names.staff_list}?q={word}&page=2", **said)
            chosen = 1000 + int(self.chance.integers(3000))
            self.read(at + 30 * SECOND, HONEST, ip, self.names.staff_record.format(id=chosen), **said)

    def noise(self, count: int) -> None:
        """Knockers of the whole internet, a crawler, a health check."""
        fads = (
            "/wp-login.php",
            "/xmlrpc.php",
            "/.env",
            "/.git/config",
            "/phpmyadmin/",
            "/?id=1%27+OR+%271%27%3D%271",
        )
        for number in range(count):
            at, ip = (
                MIDNIGHT + int(self.chance.integers(2 * DAY)),
                f"100.64.{number % 200}.{number // 200 + 1}",
            )
            for step, target in enumerate(fads):
                status = 200 if "?" in target else 404
                self.request(at + step * SECOND, HONEST, ip, target, status=status, agent="zgrab/0.x")
        for number in range(count):
            at = MIDNIGHT + number * HOUR // 2
            agent = "Mozilla/5.0 (compatible; Somebot/2.1; +http://bot.example)"
            self.request(at, HONEST, "100.65.0.1", f"/news/{number}.html", agent=agent)
            self.request(at, HONEST, "10.0.0.5", "/healthz", agent="checker/1", query="SELECT 1")

    # Attacks ----------------------------------------------------------------------------------------

    def scan(self, at: int, ip: str, words: int, agent: str = "Mozilla/5.0 (X11; rv:128.0)") -> None:
        """Try a word list, twenty a second."""
        for number in range(words):
            word = "".join(chr(97 + int(letter)) for letter in self.chance.integers(0, 26, 9))
            self.request(
                at + number * SECOND // 20, "scan", ip, f"/{word}", status=404, size=153, agent=agent
            )

    def guess(
        self, at: int, ip: str, tries: Sequence[str], right: str | None = None, every: int = SECOND
    ) -> None:
        """Try accounts one after the other; the last try is right when asked for."""
        for number, account in enumerate([*tries, *([right] if right else [])]):
            ok = account == right
            said: dict[str, Any] = {"ok": ok, "agent": "python-requests/2.31", "tool": True}
            session = self.sign_in(at + number * every, "guess", ip, account, **said)
            if ok:
                said = {"session": session, "account": account, "agent": "python-requests/2.31"}
                self.request(at + number * every + SECOND, "guess", ip, self.names.home, **said)

    def enumerate(self, at: int, ips: Sequence[str], ids: Sequence[int], every: int, **said: Any) -> None:
        """Take records one by one under one's own account, over one session or several."""
        account, agent = said.get("account", "member1003"), BROWSERS[3]
        sessions, per_visit = said.get("visits", 1), -(-len(ids) // said.get("visits", 1))
        for visit in range(sessions):
            start = at + visit * DAY // 2
            session = self.sign_in(start, "enumerate", ips[0], account, agent=agent)
            for step, number in enumerate(ids[visit * per_visit : (visit + 1) * per_visit], 1):
                ip = ips[step * len(ips) // (per_visit + 1)]
                status = 404 if number % 11 == 0 else 200
                target = self.names.record.format(id=number)
                who = {"session": session, "account": account, "agent": agent}
                self.read(start + step * every, "enumerate", ip, target, status=status, **who)

    def steal(self, at: int, ip: str, details: int, pages: int, every: int) -> None:
        """Use a staff account: walk a list, then open details, without searching for anybody."""
        account = "staff1"
        session = self.sign_in(at, "steal", ip, account, role="staff")
        said = {"session": session, "account": account}
        for page in range(1, pages + 1):
            self.read(at + page * every, "steal", ip, f"{self.names.staff_list}?page={page}", **said)
        for step in range(details):
            target = self.names.staff_record.format(id=1500 + 7 * step)
            self.read(at + (pages + 1 + step) * every, "steal", ip, target, **said)

    def inject(self, at: int, ip: str, rows: int, method: str = "GET") -> None:
        """Break a search out of its quotes, find the shape, then read row by row.

        By POST the text stands in the body, which no web log tells.
        """
        agent = BROWSERS[1]
        self.request(at, "inject", ip, f"{self.names.search}?q=x", agent=agent, query=self._pasted("x"))
        probes = ["x'", "x' AND 1=1-- a", "x' ORDER BY 3-- a", "x') AND 2=2-- a"]
        reads = [f"x' UNION ALL SELECT mail,pw FROM members OFFSET {row} LIMIT 1-- a" for row in range(rows)]
        for step, value in enumerate(probes + reads, 1):
            broken = step in (1, 4)
            self.request(
                at + step * SECOND,
                "inject",
                ip,
                f"{self.names.search}?q={_quoted(value)}" if method == "GET" else self.names.search,
                agent=agent,
                method=method,
                status=500 if broken else 200,
                query=self._pasted(value),
                error='syntax error at or near "%"' if broken else None,
            )

    def _pasted(self, value: str) -> str:
        return f"SELECT id, name FROM shops WHERE name LIKE '%{value}%' ORDER BY id LIMIT 20"

    def wave(self, at: int, count: int) -> None:
        """Try one leaked password each from many addresses, within minutes, with common browsers."""
        for number in range(count):
            said = {"ok": False, "agent": BROWSERS[number % len(BROWSERS)]}
            self.sign_in(at + number * 10 * SECOND, "wave", f"198.51.{number}.7", f"leaked{number}", **said)

    def dump(
        self, at: int, ip: str, label: str = "dump", user: str = "shopapp", program: str = "psql"
    ) -> None:
        """Read whole tables over a database connection of one's own."""
        for step, table in enumerate(("members", "orders", "cards")):
            said = {"query_text": f"SELECT * FROM {table}", "query_rows": 20_000, "database_user_name": user}
            self.events.append(
                {
                    **said,
                    "event_kind": "sql",
                    "start_us": at + step * SECOND,
                    "label": label,
                    "src_endpoint_ip": ip,
                    "database_application": program,
                    "database_session_uid": f"own{at}",
                }
            )

    def plant(self, at: int, ip: str) -> None:
        """Call a script planted among the uploads."""
        for step, command in enumerate(("id", "uname+-a", "cat+/etc/passwd", "ls+-la", "pg_dump+shop")):
            self.request(
                at + step * MINUTE, "plant", ip, f"/uploads/2026/a.php?c={command}", agent="curl/8.5"
            )

    # The outcome ------------------------------------------------------------------------------------

    def write(self, store: Store) -> dict[int, int]:
        """Write the events, causes and the log they stand in; returns each event's number by its place."""
        order = sorted(range(len(self.events)), key=lambda place: (self.events[place]["start_us"], place))
        ids = {place: number for number, place in enumerate(order)}
        store.write(EVENTS, [_row_of(ids[place], self.events[place]) for place in order])
        store.write(CAUSES, [(ids[sql], ids[http], 1.0, "time", 1) for sql, http in sorted(self.causes)])
        store.write(EVIDENCE, [_row_in(EVIDENCE, evidence_id="e", label="log")])
        lines = [
            _row_in(WITNESSES, event_id=n, evidence_id="e", line_first=n, line_last=n) for n in ids.values()
        ]
        store.write(WITNESSES, lines)
        return ids

    def investigate(self, folder: Path, datamap: DataMap | None = None, pins: Sequence[Pin] = ()) -> Outcome:
        """Write the events, run both stages, and return what came of it beside the labels.

        Event ``n`` stands on line ``n`` of ``log``; ``pins`` are the analyst's.
        """
        with Store(folder) as store:
            ids = self.write(store)
            write_pins(folder, pins)
            workspace = Workspace(folder, ZoneInfo("Asia/Tokyo"), datamap or DataMap(), (), store)
            findings.build(workspace)
            intrusion.build(workspace)
            return Outcome(
                labels={ids[place]: event["label"] for place, event in enumerate(self.events)},
                hostile=dict(store.rows("SELECT event_id, path FROM intrusion")),
                excluded=dict(store.rows("SELECT event_id, because FROM excluded")),
                reasons=dict(store.rows("SELECT event_id, why FROM intrusion")),
                paths=store.rows("SELECT path, intruder, technique, title, why FROM paths ORDER BY path"),
                findings=store.rows(
                    "SELECT rule, level, actor, why, events FROM findings ORDER BY finding_id"
                ),
            )


@dataclass(frozen=True)
class Outcome:
    """What the stages said, beside what is true."""

    labels: dict[int, str]
    hostile: dict[int, str]
    paths: list[tuple[Any, ...]]
    findings: list[tuple[Any, ...]]
    excluded: dict[int, str]
    reasons: dict[int, str]

    @property
    def precision(self) -> float:
        """The share of events called hostile that are."""
        right = sum(self.labels[event] != HONEST for event in self.hostile)
        return right / len(self.hostile) if self.hostile else 1.0

    def recall(self, label: str) -> float:
        """The share of an attack's events that were called hostile."""
        events = [event for event, told in self.labels.items() if told == label]
        return sum(event in self.hostile for event in events) / len(events)

    def techniques(self) -> list[str]:
        """The techniques of the paths, in order."""
        return [technique for _, _, technique, _, _ in self.paths]

    def alarms(self) -> list[tuple[Any, ...]]:
        """The findings of medium level and above."""
        return [found for found in self.findings if found[1] in ("medium", "high", "critical")]


def _row_of(event_id: int, event: dict[str, Any]) -> tuple[Any, ...]:
    fixed = {"event_id": event_id, "end_us": event["start_us"] + 1000, "time_step_us": 1000}
    return tuple({**event, **fixed}.get(column) for column in EVENTS.columns)


def _row_in(table: Table, **said: object) -> tuple[object, ...]:
    return tuple(said.get(column) for column in table.columns)


def _quoted(text: str) -> str:
    return "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in text)


def shuffled_blocks(first: int, count: int, block: int, seed: int) -> Iterator[int]:
    """Yield the numbers from ``first`` on, shuffled within blocks: how careful thieves count."""
    chance = np.random.default_rng(seed)
    for start in range(first, first + count, block):
        numbers = np.arange(start, min(start + block, first + count))
        chance.shuffle(numbers)
        yield from (int(number) for number in numbers)
