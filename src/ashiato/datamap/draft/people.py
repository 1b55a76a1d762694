"""Judge whose rows a table holds: people, what hangs on people, staff accounts, organisations or nobody.

When in doubt a table is taken to hold people, so that nobody is lost, and the doubt is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashiato.datamap.draft.columns import Judged
from ashiato.datamap.draft.seen import SeenSystem, SeenTable
from ashiato.datamap.draft.values import share_of_organisations
from ashiato.datamap.draft.words import holds, listed, load_words, spelled
from ashiato.terms.categories import Category

_STRONG = (Category.BIRTH, Category.SEX, Category.GOVERNMENT_NUMBER, Category.CARD, Category.BANK_ACCOUNT)
_FEW_STAFF = 0.5


class Holds(StrEnum):
    """What the rows of a table are."""

    PEOPLE = "people"
    STAFF = "staff accounts"
    ORGANISATIONS = "organisations"
    THINGS = "things or records"


@dataclass(frozen=True)
class Verdict:
    """What a table holds and why; ``sure`` is false where the operator has to look."""

    holds: Holds
    why: str
    sure: bool = True


@dataclass(frozen=True)
class _Signs:
    """What speaks for and against people in one table."""

    names: tuple[str, ...]
    kana: tuple[str, ...]
    strong: tuple[str, ...]
    contact: tuple[str, ...]
    reach: tuple[str, ...]
    things: tuple[str, ...]
    credential: tuple[str, ...]
    organisations: float
    noun: str

    @property
    def listed(self) -> str:
        """The columns that speak for people, for the reader."""
        seen = dict.fromkeys((*self.names, *self.kana, *self.strong, *self.contact))
        return ", ".join(list(seen)[:6])


def judge_tables(system: SeenSystem, judged: dict[str, dict[str, Judged]]) -> dict[str, Verdict]:
    """Judge every table of a system; what hangs on a table of people is settled by its links."""
    signs = {name: _signs_of(table, judged[name]) for name, table in system.tables.items()}
    first = {name: _alone(system.tables[name], sign) for name, sign in signs.items()}
    likely = {name for name, verdict in first.items() if verdict.holds is Holds.PEOPLE}
    settled = {name: _beside(system.tables[name], signs[name], first[name], likely) for name in first}
    return {name: settled[name] for name in system.tables}


def _signs_of(table: SeenTable, judged: dict[str, Judged]) -> _Signs:
    def named(*categories: Category) -> tuple[str, ...]:
        return tuple(name for name, one in judged.items() if one.category in categories)

    identity = [name for name in named(Category.IDENTITY) if judged[name].look != "address"]
    kana = tuple(
        name for name in identity if holds(spelled(name), listed("kana")) or judged[name].look == "kana name"
    )
    contact = named(Category.CONTACT)
    called = identity or [name for name in judged if holds(spelled(name), listed("thing_names"))]
    values = [value for name in called for value in table.columns[name].values[:200]]
    return _Signs(
        names=tuple(identity),
        kana=kana,
        strong=named(*_STRONG),
        contact=contact,
        reach=tuple(name for name in contact if not holds(spelled(name), listed("areas"))),
        things=tuple(name for name in judged if holds(spelled(name), listed("things"))),
        credential=named(Category.CREDENTIAL),
        organisations=share_of_organisations(values),
        noun=_noun_of(table),
    )


def _noun_of(table: SeenTable) -> str:
    """Which list of nouns the table's name (else its comment) is in; staff before people."""
    nouns = load_words()["tables"]
    for said in (table.name.rpartition(".")[2], table.comment):
        for kind in ("staff", "people", "organisations"):
            if holds(spelled(said), nouns[kind]):
                return str(kind)
    return ""


def _alone(table: SeenTable, signs: _Signs) -> Verdict:
    """Judge a table by its own name and columns."""
    if signs.credential and (signs.noun == "staff" or _is_staff(table)):
        return Verdict(Holds.STAFF, f"staff accounts, by {', '.join(signs.credential)} and roles or name")
    if _is_organisation(signs):
        return Verdict(Holds.ORGANISATIONS, "organisations, by the table's name or its rows' names")
    if signs.things and not signs.kana and not signs.contact:
        return Verdict(Holds.THINGS, f"things or animals, by {', '.join(signs.things)}")
    return _people_or_not(signs)


def _people_or_not(signs: _Signs) -> Verdict:
    if signs.names and (signs.strong or signs.contact or signs.kana):
        sure = signs.noun in ("people", "staff") or bool(signs.kana and signs.strong)
        return Verdict(Holds.PEOPLE, f"people, by {signs.listed}", sure)
    if signs.noun == "people" and signs.listed:
        return Verdict(Holds.PEOPLE, f"people, by the table's name and {signs.listed}", sure=False)
    if signs.strong or signs.reach:
        return Verdict(Holds.PEOPLE, f"perhaps people, by {signs.listed}", sure=False)
    return Verdict(Holds.THINGS, "records: no name, contact, birth or number of a person")


def _is_staff(table: SeenTable) -> bool:
    """Roles that staff have, in a column for roles."""
    for name, column in table.columns.items():
        if holds(spelled(name), listed("role")) and column.values:
            known = [holds(spelled(value), listed("staff_roles")) for value in column.values]
            return sum(known) > _FEW_STAFF * len(known)
    return False


def _is_organisation(signs: _Signs) -> bool:
    if signs.strong and signs.organisations < 0.5:
        return False
    return signs.organisations >= 0.5 or (signs.noun == "organisations" and not signs.kana)


def _beside(table: SeenTable, signs: _Signs, alone: Verdict, likely: set[str]) -> Verdict:
    """Judge again, knowing which tables hold people: a table that hangs on one needs more to be one."""
    linked = [link.table for link in table.links if link.table in likely and link.table != table.name]
    if alone.holds is not Holds.PEOPLE or not linked:
        return alone
    own = signs.names and signs.contact and (signs.kana or signs.strong)
    if signs.noun == "people" or own or (signs.kana and signs.strong):
        return Verdict(Holds.PEOPLE, f"{alone.why}, though they hang on {linked[0]}", sure=False)
    return Verdict(
        Holds.THINGS, f"records of {linked[0]}, though {signs.listed} could be people's", sure=False
    )
