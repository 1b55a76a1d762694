"""Each key of the written form arrives in the map the engine sees."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ashiato.datamap.load import load_datamap, parse_datamap
from ashiato.datamap.model import Accounts, Answer, Belongs, Column, DataMap, Source
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.errors import DataMapError
from tests.datamap.written_maps import FULL

SHIPPED = Path(__file__).resolve().parents[2] / "examples" / "pet-insurer" / "datamap.yaml"


def test_an_empty_file_is_an_empty_map() -> None:
    assert parse_datamap("") == DataMap()
    assert parse_datamap("# nothing yet\n").is_empty


def test_every_key_sets_a_field_of_the_map() -> None:
    loaded = parse_datamap(FULL)
    customers = loaded.systems["agency"].tables["customers"]
    policies = loaded.systems["agency"].tables["policies"]
    parts = (loaded, loaded.systems["agency"], loaded.routes[0], loaded.routes[0].answer, loaded.accounts)
    for part in (*parts, loaded.sources[0], loaded.objects[0]):
        plain = type(part)() if isinstance(part, DataMap | Answer | Accounts) else None
        for field in fields(part):
            if field.name not in ("login", "staff_role"):
                assert getattr(part, field.name) != (getattr(plain, field.name) if plain else None), (
                    field.name
                )
    assert customers.membership_sensitive
    assert customers.persona == "somebody"
    assert (customers.persona_column, customers.updated_at) == ("kind", "changed_at")
    assert (customers.client, customers.client_column) == (None, "insurer")
    assert customers.clients == {"A01": "Aozora Life"}
    assert customers.personas == {"P": "policyholder", "1": "quote applicant"}
    assert customers.columns["customer_no"] == Column(
        "customer_no", "varchar(10)", Category.IDENTITY, (), immutable=True
    )
    assert policies.belongs == Belongs("customers", ("customer_no",))
    assert policies.columns["health"].tags == (LegalTag.SPECIAL_CARE, LegalTag.FINANCE_SENSITIVE)
    assert loaded.systems["agency"].tables["calls"].append_only


def test_words_that_yaml_would_twist_stay_as_written() -> None:
    loaded = parse_datamap(FULL)
    assert loaded.systems["agency"].version == "8.0"
    assert loaded.systems["agency"].tables["customers"].columns["no"].category is Category.CONTACT
    assert loaded.sources[0].success == {"result": "true", "code": "0"}
    assert loaded.sources[0].skew_us == -1_500_000


def test_answer_of_nothing_differs_from_an_answer_left_out() -> None:
    loaded = parse_datamap("routes: [{path: /a, answer: nothing}, {path: /b}]")
    assert [route.answer.columns for route in loaded.routes] == [(), None]


def test_several_errors_are_raised_together_with_their_lines() -> None:
    with pytest.raises(DataMapError) as caught:
        parse_datamap("zone: JST\nsystems:\n  a:\n    zone: EST5\n", "shop.yaml")
    assert "2 errors" in str(caught.value)
    assert "shop.yaml:1 (zone)" in str(caught.value)
    assert "shop.yaml:4 (systems.a.zone)" in str(caught.value)


def test_a_single_error_carries_its_place_and_fix() -> None:
    with pytest.raises(DataMapError) as caught:
        parse_datamap("zone: JST\n", "shop.yaml")
    assert caught.value.where is not None
    assert (caught.value.where.line, caught.value.exit_code) == (1, 5)
    assert "Asia/Tokyo" in (caught.value.fix or "")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataMapError, match="datamap draft"):
        load_datamap(tmp_path / "none.yaml")


def test_the_shipped_map_of_the_pet_insurer_loads() -> None:
    loaded = load_datamap(SHIPPED)
    tables = loaded.systems["petdb"].tables
    assert [name for name, table in tables.items() if table.person] == ["owners"]
    assert all(
        table.belongs for name, table in tables.items() if name not in ("owners", "hospitals", "staff")
    )
    by_path = {route.path: route for route in loaded.routes}
    assert by_path["/api/owners/{id}"].answer.success == (200,)
    assert by_path["/admin/owners/{id}"].answer.drops == ("owners.password_hash",)
    assert by_path["/login"].answer.columns == ()
    assert by_path["/hospitals/search"].answer.prints_errors
    assert {type(source) for source in loaded.sources} == {Source}
