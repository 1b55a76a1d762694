"""A Windows event written as XML, as ``wevtutil`` and forwarders write one a line, in the shape of its JSON.

A document type is refused: an event has none, and one could make a short line of it a long one.
Source: "Windows Event Log, Event Schema", Microsoft Learn (read 2026-11-22).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any, TypeAlias

#: Anything JSON can say.
_Json: TypeAlias = Any
_BEGINS = (b"<Event ", b"<Event>")


def is_event_text(line: bytes) -> bool:
    """Tell whether a line may be an event in XML."""
    return line.startswith(_BEGINS) and b"<!" not in line


def event_of_text(line: bytes) -> dict[str, Any]:
    """Return the object under ``Event`` of the JSON; raises ValueError for what is no whole event."""
    try:
        root = ET.fromstring(line.strip())  # noqa: S314 - without a document type nothing is expanded
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    parts = {_name_of(part): part for part in root}
    system = {_name_of(tag): _with_attributes(tag) for tag in parts.get("System", ())}
    return {"System": system, **{name: _inside(parts[name]) for name in parts if name != "System"}}


def _name_of(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _with_attributes(element: ET.Element) -> _Json:
    text = (element.text or "").strip()
    return {"#attributes": dict(element.attrib), "#text": text or None} if element.attrib else text or None


def _inside(element: ET.Element) -> _Json:
    """Return what stands in ``EventData`` or ``UserData``; an element's ``Name`` is its name."""
    if not len(element):
        return (element.text or "").strip() or None
    said: dict[str, Any] = {}
    for each in element:
        name, value = each.get("Name") or _name_of(each), _inside(each)
        said[name] = [*_listed(said[name]), value] if name in said else value
    return said


def _listed(value: _Json) -> list[Any]:
    return value if isinstance(value, list) else [value]
