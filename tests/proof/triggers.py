"""Triggers of an incident: one keeps copies of written rows, one hangs written rows on somebody else."""

from __future__ import annotations

from tests.proof.base import Base, Design, Trigger, text_of
from tests.proof.dice import Dice
from tests.proof.schemas import Plan

_COPIED = (("update", "old"), ("update", "new"), ("insert", "new"), ("delete", "old"))


def add_triggers(dice: Dice, base: Base, plans: dict[str, Plan], suffix: str) -> None:
    """Give one or two tables a trigger, and the table of copies its first rows."""
    people = [plan for plan in plans.values() if plan.design.person or plan.design.owner is not None]
    if dice.happens(0.7):
        _add_copies(dice, base, dice.one_of(people), suffix)
    hung = [plan.design for plan in people if plan.design.owner is not None]
    hung = [design for design in hung if not set((design.owner or ("", ()))[1]) & set(design.key)]
    if hung and dice.happens(0.5):
        _add_hanging(dice, base, dice.one_of(hung))


def _add_copies(dice: Dice, base: Base, plan: Plan, suffix: str) -> None:
    """Have a table of copies, each on the person whose row was copied."""
    design = plan.design
    above, ties = design.owner if design.owner is not None else (design.name, design.key)
    own = {f"of_{name}": name for name in ties}
    copies = own | {column.name: column.name for column in plan.columns[:2]}
    kinds = {"id": "integer"} | {there: design.kinds[here] for there, here in copies.items()}
    made = Design(f"copies{suffix}", kinds, ("id",), owner=(above, tuple(own)))
    event, side = dice.one_of(_COPIED)
    trigger = Trigger(design.name, event, into=made.name, side=side, copies=copies)
    base.designs[made.name] = made
    for row in dice.some_of(base.rows[design.name], dice.between(1, 4)):
        base.copy(trigger, row.values)
    base.triggers.append(trigger)


def _add_hanging(dice: Dice, base: Base, design: Design) -> None:
    """Hang whatever row is written on one of those that its table's rows hang on."""
    above, columns = design.owner or ("", ())
    parent = dice.one_of(base.rows[above]).values
    key = base.designs[above].key
    sets = {own: parent[other] for own, other in zip(columns, key, strict=True)}
    base.triggers.append(Trigger(design.name, "update", sets=sets, above=above))


def schema_of(base: Base) -> list[str]:
    """Return what a schema file says of the triggers."""
    made = []
    for number, trigger in enumerate(base.triggers):
        name = f"run_{number}_{trigger.table}"
        when = "AFTER" if trigger.into else "BEFORE"
        body = _copying(trigger) if trigger.into else _hanging(trigger, base)
        made.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{body}\nEND\n$$;\n"
            f"CREATE TRIGGER {name} {when} {trigger.event.upper()} ON {trigger.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}();\n"
        )
    return made


def _copying(trigger: Trigger) -> str:
    values = ", ".join(f"{trigger.side.upper()}.{here}" for here in trigger.copies.values())
    return f"INSERT INTO {trigger.into} ({', '.join(trigger.copies)}) VALUES ({values});\nRETURN NULL;"


def _hanging(trigger: Trigger, base: Base) -> str:
    sets = {name: f"'{text_of(value)}'" for name, value in trigger.sets.items()}
    there = zip(base.designs[trigger.above].key, sets.values(), strict=True)
    asked = " AND ".join(f"{name} = {value}" for name, value in there)
    given = " ".join(f"NEW.{name} := {value};" for name, value in sets.items())
    return f"IF EXISTS (SELECT 1 FROM {trigger.above} WHERE {asked}) THEN {given} END IF;\nRETURN NEW;"
