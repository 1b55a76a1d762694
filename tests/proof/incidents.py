"""One incident: made-up tables, honest people and an intruder at work on them, and what is true of it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeAlias

from tests.proof.base import Base, Place, Row, RowId, text_of
from tests.proof.dice import Dice
from tests.proof.evaluating import Evaluator, MoreThanOneRowError, Told
from tests.proof.queries import Call, Col, Delete, Insert, Item, Lit, Plain, Select, SetOp, Statement, Update
from tests.proof.relations import Relation
from tests.proof.rendering import Renderer
from tests.proof.schemas import Plan, make_row, make_world, value_for
from tests.proof.several import referring_to, write_of_key, write_of_several
from tests.proof.shapes import SHAPES, Maker
from tests.proof.triggers import add_triggers

#: People's records or their fields, with the stored rows that show them.
Reached: TypeAlias = "dict[tuple[str, ...], set[RowId]]"

SECOND = 1_000_000
_VALUE = re.compile(r"'(?:[^']|'')*'|\$[0-9]+|\bNULL\b|\b[0-9]+(?:\.[0-9]+)?\b")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
INTRUDER = "203.0.113.7"
TOOL = "sqlmap/1.8.2#stable (https://sqlmap.org)"


@dataclass(frozen=True)
class Options:
    """What a whole estate has in common, as far as incidents are made by it.

    ``posts``: honest writes come by POST, each kind by a route of its own. ``rekeyed``: keys are written as
    well. ``triggers``: some tables have one.
    """

    shapes: tuple[str, ...] = SHAPES
    extended: bool = False
    busy: bool = False
    writes: bool = True
    people: tuple[int, int] = (20, 60)
    on_delete: str = ""
    posts: bool = False
    rekeyed: bool = False
    triggers: bool = False


@dataclass(frozen=True)
class Request:
    """One web request and its reply."""

    start_us: int
    end_us: int
    ip: str
    agent: str
    target: str
    code: int
    size: int
    method: str = "GET"


@dataclass(frozen=True)
class Execution:
    """One statement run by a backend; ``request`` is the place of the request that ran it.

    ``unlogged``: its lines are missing from the log, which numbered them.
    """

    at_us: int
    backend: int
    text: str
    binds: tuple[Plain, ...]
    command: str
    rows: int
    took_us: int
    error: tuple[str, str] | None
    request: int
    unlogged: bool = False


@dataclass
class Truth:
    """What came out to the intruder, by field of a record, and whose rows merely took part.

    ``carried``: fields whose value was in a reply. ``hinted``: fields a reply told apart from their owner.
    ``involved``: records with a row in an output row. ``gone``: people who were no more, and whom a row in a
    reply named. All as (people table, record's key[, field]), each
    with the stored rows that it rests on.
    """

    carried: Reached = field(default_factory=dict)
    hinted: Reached = field(default_factory=dict)
    involved: Reached = field(default_factory=dict)
    gone: Reached = field(default_factory=dict)

    def add(self, other: Truth) -> None:
        """Take another statement's truth into this one."""
        for name in ("carried", "hinted", "involved", "gone"):
            held = getattr(self, name)
            for told, rows in getattr(other, name).items():
                held.setdefault(told, set()).update(rows)


class Incident:
    """Plays one incident from its seed."""

    def __init__(self, seed: object, suffix: str, start_us: int, options: Options) -> None:
        """``suffix`` sets this incident's tables apart from others of the estate."""
        self._dice = Dice("incident", seed)
        self._options = options
        self._seed = seed
        self.suffix = suffix
        self.start_us = start_us
        people = self._dice.between(*options.people) if self._dice.happens(0.9) else 200
        self.base, self.plans = make_world(self._dice, suffix, people)
        self.base.on_delete, self.base.referring = options.on_delete, referring_to(self.plans)
        self._several, self._twice = Dice("several", seed), Dice("twice", seed)
        self._rekeyed = Dice("rekeyed", seed)
        if options.triggers:
            add_triggers(Dice("triggers", seed), self.base, self.plans, suffix)
        self._writes = options.writes and self._dice.happens(0.7)
        self.executions: list[Execution] = []
        self.requests: list[Request] = []
        self.truth = Truth()
        self.told: dict[int, Truth] = {}
        self.taken: dict[int, dict[str, list[Row]]] = {}
        self._routes = [(f"/r{suffix.strip('_')}{chr(97 + n)}", n) for n in range(self._dice.between(2, 4))]
        # Beyond the keys that rows begin with.
        self._given = 5000

    def play(self, snapshots_us: tuple[int, ...]) -> None:
        """Play all steps in order, keeping the tables as they stand at each snapshot."""
        now = self.start_us
        for _ in range(self._dice.between(8, 20)):
            now += self._pause()
            self._take(snapshots_us, now)
            if self._writes and self._dice.happens(0.4):
                self._write(now)
            else:
                self._read(now, hostile=self._dice.happens(0.45))
        self._take(snapshots_us, now + 1_000_000_000_000)

    def _pause(self) -> int:
        if self._options.busy and self._dice.happens(0.5):
            return self._dice.between(50_000, SECOND)
        return self._dice.between(4 * SECOND, 20 * SECOND)

    def _take(self, snapshots_us: tuple[int, ...], now: int) -> None:
        for at_us in snapshots_us:
            if at_us < now and at_us not in self.taken:
                self.taken[at_us] = deepcopy(self.base.rows)

    # -- steps ----------------------------------------------------------------------------------------

    def _read(self, now: int, *, hostile: bool) -> None:
        route, number = self._dice.one_of(self._routes)
        usual = not hostile or self._dice.happens(0.5)
        structure = Dice("route", self._seed, number) if usual else Dice("own", self._seed, now)
        tree: Statement = Maker(structure, self._dice, self.base).make(self._options.shapes)
        if hostile and self._writes and self._dice.happens(0.07):
            tree = self._returning()
        self._request(now, route, tree, hostile=hostile)

    def _returning(self) -> Statement:
        plan = self._dice.one_of(list(self.plans.values()))
        change = self._change(plan)
        names = self._dice.some_of(list(plan.design.kinds), 2)
        items = tuple(Item(Col("", name)) for name in names)
        if isinstance(change, Update):
            return Update(change.table, change.values, change.where, items)
        return change

    def _write(self, now: int) -> None:
        plan = self._dice.one_of(list(self.plans.values()))
        way = self._dice.one_of(("update", "update", "update", "insert", "delete"))
        tree: Statement | None = None
        if self._options.rekeyed and self._rekeyed.happens(0.3):
            self._given += 1
            tree = write_of_key(self._rekeyed, self.base, plan, self._given)
        elif self._several.happens(0.25):
            self._given += 1
            tree = write_of_several(self._several, self.base, plan, self._given)
        elif way != "update":
            tree = self._insertion(plan) if way == "insert" else self._deletion(plan)
        ending = self._dice.one_of(("", "", "", "COMMIT", "ROLLBACK"))
        kept = deepcopy(self.base.rows)
        begun = len(self.executions)
        self._request(now, self._routes[0][0] + "/edit", tree or self._change(plan), hostile=False)
        if ending:
            self._enclose(begun, ending)
        elif self._options.posts and tree is None and self._twice.happens(0.4):
            self._change_another(plan)
        if ending == "ROLLBACK":
            self.base.rows = kept

    def _change_another(self, plan: Plan) -> None:
        """Let the last request change one more row, of which its path says nothing."""
        tree, renderer = self._change(plan), Renderer(extended=self._options.extended)
        text, (told, error, _) = renderer.statement(tree), self._run(tree)
        first, took = self.executions[-1], self._twice.between(200, 4000)
        at_us = first.at_us + first.took_us + 500
        again = replace(first, at_us=at_us, text=text, binds=tuple(renderer.binds), took_us=took)
        self.executions.append(replace(again, rows=0 if error else told.count, error=error))
        asked = self.requests[first.request]
        self.requests[first.request] = replace(asked, end_us=max(asked.end_us, at_us + took + 2_000))

    def _enclose(self, place: int, ending: str) -> None:
        """Put a write into a transaction of its own."""
        run = self.executions[place]
        done = run.at_us + run.took_us
        for at_us, word in ((run.at_us - 1_000, "BEGIN"), (done + 1_000, ending)):
            self.executions.append(Execution(at_us, run.backend, word, (), word, 0, 50, None, run.request))

    def _insertion(self, plan: Plan) -> Insert:
        self._given += 1
        values = make_row(self._dice, self.base, plan, self._given)
        return Insert(plan.design.name, tuple(values), (tuple(Lit(value) for value in values.values()),))

    def _deletion(self, plan: Plan) -> Delete | None:
        """Take out a row that no other hangs on, as foreign keys have it, or with what hangs on it."""
        linked = any(
            table == plan.design.name for other in self.plans.values() for table, _ in other.links.values()
        )
        if (linked and not self.base.on_delete) or not self.base.rows.get(plan.design.name):
            return None
        return Delete(plan.design.name, self._one_row(plan))

    def _change(self, plan: Plan) -> Update:
        column = self._dice.one_of(plan.columns)
        if self._options.posts:
            # Routes are few: what one of them wrote is seen again.
            column = plan.columns[0]
        where = self._one_row(plan)
        if self._dice.happens(0.15):
            other = self._dice.one_of(plan.columns)
            where = Call("=", (Col("", other.name), Lit(value_for(self._dice, other))))
        return Update(plan.design.name, ((column.name, Lit(value_for(self._dice, column))),), where)

    def _one_row(self, plan: Plan) -> Call:
        rows = self.base.rows.get(plan.design.name, [])
        values = self._dice.one_of(rows).values if rows else dict.fromkeys(plan.design.key, 0)
        made = [Call("=", (Col("", name), Lit(values[name]))) for name in plan.design.key]
        return made[0] if len(made) == 1 else Call("and", tuple(made))

    # -- running --------------------------------------------------------------------------------------

    def _request(self, now: int, route: str, tree: Statement, *, hostile: bool) -> None:
        renderer = Renderer(extended=self._options.extended)
        text = renderer.statement(tree)
        told, error, evaluator = self._run(tree)
        took = self._dice.between(200, 4000)
        begins, ends = now - self._dice.between(2_000, 9_000), now + took + self._dice.between(2_000, 30_000)
        asked = [text_of(value) for value in _literals(tree)]
        query = "&".join(f"p{n}={_escaped(value)}" for n, value in enumerate(asked))
        ip, agent = (INTRUDER, TOOL) if hostile else (f"198.51.100.{self._dice.between(1, 9)}", "Mozilla/5.0")
        size = 300 + _weight(told.relation) if error is None else 170
        code = 200 if error is None else 500
        asking = Request(begins, ends, ip, agent, route + (f"?{query}" if query else ""), code, size)
        if self._options.posts and route.endswith("/edit"):
            asking = replace(asking, target=route + _posted(tree, text), method="POST")
        self.requests.append(asking)
        count = 0 if error else told.count
        self.executions.append(
            Execution(
                now,
                self._dice.below(3),
                text,
                tuple(renderer.binds),
                _command_of(tree),
                count,
                took,
                error,
                len(self.requests) - 1,
            )
        )
        if hostile:
            self.told[len(self.executions) - 1] = Truth()
            if error is None and told.relation is not None:
                made = self._told(told.relation, evaluator)
                self.told[len(self.executions) - 1] = made
                self.truth.add(made)

    def _run(self, tree: Statement) -> tuple[Told, tuple[str, str] | None, Evaluator]:
        evaluator = Evaluator(self.base, self._dice)
        try:
            return evaluator.run(tree), None, evaluator
        except MoreThanOneRowError:
            message = "more than one row returned by a subquery used as an expression"
            return Told(None), ("21000", message), evaluator

    def _told(self, relation: Relation, evaluator: Evaluator) -> Truth:
        owners, truth = evaluator.owners, Truth()
        for out in relation.rows:
            for cell in out.cells:
                if cell.value is not None and cell.value != "":
                    _note(truth.carried, cell.copied, owners)
                    for table, number, _ in cell.copied:
                        named = evaluator.left_behind.get((table, number))
                        if named is not None:
                            truth.gone.setdefault(named, set()).add((table, number))
                _note(truth.hinted, cell.copied | cell.loose, owners)
            for row in out.rows:
                if row in owners:
                    truth.involved.setdefault(owners[row], set()).add(row)
        return truth


def _note(held: Reached, places: frozenset[Place], owners: dict[RowId, tuple[str, str]]) -> None:
    for table, row, column in places:
        if (table, row) in owners:
            held.setdefault((*owners[table, row], f"{table}.{column}"), set()).add((table, row))


def _posted(tree: Statement, text: str) -> str:
    """Return what the path of a write's route ends in: its kind in letters, and the key where that is all."""
    kind = sha256(_VALUE.sub("?", text).encode()).hexdigest()[:12].translate(_LETTERS)
    asks = tree.where if isinstance(tree, (Update, Delete)) else None
    asked = asks.args[1] if isinstance(asks, Call) and asks.name == "=" else None
    return f"/{kind}/{_escaped(text_of(asked.value))}" if isinstance(asked, Lit) else f"/{kind}"


def _command_of(tree: Statement) -> str:
    return "SELECT" if isinstance(tree, (Select, SetOp)) else type(tree).__name__.upper()


def _weight(relation: Relation | None) -> int:
    rows = relation.rows if relation is not None else []
    return sum(4 + len(text_of(cell.value)) for row in rows for cell in row.cells)


def _literals(tree: object) -> list[Plain]:
    """Return a statement's values in the order they are met."""
    if isinstance(tree, Lit):
        return [tree.value] if tree.bound and tree.value is not None else []
    if isinstance(tree, tuple):
        return [value for part in tree for value in _literals(part)]
    held = getattr(tree, "__dict__", None)
    return [value for part in held.values() for value in _literals(part)] if held else []


def _escaped(text: str) -> str:
    return "".join(char if char.isalnum() or char in "-._" else f"%{ord(char):02X}" for char in text)


__all__ = ["INTRUDER", "Base", "Execution", "Incident", "Options", "Request", "Truth"]
