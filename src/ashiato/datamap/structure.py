"""The one description of the written form of a data map: ``schema.json``."""

from __future__ import annotations

import functools
from typing import Any

from ashiato.written.parsing import Written
from ashiato.written.problems import Problem
from ashiato.written.structure import check_against, read_schema


@functools.cache
def load_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``datamap.yaml``."""
    return read_schema("ashiato.datamap", "schema.json")


def check_structure(written: Written) -> list[Problem]:
    """Return every fault of keys, types and words, in no particular order."""
    return check_against(written, load_schema())
