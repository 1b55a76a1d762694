"""What stands in summary.json: its JSON Schema, and the page that is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_ABOUT = (
    "Times are ISO 8601 with offset. A test holds written summaries against this page's schema "
    "(`docs/summary.yaml`)."
)
_WRITTEN = Path(__file__).with_name("summary.yaml")


def read_schema() -> dict[str, Any]:
    """Return the JSON Schema: every object has all of its members and no others."""
    said: dict[str, Any] = yaml.safe_load(_WRITTEN.read_text(encoding="utf-8"))
    schema = _closed(said)
    schema["$defs"] = {name: _closed(part) for name, part in said["$defs"].items()}
    return schema


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    members = {name: _member(held) for name, held in part["properties"].items()}
    closed = {"type": "object", "required": list(members), "additionalProperties": False}
    return {**part, **closed, "properties": members}


def _member(held: dict[str, Any]) -> dict[str, Any]:
    """Return a member's schema: ``values``: what an object of any names holds; ``nullable``: or null."""
    made = {name: value for name, value in held.items() if name not in ("nullable", "values")}
    if "values" in held:
        made["additionalProperties"] = {"$ref": f"#/$defs/{held['values']}"}
    return {"anyOf": [made, {"type": "null"}]} if held.get("nullable") else made


def render_summary() -> str:
    """Render the page: each object with its members, their types and meanings."""
    said: dict[str, Any] = yaml.safe_load(_WRITTEN.read_text(encoding="utf-8"))
    parts = [
        "# summary.json\n",
        f"{said['description']} {_ABOUT}\n",
        _table(said),
    ]
    for name, part in said["$defs"].items():
        parts += [f"## {name}\n", f"{part['description']}\n", _table(part)]
    return "\n".join(parts)


def _table(part: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_type_of(held)} | {held['description']} |"
        for name, held in part["properties"].items()
    ]
    return "\n".join(["| member | type | meaning |", "|---|---|---|", *rows, ""])


def _type_of(held: dict[str, Any]) -> str:
    named = held.get("$ref") or held.get("items", {}).get("$ref") or held.get("values")
    shown = f"[{named.rpartition('/')[2]}](#{named.rpartition('/')[2]})" if named else ""
    if held.get("type") == "array":
        shown = f"list of {shown or 'string'}"
    elif "values" in held:
        shown = f"{shown} by name"
    elif not shown:
        shown = held.get("type") or (
            "one of " + ", ".join(held["enum"]) if "enum" in held else str(held["const"])
        )
    return f"{shown} or null" if held.get("nullable") else shown
