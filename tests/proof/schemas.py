"""Made-up schemas and the people in them: chains of tables, keys of several kinds, NULLs and ties."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tests.proof.base import Base, Design
from tests.proof.dice import Dice
from tests.proof.queries import Plain

_PEOPLE = ("members", "patients", "tenants", "donors", "pupils", "riders", "guests")
_OTHERS = ("agents", "guardians", "couriers")
_CHILDREN = ("visits", "orders", "loans", "claims", "trips", "lessons", "tickets")
_GRANDCHILDREN = ("lines", "notes", "payments", "scans")
_PLACES = ("clinics", "branches", "schools", "depots")
_TEXTS = ("name", "street", "mail", "phone", "memo", "zip", "rank", "nick")
_NUMBERS = ("points", "premium", "age", "size")
_FIRST = ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "Jun")
_LAST = ("Abe", "Baba", "Chiba", "Doi", "Endo", "Fujii", "Goto", "Hara")
_CODES = ("001", "010", "02", "A1", "b2", "C", "n/a")
_KEYS = ("serial", "serial", "serial", "sparse", "counter", "code", "pair")


@dataclass(frozen=True)
class Column:
    """How a column's values are made."""

    name: str
    kind: str
    style: str
    nulls: float


@dataclass(frozen=True)
class Plan:
    """A table and how its rows are made; ``links``: column -> (table, its key's place)."""

    design: Design
    columns: tuple[Column, ...]
    key_style: str
    links: dict[str, tuple[str, int]]


def make_world(dice: Dice, suffix: str, people: int) -> tuple[Base, dict[str, Plan]]:
    """Make the tables of one incident and fill them."""
    plans = {plan.design.name: plan for plan in _plans(dice, suffix)}
    base = Base({name: plan.design for name, plan in plans.items()})
    for name, plan in plans.items():
        rows = first_rows(dice, base, plan, _size(dice, plan, people))
        for values in rows:
            base.insert(name, values)
    return base, plans


def _size(dice: Dice, plan: Plan, people: int) -> int:
    if plan.design.person:
        return people
    if plan.design.owner is None:
        return dice.between(2, 5)
    return dice.between(people // 2, people * 3 // 2)


def _plans(dice: Dice, suffix: str) -> list[Plan]:
    made: list[Plan] = []
    place = None
    if dice.happens(0.4):
        place = _table(dice, dice.one_of(_PLACES) + suffix, [], width=2)
        made.append(place)
    parents = [place] if place is not None and dice.happens(0.7) else []
    people = _table(dice, dice.one_of(_PEOPLE) + suffix, parents, person=True)
    made.append(people)
    second = None
    if dice.happens(0.2):
        second = _table(dice, dice.one_of(_OTHERS) + suffix, [], person=True, width=2)
        made.append(second)
    if dice.happens(0.65):
        above = second if second is not None and dice.happens(0.3) else people
        beside = [place] if place is not None and dice.happens(0.4) else []
        child = _table(dice, dice.one_of(_CHILDREN) + suffix, [above, *beside], owned=True, width=3)
        made.append(child)
        if dice.happens(0.35):
            made.append(_table(dice, dice.one_of(_GRANDCHILDREN) + suffix, [child], owned=True, width=2))
    return made


def _table(
    dice: Dice, name: str, parents: list[Plan], *, person: bool = False, owned: bool = False, width: int = 0
) -> Plan:
    style = dice.one_of(_KEYS)
    keys = {
        "pair": [("branch", "integer"), ("no", "integer")],
        "counter": [("code", "text")],
        "code": [("code", "text")],
    }
    key = keys.get(style, [("id", "integer")])
    links: dict[str, tuple[str, int]] = {}
    kinds = dict(key)
    owner: list[str] = []
    for parent in parents:
        for place, part in enumerate(parent.design.key):
            column = f"{parent.design.name.rstrip('0123456789_')}_{part}"
            links[column] = (parent.design.name, place)
            kinds[column] = parent.design.kinds[part]
            if parent is parents[0]:
                owner.append(column)
    columns = tuple(_columns(dice, width or dice.between(2, 5)))
    kinds |= {column.name: column.kind for column in columns}
    design = Design(
        name,
        kinds,
        tuple(part for part, _ in key),
        person,
        (parents[0].design.name, tuple(owner)) if owned else None,
    )
    return Plan(design, columns, style, links)


def _columns(dice: Dice, width: int) -> list[Column]:
    made = [Column(dice.one_of(_TEXTS[:3]), "text", "full", 0.0)]
    for _ in range(width):
        kind = dice.one_of(("text", "text", "integer", "integer", "date", "numeric"))
        name = {
            "text": dice.one_of(_TEXTS),
            "integer": dice.one_of(_NUMBERS),
            "date": dice.one_of(("born", "joined")),
            "numeric": dice.one_of(("fee", "balance")),
        }[kind]
        if name not in [column.name for column in made]:
            style = dice.one_of(("full", "code", "few")) if kind == "text" else dice.one_of(("few", "many"))
            made.append(Column(name, kind, style, dice.one_of((0.0, 0.0, 0.15, 0.4))))
    return made


def first_rows(dice: Dice, base: Base, plan: Plan, count: int) -> list[dict[str, Plain]]:
    """Make a table's first rows; each row's links point at rows that are there."""
    numbers = list(range(1, count + 1))
    if plan.key_style == "sparse":
        numbers = sorted(dice.some_of(range(1000, 1000 + count * 9), count))
    return [make_row(dice, base, plan, number) for number in numbers]


def make_row(dice: Dice, base: Base, plan: Plan, number: int) -> dict[str, Plain]:
    """Make one row under a number of its own."""
    values: dict[str, Plain] = dict(zip(plan.design.key, key_of(plan.key_style, number), strict=True))
    for column, (table, place) in plan.links.items():
        if place == 0:
            parents = base.rows.get(table, [])
            chosen = dice.one_of(parents) if parents else None
        name = base.designs[table].key[place]
        values[column] = chosen.values[name] if chosen is not None else None
    for made in plan.columns:
        values[made.name] = None if dice.happens(made.nulls) else value_for(dice, made, number)
    return values


def key_of(style: str, number: int) -> tuple[Plain, ...]:
    """Return the key of a table's so manyth row."""
    if style == "pair":
        return number % 3 + 1, number // 3 + 1
    if style == "counter":
        return (f"C-{number:05}",)
    if style == "code":
        return (f"{(number * 7919) % 10007:x}k{number}",)
    return (number,)


def value_for(dice: Dice, column: Column, number: int = 0) -> Plain:
    """Make a value a column may hold."""
    if column.kind == "integer":
        return dice.between(0, 4) if column.style == "few" else dice.between(0, 5000)
    if column.kind == "numeric":
        return Decimal(dice.between(1, 5) * 25 if column.style == "few" else dice.between(100, 99999)) / 100
    if column.kind == "date":
        day = dice.between(1, 3) if column.style == "few" else dice.between(1, 28)
        return f"20{dice.between(20, 21 if column.style == 'few' else 25)}-0{dice.between(1, 9)}-{day:02}"
    if column.style == "code":
        return dice.one_of(_CODES)
    if column.style == "few":
        return dice.one_of(("", "x", "yes", "no", "O'Hara"))
    return f"{dice.one_of(_FIRST)} {dice.one_of(_LAST)}{number or dice.between(1, 99)}"
