"""Statements by the difference they turn on, asked of a real server, whose answer is the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pg8000.dbapi
import pymysql

from ashiato.datamap.model import Column, DataTable
from ashiato.engine.store import Store
from tests.engine.exposures.scene import Scene, Statement
from tests.journeys.databases import Database

WORDS = (
    "sato", "SATO", "Sato", "sato ", "sato  ", "sat\u014d", "\uff53\uff41\uff54\uff4f",
    "\uff33\uff21\uff34\uff2f", "\u3055\u3068\u3046", "\u30b5\u30c8\u30a6", "\uff7b\uff84\uff73",
    "\u30b5\u30c8\u30a6 ", "\u4f50\u85e4", "\u4f50\u7c50", "\u304c", "\u304b", "\u30ab", "\u30ac",
    "\uff76\uff9e", "\u304b\u3099", "\u306f", "\u3070", "\u3071", "\u30cf", "\u3042", "\u3041",
    "\u30a2", "\U0001f363", "\U0001f37a", "\U00020bb7\u91ce", "\u5409\u91ce", "\u00df", "ss",
    "\u00e9", "e", "e\u0301", "\u00d1", "n", "", "12abc", "12", "012", " 12", "1e1", "0", "abc",
    "ABC", "100%", "100\\%", "100a", "a_b", "axb", "a.b", "a\nb", "O'Neil", "\u30fc", "\u3005",
    "\u9ad9\u6a4b", "\u9ad8\u6a4b", "\u00c5", "A", "a", "\ufb01", "fi", "\u2460", "1", "\u0130",
    "i", "\u0131", "I", "x\u3000", "x ", "x", "\u00d8", "O", "\u30f6", "\u30b1", "\u03c3", "\u03c2",
    "\u03a3", "foo bar", "foobar", "foo-bar",
)  # fmt: skip
_ASKED = ("sato", "\u30b5\u30c8\u30a6", "\u304b", "\U0001f363", "ss", "e", "12", "x", "a", "\u4f50\u85e4", "")


@dataclass(frozen=True)
class Question:
    """One statement as logged; ``truth``: the statement whose ids are those it reached, itself if empty."""

    difference: str
    text: str
    truth: str = ""


@dataclass
class Tally:
    """What came of a difference's statements: rows confirmed, at least possible, in truth; those lost."""

    statements: int = 0
    confirmed: int = 0
    possible: int = 0
    truth: int = 0
    lost: list[str] = field(default_factory=list)
    overclaimed: list[str] = field(default_factory=list)


def hostile_rows() -> list[tuple[object, ...]]:
    """Return rows of words and of words put together: id, name, memo, fixed, amount, born, seen."""
    many = len(WORDS)
    pairs = [WORDS[n * 7 % many] + WORDS[(n * 31 + 11) % many] for n in range(60)]
    names: list[str | None] = [*WORDS, *pairs, None, *WORDS[:20]]
    memos: list[str | None] = [*WORDS, None]
    days = ("2026-01-05", "2026-01-06", "2025-12-31", None, "2026-02-28")
    amounts = (0, 1, 2, 3, 12, 100, None)
    return [
        (
            n,
            name,
            memos[n * 17 % len(memos)],
            WORDS[n * 29 % many][:4].replace("\n", ""),
            amounts[n * 5 % len(amounts)],
            days[n % len(days)],
            f"2026-01-{1 + n % 9:02} {n % 24:02}:30:00",
        )
        for n, name in enumerate(names, start=1)
    ]


def quoted(text: str, *, backslashes: bool) -> str:
    """Write a text as a literal; ``backslashes``: they take the meaning from what follows."""
    held = text.replace("'", "''")
    return "'" + (held.replace("\\", "\\\\") if backslashes else held) + "'"


def text_questions(*, backslashes: bool, minus: str) -> Iterator[Question]:
    """Yield the statements over text that every engine runs."""
    for word in _ASKED:
        w = quoted(word, backslashes=backslashes)
        yield Question("equality", f"SELECT id FROM t WHERE name = {w}")
        yield Question("inequality", f"SELECT id FROM t WHERE name <> {w}")
        yield Question("inequality", f"SELECT id FROM t WHERE NOT (name = {w} AND memo = {w})")
        yield Question("in a list", f"SELECT id FROM t WHERE name IN ({w}, 'foobar')")
        yield Question("in a list", f"SELECT id FROM t WHERE name NOT IN ({w}, 'foobar')")
        yield Question("pattern", f"SELECT id FROM t WHERE name LIKE {w[:-1]}%'")
        yield Question("pattern", f"SELECT id FROM t WHERE name NOT LIKE '%{w[1:-1]}%'")
        yield Question("blanks behind", f"SELECT id FROM t WHERE fixed = {w}")
        yield Question("blanks behind", f"SELECT id FROM t WHERE name = {w[:-1]}  '")
        yield Question("greater", f"SELECT id FROM t WHERE name >= {w}")
        yield Question("between", f"SELECT id FROM t WHERE name BETWEEN {w} AND 'n'")
        yield Question("choice", f"SELECT id FROM t WHERE CASE WHEN name = {w} THEN 1 ELSE 0 END = 1")
    for pattern in ("a_b", "a\\\\_b" if backslashes else "a\\_b", "100\\\\%" if backslashes else "100\\%"):
        yield Question("escapes", f"SELECT id FROM t WHERE name LIKE '{pattern}'")
    yield Question("escapes", "SELECT id FROM t WHERE name LIKE 'a!_b' ESCAPE '!'")
    yield from _several_tables(minus)
    for start in (0, 13, 40, 90):
        for order in ("name, id", "name DESC, id", "amount, id", "amount DESC, id", "memo, name, id"):
            yield Question("pages", f"SELECT id FROM t ORDER BY {order} LIMIT 7 OFFSET {start}")


