"""Files and objects: whose data is in what was downloaded, whole or in part, and where in the file.

Reads ``events`` and ``intrusion`` for what was asked (``asked``), the sealed copies of the objects
(``copies``), and the state tables of the snapshots. Each object is read once, by its content
(``contents``, ``unwrapping``, ``readers``), into values with their bytes (``gathering``, ``tokens``); values
are matched with people set at a time (``matching``); what lies in the bytes that went out (``coverage``)
becomes exposures (``grading``). Writes ``objects`` and the relations ``objects_*`` that ``answers`` merges.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.exposures.limits import Limits
from ashiato.engine.exposures.objects.asked import last_writes, list_requests
from ashiato.engine.exposures.objects.copies import list_copies
from ashiato.engine.exposures.objects.gathering import Gathering, gather
from ashiato.engine.exposures.objects.grading import state_of, write_answers, write_names
from ashiato.engine.exposures.objects.matching import match, name_beginnings, write_people, write_told
from ashiato.engine.exposures.objects.tokens import Names
from ashiato.engine.exposures.state import State
from ashiato.engine.tables import OBJECTS
from ashiato.engine.workspace import Workspace

__all__ = ["trace_objects"]


def trace_objects(workspace: Workspace, states: Sequence[State], limits: Limits) -> bool:
    """Find whose data was in the objects the intruder read; tells whether any object was asked for."""
    store, places = workspace.store, workspace.datamap.objects
    requests = list(list_requests(store))
    copies = list_copies(workspace.case_folder) if requests else {}
    objects = gather(requests, places, copies, last_writes(store))
    if not objects:
        store.write(OBJECTS, [])
        return False
    write_people(store, states)
    write_told(store, states, places)
    write_names(store, objects, places)
    Gathering(workspace.case_folder, store, Names(name_beginnings(store))).read(objects)
    match(store)
    write_answers(store, objects, places)
    for asked in objects:
        for asking in asked.askings:
            if asked.faults and state_of(asked, asking) in ("whole", "part", "perhaps"):
                limits.note_unread(asking.path, asked.name.label, sorted(asked.faults), len(asking.reads))
    return True
