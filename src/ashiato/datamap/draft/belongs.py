"""Choose, for each table that holds no people itself, the link that leads to people."""

from __future__ import annotations

from ashiato.datamap.draft.people import Holds, Verdict
from ashiato.datamap.draft.seen import Link, SeenSystem


def choose_belongs(system: SeenSystem, verdicts: dict[str, Verdict]) -> dict[str, Link]:
    """Return, by table, the link on the shortest way to a table of people; sure links first.

    The map holds one link a table; where a second one leads to people as well, the table's notes say so.
    """
    steps = {name: 0 for name, verdict in verdicts.items() if verdict.holds is Holds.PEOPLE}
    chosen: dict[str, Link] = {}
    grew = True
    while grew:
        grew = False
        reached = dict(steps)
        for name, table in system.tables.items():
            if name in steps or verdicts[name].holds is Holds.STAFF:
                continue
            ways = [link for link in table.links if link.table in reached]
            if ways:
                chosen[name] = min(ways, key=lambda link: (reached[link.table], not link.sure))
                steps[name] = reached[chosen[name].table] + 1
                grew = True
    for name, link in chosen.items():
        _tell_others(system, name, link, verdicts)
    return chosen


def _tell_others(system: SeenSystem, name: str, chosen: Link, verdicts: dict[str, Verdict]) -> None:
    table = system.tables[name]
    for link in table.links:
        holds = verdicts[link.table].holds
        if link.columns != chosen.columns and holds is Holds.PEOPLE:
            listed = f"{', '.join(link.columns)} leads to {link.table} as well"
            table.notes.append(
                f"CHECK: {listed}; one `belongs` can be written, so those people are not followed."
            )
