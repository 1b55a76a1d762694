"""The JSON Schema, the model, the guide and the engine's field names say the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from ashiato.datamap.fields import EVENT_FIELDS
from ashiato.datamap.structure import load_schema
from ashiato.engine.saying import SAYING
from ashiato.terms.categories import Category, LegalTag
from tests.datamap.written_maps import FULL, keys_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "datamap.md"


def keys_in(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from (str(key) for key in tree)
        for inside in tree.values():
            yield from keys_in(inside)
    elif isinstance(tree, list):
        for inside in tree:
            yield from keys_in(inside)


def test_the_schema_is_a_valid_schema() -> None:
    schema = load_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


def test_the_test_map_uses_every_key_of_the_schema() -> None:
    assert set(keys_of(load_schema())) <= set(keys_in(yaml.safe_load(FULL))) | {"role"}


def test_the_schema_lists_every_category_and_legal_tag() -> None:
    defs = load_schema()["$defs"]
    assert defs["category"]["enum"] == [str(category) for category in Category]
    assert defs["column"]["properties"]["tags"]["items"]["enum"] == [str(tag) for tag in LegalTag]


def test_the_guide_explains_every_key_and_category() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    missing = [key for key in {*keys_of(load_schema())} if f"`{key}`" not in guide]
    missing += [str(word) for word in (*Category, *LegalTag) if f"`{word}`" not in guide]
    assert missing == []


def test_every_field_of_a_source_is_a_column_of_events() -> None:
    beyond = {"time", "time_us", "@seconds", "@milliseconds"}
    assert EVENT_FIELDS - beyond == set(SAYING) - {"source_format", "unmapped"}
