"""Check what was written against a JSON Schema, and say each fault with what to write instead.

The schema is the one description of the written form: keys, types and words are checked by it alone.
Its ``description`` and ``examples`` become the remedies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ashiato.written.parsing import Written
from ashiato.written.problems import Problem, Spot, meant, shown

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def read_schema(package: str, name: str) -> dict[str, Any]:
    """Return a JSON Schema that lies in a package of ours."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_against(written: Written, schema: Mapping[str, Any]) -> list[Problem]:
    """Return every fault of keys, types and words, in no particular order."""
    if written.value is None:
        return []
    errors = Draft202012Validator(schema).iter_errors(written.value)
    return [problem for error in errors for problem in _problems_of(written, error)]


def _problems_of(written: Written, error: ValidationError) -> Iterator[Problem]:
    spot: Spot = tuple(error.absolute_path)
    if "propertyNames" in error.schema_path:
        spot = (*spot, str(error.instance))
    if error.validator == "additionalProperties":
        yield from _unknown_keys(written, spot, error)
    else:
        say = _SAYINGS.get(str(error.validator), _say_other)
        what, fix = say(error)
        yield written.problem(spot, what, fix)


def _unknown_keys(written: Written, spot: Spot, error: ValidationError) -> Iterator[Problem]:
    known = _schema_of(error).get("properties", {})
    for key in cast("Mapping[str, object]", error.instance):
        if key not in known:
            yield written.problem(
                (*spot, key), f"the key `{shown(key)}` is not known here.", meant(key, known)
            )


def _say_type(error: ValidationError) -> tuple[str, str]:
    wanted = cast("str | list[str]", error.validator_value)
    allowed = [wanted] if isinstance(wanted, str) else wanted
    expected = " or ".join(_KINDS[kind] for kind in allowed if kind != "null")
    return f"{_kind_of(error.instance)} stands where {expected} belongs.", _remedy(error)


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | str):
        return f"`{shown(str(value), 40)}`"
    return "a list" if isinstance(value, list) else "a mapping"


def _schema_of(error: ValidationError) -> Mapping[str, Any]:
    """The part of our own schema that refused: always a mapping, never ``true`` or ``false``."""
    return cast("Mapping[str, Any]", error.schema)


def _remedy(error: ValidationError) -> str:
    described = _schema_of(error).get("description", "a value of that kind")
    examples = _schema_of(error).get("examples", [])
    listed = ", or ".join(f"`{_sample(example)}`" for example in examples)
    return f"write {described}{f', such as {listed}' if listed else ''}."


def _sample(example: object) -> str:
    if isinstance(example, dict):
        return "{" + ", ".join(f"{key}: {_sample(value)}" for key, value in example.items()) + "}"
    if isinstance(example, list):
        return "[" + ", ".join(_sample(value) for value in example) + "]"
    return str(example)


def _say_word(error: ValidationError) -> tuple[str, str]:
    words = [str(word) for word in cast("list[object]", error.validator_value)]
    described = _schema_of(error).get("description", "the word that belongs here")
    return f"{_kind_of(error.instance)} is not {described}.", meant(str(error.instance), words)


def _say_required(error: ValidationError) -> tuple[str, str]:
    instance = cast("Mapping[str, object]", error.instance)
    missing = [key for key in cast("list[str]", error.validator_value) if key not in instance]
    return f"`{missing[0]}` is missing.", f"add `{missing[0]}:`. {_remedy(error).capitalize()}"


def _say_pattern(error: ValidationError) -> tuple[str, str]:
    return f"{_kind_of(error.instance)} is not of the form that belongs here.", _remedy(error)


def _say_twice(_: ValidationError) -> tuple[str, str]:
    return "the list names something twice.", "name each once."


def _say_empty(error: ValidationError) -> tuple[str, str]:
    return "this is empty.", f"take it out, or {_remedy(error)}"


def _say_other(error: ValidationError) -> tuple[str, str]:
    return shown(error.message), _remedy(error)


_SAYINGS: dict[str, Callable[[ValidationError], tuple[str, str]]] = {
    "type": _say_type,
    "enum": _say_word,
    "required": _say_required,
    "pattern": _say_pattern,
    "uniqueItems": _say_twice,
    "minLength": _say_empty,
    "minItems": _say_empty,
    "minProperties": _say_empty,
}