def _several_tables(minus: str) -> Iterator[Question]:
    yield Question("joins", "SELECT a.id, b.id FROM t a JOIN t b ON a.name = b.memo")
    yield Question("joins", "SELECT a.id FROM t a LEFT JOIN t b ON a.name = b.memo WHERE b.id IS NULL")
    for negated in ("", "NOT "):
        inner = "(SELECT 1 FROM t b WHERE b.memo = a.name)"
        yield Question("subqueries", f"SELECT a.id FROM t a WHERE {negated}EXISTS {inner}")
        inner = "(SELECT memo FROM t WHERE memo IS NOT NULL)"
        yield Question("subqueries", f"SELECT id FROM t WHERE name {negated}IN {inner}")
    groups = "SELECT name FROM t WHERE name IS NOT NULL GROUP BY name HAVING COUNT(*) {}"
    for having in ("BETWEEN 2 AND 9", "= 1", "= 2"):
        text = groups.format(having)
        yield Question("groups", text, f"SELECT id FROM t WHERE name IN ({text})")
    for operator in ("INTERSECT", minus):
        both = f"SELECT name FROM t WHERE id < 90 {operator} SELECT memo FROM t"
        truth = "" if operator == "INTERSECT" else "NOT "
        met = "SELECT 1 FROM t b WHERE b.memo = a.name OR (b.memo IS NULL AND a.name IS NULL)"
        yield Question("sets", both, f"SELECT a.id FROM t a WHERE a.id < 90 AND {truth}EXISTS ({met})")


def ask(
    database: Database, session: Sequence[str], questions: Iterable[Question]
) -> dict[Question, set[str]]:
    """Return the ids that each statement reached, those the server refuses left out."""
    found: dict[Question, set[str]] = {}
    connection = database.connect()
    try:
        cursor = connection.cursor()
        for statement in session:
            cursor.execute(statement)
        connection.commit()
        for question in questions:
            try:
                cursor.execute(question.text)
                cursor.execute(question.truth or question.text)
            except (pg8000.dbapi.Error, pymysql.Error):
                connection.rollback()
                continue
            found[question] = {str(value) for row in cursor.fetchall() for value in row if value is not None}
    finally:
        connection.close()
    return found


_KEYED = "JOIN row_keys AS k ON k._table = g._table AND k.row_ord = g.row_ord GROUP BY 1, 2"
_REACHED = f"SELECT g.event_id, k._key FROM graded_rows AS g {_KEYED}"
_SETTLED = (
    f"SELECT g.event_id, k._key FROM lineage_rows AS g {_KEYED} "
    "HAVING min(CASE WHEN g.kind = 'output' THEN g.doubt END) = 0"
)


def _keys_of(rows: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for event_id, key in rows:
        found.setdefault(event_id, set()).add(key)
    return found


class Replay:
    """The engine's answers to the same statements, from a snapshot of the same table."""

    def __init__(self, folder: Path, rows: Sequence[Mapping[str, Any]], **system: Any) -> None:
        """``rows``: the snapshot; ``system``: what the data map says of the database."""
        types = system.pop("types", {})
        columns = {name: Column(name, type=kind) for name, kind in types.items()}
        tables = {"t": DataTable("t", key=("id",), person=True, columns=columns)}
        self._scene = _Scene(folder, tables=tables, rows={"t": rows}, **system)

    def tally(self, truth: Mapping[Question, set[str]], at_us: int = 1_000) -> dict[str, Tally]:
        """Return, by difference, what the replay says beside the truth."""
        asked = list(truth)
        statements = [
            Statement(q.text, rows=None, at_us=at_us + n, target=f"/{n}") for n, q in enumerate(asked)
        ]
        store = self._scene.answer(*statements)
        reached = _keys_of(store.rows(_REACHED))
        settled = _keys_of(store.rows(_SETTLED))
        tallies: dict[str, Tally] = {}
        for number, question in enumerate(asked):
            tally = tallies.setdefault(question.difference, Tally())
            told, sure = reached.get(2 * number, set()), settled.get(2 * number, set())
            tally.statements += 1
            tally.truth += len(truth[question])
            tally.possible += len(told)
            tally.confirmed += len(sure)
            tally.lost += [f"{question.text}: {key}" for key in sorted(truth[question] - told)]
            tally.overclaimed += [f"{question.text}: {key}" for key in sorted(sure - truth[question])]
        return tallies


class _Scene(Scene):
    """A scene whose snapshot tells an empty text from nothing."""

    def _write_events(self, store: Store, statements: Sequence[Statement]) -> None:
        """Give each statement a path of its own, as what is widened is told once a path."""
        super()._write_events(store, statements)
        own = "event_id, 'P' || CAST(event_id // 2 AS VARCHAR) AS path, intruder, confidence, why"
        store.write_as(
            "intrusion", store.batches(f"SELECT {own} FROM intrusion ORDER BY event_id").read_all()
        )

    def _write_snapshot(self, at_us: int, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
        folder = self.folder / f"snapshot{at_us}"
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            lines = [",".join(rows[0])]
            lines += [",".join(_cell(value) for value in row.values()) for row in rows]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        return folder


def _cell(value: object) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def lines_of(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """Yield what is printed of the differences."""
    yield f"{'difference':<18}{'statements':>11}{'confirmed':>11}{'truth':>8}{'possible':>10}"
    for name, tally in tallies.items():
        yield f"{name:<18}{tally.statements:>11,}{tally.confirmed:>11,}{tally.truth:>8,}{tally.possible:>10,}"


__all__ = [
    "Question",
    "Replay",
    "Tally",
    "ask",
    "hostile_rows",
    "lines_of",
    "text_questions",
]
