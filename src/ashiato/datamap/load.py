"""Load ``datamap.yaml``: the written form becomes the map the engine sees."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from ashiato.datamap.check import check_written, read_written, refuse_errors
from ashiato.datamap.model import (
    OF_AGE,
    Accounts,
    Answer,
    Belongs,
    Column,
    DataMap,
    DataTable,
    Mark,
    Objects,
    Route,
    Source,
    System,
)
from ashiato.datamap.patterns import names_of
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.contacts import AddressUse, Channel, PersonState
from ashiato.terms.meanings import Meaning
from ashiato.written.parsing import Written, parse_written

Fields = Mapping[str, Any]


def load_datamap(path: Path) -> DataMap:
    """Load and check the map at ``path``.

    Raises: DataMapError: naming every error with its line and what to write instead.
    """
    return _load(read_written(path))


def parse_datamap(text: str, file: str = "datamap.yaml") -> DataMap:
    """Load and check a map given as text; ``file`` names it in errors."""
    return _load(parse_written(text.encode("utf-8", "surrogatepass"), file))


def _load(written: Written) -> DataMap:
    refuse_errors(check_written(written))
    top: Fields = written.value or {}
    return DataMap(
        name=top.get("name", ""),
        zone=top.get("zone"),
        systems={name: _system(name, fields) for name, fields in (top.get("systems") or {}).items()},
        routes=tuple(_route(fields) for fields in top.get("routes") or ()),
        accounts=_accounts(top.get("accounts") or {}),
        sources=tuple(_source(fields) for fields in top.get("sources") or ()),
        objects=tuple(_objects(fields) for fields in top.get("objects") or ()),
        of_age=top.get("of_age", OF_AGE),
    )


def _system(name: str, fields: Fields) -> System:
    plain = {
        key: fields[key]
        for key in ("engine", "collation", "encoding", "zone", "copies_apart", "sql_mode")
        if key in fields
    }
    if "default_schema" in fields:
        plain["default_schema"] = fields["default_schema"]
    version = fields.get("version")
    tables = {table: _table(table, inside or {}) for table, inside in (fields.get("tables") or {}).items()}
    return System(name=name, version=None if version is None else str(version), tables=tables, **plain)


def _table(name: str, fields: Fields) -> DataTable:
    return DataTable(
        name=name,
        key=names_of(fields.get("key")),
        person=fields.get("person", False),
        belongs=_belongs(fields.get("belongs")),
        columns={column: _column(column, said) for column, said in (fields.get("columns") or {}).items()},
        updated_at=fields.get("updated_at"),
        append_only=fields.get("append_only", False),
        membership_sensitive=fields.get("membership_sensitive", False),
        **_persona(fields.get("persona")),
        **_client(fields.get("client")),
        **_language(fields.get("language")),
        states={PersonState(state): _mark(said) for state, said in fields.get("states", {}).items()},
        undeliverable={Channel(way): _mark(said) for way, said in fields.get("undeliverable", {}).items()},
        guardian=_belongs(fields.get("guardian")),
    )


def _belongs(said: Fields | None) -> Belongs | None:
    return Belongs(said["table"], names_of(said["by"])) if said else None


def _mark(said: str | Fields) -> Mark:
    return Mark(said) if isinstance(said, str) else Mark(said["by"], tuple(said["is"]))


def _persona(said: str | Fields | None) -> dict[str, Any]:
    if said is None or isinstance(said, str):
        return {"persona": said}
    return {"persona": said.get("otherwise"), "persona_column": said["by"], "personas": dict(said["is"])}


def _client(said: str | Fields | None) -> dict[str, Any]:
    if said is None or isinstance(said, str):
        return {"client": said}
    return {"client_column": said["by"], "clients": dict(said.get("is", {}))}


def _language(said: str | Fields | None) -> dict[str, Any]:
    if said is None or isinstance(said, str):
        return {"language": said}
    return {"language_column": said["by"], "languages": dict(said.get("is", {}))}


def _column(name: str, said: str | Fields | None) -> Column:
    if said is None or isinstance(said, str):
        return Column(name, category=Category(said or Category.OTHER))
    return Column(
        name,
        type=said.get("type"),
        category=Category(said.get("category", Category.OTHER)),
        tags=tuple(LegalTag(tag) for tag in said.get("tags", ())),
        immutable=said.get("immutable", False),
        collation=said.get("collation"),
        means=Meaning(said["means"]) if "means" in said else None,
        contact=AddressUse(said["contact"]) if "contact" in said else None,
    )


def _route(fields: Fields) -> Route:
    return Route(
        path=fields["path"],
        methods=tuple(fields.get("methods", ())),
        system=fields.get("system"),
        role=fields.get("role"),
        statements=tuple(fields.get("statements", ())),
        answer=_answer(fields.get("answer", {})),
        login=fields.get("login", False),
    )


def _answer(said: str | Fields) -> Answer:
    if isinstance(said, str):
        return Answer(columns=())
    return Answer(
        columns=tuple(said["columns"]) if "columns" in said else None,
        drops=tuple(said.get("drops", ())),
        success=tuple(said.get("success", ())),
        prints_errors=said.get("prints_errors", False),
    )


def _accounts(fields: Fields) -> Accounts:
    table: Fields = fields.get("staff_table", {})
    return Accounts(
        pooled=tuple(fields.get("pooled", ())),
        machines=tuple(fields.get("machines", ())),
        offices=tuple(fields.get("offices", ())),
        proxies=tuple(fields.get("proxies", ())),
        staff_roles=dict(fields.get("staff", {})),
        staff_table=table.get("table"),
        staff_name=table.get("name"),
        staff_role=table.get("role"),
    )


def _source(fields: Fields) -> Source:
    return Source(
        files=fields["files"],
        format=fields.get("format"),
        fields=dict(fields.get("fields", {})),
        log_format=fields.get("log_format"),
        zone=fields.get("zone"),
        skew_us=int(Decimal(fields.get("skew", "0s").removesuffix("s")) * 1_000_000),
        success={key: _word(value) for key, value in fields.get("success", {}).items()},
        failure={key: _word(value) for key, value in fields.get("failure", {}).items()},
        covers=fields.get("covers", False),
        system=fields.get("system"),
    )


def _objects(fields: Fields) -> Objects:
    return Objects(
        keys=fields["keys"],
        bucket=fields.get("bucket"),
        copies=fields.get("copies"),
        holds=tuple(fields["holds"]) if "holds" in fields else None,
        columns=dict(fields.get("columns", {})),
    )


def _word(value: str | bool | int) -> str:
    """A value as JSON writes it, so that ``true`` in the map equals ``true`` in a log."""
    return str(value).lower() if isinstance(value, bool) else str(value)
