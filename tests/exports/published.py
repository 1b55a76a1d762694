"""Checks OCSF events by the schema as its makers published it, with the profiles that an event declares."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


@cache
def _schema() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))


@cache
def _check_of(class_uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    name = _schema().lookup_class_name_from_uid(class_uid)
    return Draft202012Validator(_schema().get_class_schema(name, list(profiles)))


def faults_of(told: dict[str, Any]) -> list[str]:
    """Return where and how an event does not hold to its class."""
    found = _check_of(told["class_uid"], tuple(told["metadata"]["profiles"])).iter_errors(told)
    return [f"{'.'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in found]
