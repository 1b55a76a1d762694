"""A hole over a real SQL engine (SQLite, with the functions other engines have), and tools of many kinds.

What the tools read is compared with what the transcripts give: the engine answered, nobody guessed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ashiato.datamap.model import DataMap
from ashiato.engine.exposures.transcripts import Understood, rebuild_transcripts
from ashiato.engine.store import Store
from ashiato.engine.tables import EVENTS, HOLES, INTRUSION

PEOPLE = (
    ("aoi", "aoi@mail.example", "Tokyo"),
    ("chika", "chika_b@a.example", "it's 100%"),
    ("佐藤花子", "hana@site.example", "𠮷野家"),
)
_SECOND = 1_000_000

Coding = Callable[[str], str]


def plainly(payload: str) -> str:
    """Write a payload as a browser writes it."""
    return quote(payload, safe="")


@dataclass
class Victim:
    """A page over a table: ``frame`` is the application's statement, with ``{}`` where the parameter goes."""

    frame: str = "SELECT title FROM items WHERE code = '{}'"
    coding: Coding = plainly
    pages: Callable[[str], tuple[int, int]] | None = None
    targets: list[tuple[str, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Fill the tables and lend SQLite the functions of other engines."""
        self.slept = 0.0
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE items (code text, title text)")
        self.db.execute("INSERT INTO items VALUES ('1', 'Soap')")
        self.db.execute("CREATE TABLE members (id integer PRIMARY KEY, name text, email text, note text)")
        self.db.executemany("INSERT INTO members (name, email, note) VALUES (?, ?, ?)", PEOPLE)
        lent: dict[str, tuple[int, Callable[..., Any]]] = {
            "ord": (1, lambda text: int.from_bytes(text[:1].encode(), "big")),
            "ascii": (1, lambda text: ord(text[0]) if text else 0),
            "mid": (3, lambda text, start, size: text[start - 1 : start - 1 + size]),
            "left": (2, lambda text, size: text[:size]),
            "right": (2, lambda text, size: text[-size:]),
            "if": (3, lambda met, yes, no: yes if met else no),
            "sleep": (1, self._sleep),
            "regexp": (2, _matches),
            "char_length": (1, len),
        }
        for name, (count, work) in lent.items():
            self.db.create_function(name, count, work)

    def asks(self, payload: str) -> bool:
        """Send a request; returns whether the tool takes its answer for yes (more than the empty page)."""
        self.slept = 0
        try:
            found = self.db.execute(self.frame.format(payload)).fetchall()
            status, sent = (200, 49) if found else (200, 20)
        except sqlite3.Error:
            status, sent = 500, 31
        target = f"/item?id={self.coding(payload)}"
        took = 1_000 + len(self.targets) % 7 * 300 + int(self.slept * _SECOND)
        self.targets.append((target, status, sent, took))
        return self.slept > 0 if "sleep" in payload.lower() else status == 500 or sent == 49

    def _sleep(self, seconds: float) -> int:
        self.slept += float(seconds)
        return 0


def _matches(pattern: str, text: str) -> bool:
    import re  # noqa: PLC0415

    return re.search(pattern, text) is not None


def read_by_bisection(ask: Callable[[str], bool], code: str, *, most: int = 127) -> str:
    """Read a value with questions ``code > n``, where ``code`` has ``{}`` for the place; ends at 0."""
    told = ""
    for place in range(1, 60):
        low, high = 0, most
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if ask(f"{code.format(place)}>{middle}") else (low, middle)
        if low == 0:
            break
        told += chr(low)
    return told


def read_by_trial(ask: Callable[[str], bool], question: str, alphabet: str) -> str:
    """Read a value by letters: ``{0}`` place, ``{1}`` what is known and the letter, ``{2}`` it alone."""
    told = ""
    while len(told) < 60:
        found = next((c for c in alphabet if ask(question.format(len(told) + 1, told + c, c))), None)
        if found is None:
            break
        told += found
    return told


def rebuilt(victim: Victim, folder: Path) -> tuple[list[tuple[str, str, str, str]], list[Understood]]:
    """Rebuild what the log tells: (field, row, value, state) of each value, and the ways of asking."""
    with Store(folder) as store:
        store.write(EVENTS, _events(victim))
        store.write(HOLES, [])
        store.write(INTRUSION, ((n, "P1", "I1", 0.9, "") for n in range(len(victim.targets))))
        understood = rebuild_transcripts(store, (), DataMap())
        sql = "SELECT field, record_key, value, state FROM transcripts_recovered ORDER BY ALL"
        return [(row[0], row[1], row[2], row[3]) for row in store.rows(sql)], list(understood)


def _events(victim: Victim) -> Iterator[tuple[Any, ...]]:
    clock = 0
    for number, (target, status, sent, took) in enumerate(victim.targets):
        told = {
            "event_id": number,
            "event_kind": "http",
            "start_us": clock,
            "time_step_us": _SECOND,
            "http_request_method": "GET",
            "http_request_path": "/item",
            "http_request_target": target,
            "http_response_code": status,
            "http_response_body_bytes": sent,
            "duration_us": took,
        }
        clock += took
        yield tuple(told.get(name) for name in EVENTS.columns)
