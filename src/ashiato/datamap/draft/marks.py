"""Choose the columns of a table of people that mark who is past, dead or protected, and how they are told.

By names alone, so each is a guess that the operator has to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ashiato.datamap.draft.keys import is_number_like
from ashiato.datamap.draft.links import singular
from ashiato.datamap.draft.seen import SeenTable
from ashiato.datamap.draft.words import holds, listed, load_words, spelled
from ashiato.datamap.model import Belongs, Mark
from ashiato.terms.contacts import Channel, PersonState


@dataclass(frozen=True)
class Marks:
    """What was chosen for one table; ``notes`` says of each key of the map why."""

    states: dict[PersonState, Mark] = field(default_factory=dict)
    undeliverable: dict[Channel, Mark] = field(default_factory=dict)
    language_column: str | None = None
    guardian: Belongs | None = None

    @property
    def notes(self) -> dict[str, str]:
        """The keys that were chosen, each with what the operator has to look at."""
        look = "CHECK: by the columns' names; "
        asked = {
            "states": look + "any value but an empty one or a word for no marks, or write which do",
            "undeliverable": look + "any value but an empty one or a word for no marks, or write which do",
            "language": look + "its values are taken as they stand",
            "guardian": look + "whose record a minor's leans on",
        }
        held = (self.states, self.undeliverable, self.language_column, self.guardian)
        return {key: note for (key, note), value in zip(asked.items(), held, strict=True) if value}


def choose_marks(table: SeenTable, people: Mapping[str, SeenTable]) -> Marks:
    """Choose the marks of one of the tables of people."""
    words = load_words()
    return Marks(
        states={
            PersonState(state): Mark(column)
            for state, names in words["states"].items()
            if (column := _first(table, names))
        },
        undeliverable={
            Channel(way): Mark(column)
            for way, names in words["undeliverable"].items()
            if (column := _first(table, names))
        },
        language_column=_first(table, listed("language")),
        guardian=_guardian(table, people),
    )


def choose_persona(table: str) -> str:
    """Return what a table's people are: a word that reports know, else its own noun."""
    named = spelled(table.rpartition(".")[2])
    known: Mapping[str, list[str]] = load_words()["personas"]
    return next((persona for persona, words in known.items() if holds(named, words)), singular(table))


def _first(table: SeenTable, words: list[str]) -> str | None:
    return next((name for name in table.columns if holds(spelled(name), words)), None)


def _guardian(table: SeenTable, people: Mapping[str, SeenTable]) -> Belongs | None:
    named = [name for name in table.columns if holds(spelled(name), listed("guardian"))]
    for link in table.links:
        target = people.get(link.table)
        if target is not None and link.to == target.key and set(link.columns) & set(named):
            return Belongs(link.table, link.columns)
    # A link from a table to itself is none of its owners' and is not among them.
    numbers = [name for name in named if is_number_like(name)]
    return Belongs(table.name, (numbers[0],)) if numbers and len(table.key) == 1 else None
