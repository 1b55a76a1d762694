"""Write entries of a diary: the same text for the same facts, which the loader reads back as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ashiato.law.diary import Party
from ashiato.law.fact_values import UNKNOWN
from ashiato.law.values import FactValue, Moment, Number
from ashiato.written.scalars import render_flow


def render_entry(
    known: Moment | None, sets: Mapping[str, FactValue], *, party: Party = Party.OWN, source: str = ""
) -> Iterator[str]:
    """Yield the lines of one entry, its facts in the order of their names; ``known`` None: not known when."""
    yield f'  - known: "{known or UNKNOWN}"'
    yield f"    party: {party}"
    if source:
        yield f"    source: {render_flow(source)}"
    yield "    sets:"
    for name, value in sorted(sets.items()):
        yield f"      {name}: {render_flow(_written(value))}"


def _written(value: FactValue) -> object:
    if isinstance(value, Number):
        told = {"at_least": value.at_least, "at_most": value.at_most, "about": value.about, "run": value.run}
        return {key: number for key, number in told.items() if number is not None}
    return str(value) if isinstance(value, Moment) else value
