"""Draft one system: read its files, judge its tables and columns, choose keys and links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ashiato.datamap.draft.belongs import choose_belongs
from ashiato.datamap.draft.collations import choose_collation, collations_in_sql
from ashiato.datamap.draft.columns import Judged, judge_columns
from ashiato.datamap.draft.ddl import read_schema
from ashiato.datamap.draft.keys import complete_keys, is_number_like
from ashiato.datamap.draft.links import complete_links
from ashiato.datamap.draft.marks import Marks, choose_marks, choose_persona
from ashiato.datamap.draft.people import Holds, Verdict, judge_tables
from ashiato.datamap.draft.seen import Link, SeenSystem, SeenTable
from ashiato.datamap.draft.sqlite_file import is_sqlite, read_sqlite
from ashiato.datamap.draft.tabular import read_csv_table
from ashiato.datamap.draft.words import holds, listed, spelled
from ashiato.datamap.model import Accounts, Belongs, Column, DataTable, System
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.errors import DataMapError, Place
from ashiato.written.problems import Spot

Notes = dict[Spot, tuple[str, ...]]
_MEDICAL_TAGS = (LegalTag.SPECIAL_CARE, LegalTag.FINANCE_SENSITIVE)


def read_system(name: str, path: Path) -> SeenSystem:
    """Read what ``path`` tells of a system: a folder of CSV and SQL files, a SQL file or a SQLite file."""
    system = SeenSystem(name)
    if path.is_dir():
        for schema in sorted(path.glob("*.sql")):
            _read_sql(schema, system)
        for table in sorted(path.glob("*.csv")):
            read_csv_table(table, system)
    elif not path.is_file():
        raise DataMapError("there is nothing to draft from.", where=Place(str(path)), fix="check the path.")
    elif is_sqlite(path):
        read_sqlite(path, system)
    elif path.suffix.lower() == ".csv":
        read_csv_table(path, system)
    else:
        _read_sql(path, system)
    return system


def _read_sql(path: Path, system: SeenSystem) -> None:
    read_schema(path, system)
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        system.collations += collations_in_sql(path.name, lines)


def draft_system(seen: SeenSystem, accounts: Accounts, notes: Notes) -> tuple[System, Accounts]:
    """Draft a system and its staff accounts; what was guessed is added to ``notes``."""
    seen.tables = {name: seen.tables[name] for name in sorted(seen.tables) if seen.tables[name].columns}
    complete_keys(seen)
    complete_links(seen)
    judged = {name: judge_columns(table) for name, table in seen.tables.items()}
    verdicts = judge_tables(seen, judged)
    chosen = choose_belongs(seen, verdicts)
    animals = any(_speaks_of_animals(table) for table in seen.tables.values())
    people = {name: seen.tables[name] for name, verdict in verdicts.items() if verdict.holds is Holds.PEOPLE}
    tables = {
        name: _draft_table(table, judged[name], verdicts[name], chosen.get(name), animals=animals)
        for name, table in seen.tables.items()
    }
    spot: Spot = ("systems", seen.name)
    for name, table in people.items():
        marks = choose_marks(table, people)
        tables[name] = _marked(tables[name], marks)
        notes.update({(*spot, "tables", name, key): (note,) for key, note in marks.notes.items()})
    if seen.notes:
        notes[spot] = tuple(seen.notes)
    for name, table in seen.tables.items():
        _note_table(notes, (*spot, "tables", name), table, verdicts[name], chosen.get(name))
        if verdicts[name].holds is Holds.PEOPLE or name in chosen:
            _note_columns(notes, (*spot, "tables", name, "columns"), judged[name], animals=animals)
        if verdicts[name].holds is Holds.STAFF and accounts.staff_table is None:
            accounts = _staff(table, accounts)
    collation, said = _collation(seen)
    if said:
        notes[(*spot, "collation") if collation else spot] = (
            *(() if collation else notes.get(spot, ())),
            *said,
        )
    usual = seen.name if seen.engine in ("mysql", "mariadb") else System("").default_schema
    schema = seen.default_schema or usual
    drafted = System(
        seen.name,
        engine=seen.engine,
        version=seen.version,
        collation=collation,
        default_schema=schema,
        tables=tables,
    )
    return drafted, accounts


def _collation(seen: SeenSystem) -> tuple[str | None, tuple[str, ...]]:
    if seen.engine == "sqlite":
        return "binary", ("SQLite's own, where a column does not name another",)
    return choose_collation(seen.collations, seen.engine, [seen.name, seen.default_schema or ""])


def _draft_table(
    table: SeenTable, judged: dict[str, Judged], verdict: Verdict, link: Link | None, *, animals: bool
) -> DataTable:
    people = verdict.holds is Holds.PEOPLE
    about_people = people or link is not None
    animal = not people and _speaks_of_animals(table)
    return DataTable(
        name=table.name,
        key=table.key,
        person=people,
        persona=choose_persona(table.name) if people else None,
        belongs=Belongs(link.table, link.columns) if link else None,
        columns={
            name: Column(
                name,
                type=column.type,
                category=_category(judged[name].category, verdict, hangs=link is not None, animal=animal),
                tags=_MEDICAL_TAGS if _is_health(judged[name]) and about_people and not animals else (),
                immutable=name in table.key and is_number_like(name),
            )
            for name, column in table.columns.items()
        },
    )


def _marked(table: DataTable, marks: Marks) -> DataTable:
    return replace(
        table,
        states=marks.states,
        undeliverable=marks.undeliverable,
        language_column=marks.language_column,
        guardian=marks.guardian,
    )


def _category(category: Category, verdict: Verdict, *, hangs: bool, animal: bool) -> Category:
    """A category as it holds in this table: outside people's data only credentials mean something."""
    if verdict.holds is not Holds.PEOPLE and not hangs:
        return category if category is Category.CREDENTIAL else Category.OTHER
    if animal and category in (Category.IDENTITY, Category.BIRTH, Category.SEX):
        return Category.FAMILY
    return category


def _speaks_of_animals(table: SeenTable) -> bool:
    return any(holds(spelled(name), listed("animals")) for name in table.columns)


def _is_health(one: Judged) -> bool:
    """Whether a column tells of health; sums of money beside it do not by themselves."""
    return one.category is Category.MEDICAL and not one.is_money


def _staff(table: SeenTable, accounts: Accounts) -> Accounts:
    def first(kind: str) -> str | None:
        return next((name for name in table.columns if holds(spelled(name), listed(kind))), None)

    name = first("login") or next((unique[0] for unique in table.uniques), table.key[0])
    return replace(accounts, staff_table=table.name, staff_name=name, staff_role=first("role"))


def _note_table(notes: Notes, spot: Spot, table: SeenTable, verdict: Verdict, link: Link | None) -> None:
    doubt = "" if verdict.sure else "CHECK: "
    lines = [f"{doubt}{verdict.why}"]
    if link:
        check = "" if link.sure else "CHECK: "
        lines.append(f"{check}{', '.join(link.columns)} -> {link.table}: {link.how}")
    notes[spot] = (*lines, *table.notes)


def _note_columns(notes: Notes, spot: Spot, judged: dict[str, Judged], *, animals: bool) -> None:
    for name, one in judged.items():
        if one.why:
            notes[(*spot, name)] = (one.why,)
        elif _is_health(one):
            bears = (
                "an animal's health bears no legal tag, a human being's both"
                if animals
                else "a human being's health bears both tags"
            )
            notes[(*spot, name)] = (f"CHECK: {bears}: {', '.join(_MEDICAL_TAGS)}",)
