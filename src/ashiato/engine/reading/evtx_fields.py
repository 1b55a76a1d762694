"""Flattens a Windows event, as EVTX readers give it in JSON, to the fields Sigma rules name.

``System``'s tags have their own names, their attributes ``Tag_Attribute``; what ``EventData`` names has that
name; ``UserData`` has the names of its leaves. Values without a name are ``Data``, one line each. Process
creation of the Security log (4688) also has Sysmon's names, which rules on processes use.
Source: Sigma specification 2.1, "Field Usage"; "4688(S): A new process has been created", Microsoft Learn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool

_ATTRIBUTES, _TEXT = "#attributes", "#text"
_PROCESS_CREATED = "4688"
_SYSMON_NAMES = {
    "NewProcessName": "Image",
    "ParentProcessName": "ParentImage",
    "SubjectLogonId": "LogonId",
    "NewProcessId": "ProcessId",
    "MandatoryLabel": "IntegrityLevel",
}


def fields_of_event(record: Mapping[str, Any]) -> dict[str, Value]:
    """Return the fields of one event (the object under ``Event``, or that around it); NULL is absent."""
    event = _inside(record, "Event") or record
    fields: dict[str, Value] = {}
    for name, value in _of_system(_inside(event, "System")):
        fields.setdefault(name, value)
    for part in ("EventData", "UserData"):
        for name, value in _leaves(event.get(part), "Data"):
            fields[name] = f"{fields[name]}\n{value}" if name in fields and name == "Data" else value
    if str(fields.get("EventID")) == _PROCESS_CREATED:
        fields |= {alias: fields[name] for name, alias in _SYSMON_NAMES.items() if name in fields}
    return fields


def _of_system(system: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for tag, value in system.items():
        if not isinstance(value, dict):
            yield from _leaves(value, tag)
            continue
        yield from _leaves(value.get(_TEXT), tag)
        for name, said in _inside(value, _ATTRIBUTES).items():
            yield from _leaves(said, f"{tag}_{name}")


def _leaves(value: object, name: str) -> Iterator[tuple[str, Value]]:
    """Yield the values below, each with the name nearest to it."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key != _ATTRIBUTES:
                yield from _leaves(inside, name if key == _TEXT else str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name)
    elif isinstance(value, str | int | float):
        yield name, value


def _inside(members: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = members.get(key)
    return value if isinstance(value, dict) else {}
