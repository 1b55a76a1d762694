"""Write a data map as ``datamap.yaml``: loading what is rendered gives the same map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

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
from ashiato.terms.categories import Category
from ashiato.written.problems import Spot
from ashiato.written.scalars import render_flow, render_scalar

#: Comments by spot: each line stands above the key it speaks of.
Comments = Mapping[Spot, tuple[str, ...]]

_WIDTH = 108
_SYSTEM_DEFAULTS = System(name="")


def render_datamap(datamap: DataMap, comments: Comments | None = None) -> str:
    """Render a map as YAML text; defaults are left out, ``comments`` stand above what they speak of."""
    lines = _lines_of((), _written(datamap), comments or {})
    return "".join(f"{line}\n" for line in lines) or "{}\n"


def _lines_of(spot: Spot, value: object, comments: Comments) -> Iterator[str]:
    """The block lines of a value, each with its indent."""
    for note in comments.get((), ()) if not spot else ():
        yield _comment("", note)
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _entry(spot, str(key), inside, comments)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _item((*spot, number), item, comments)


def _entry(spot: Spot, key: str, value: object, comments: Comments) -> Iterator[str]:
    inner, indent = (*spot, key), _indent(spot)
    if not spot and key != "name":
        yield ""
    for note in comments.get(inner, ()):
        yield _comment(indent, note)
    head = f"{indent}{render_scalar(key)}:"
    if _is_flat(inner, value, comments, len(head)):
        text = render_scalar(value, line=True) if isinstance(value, str) else render_flow(value)
        yield f"{head} {text}"
    else:
        yield head
        yield from _lines_of(inner, value, comments)


def _item(spot: Spot, item: object, comments: Comments) -> Iterator[str]:
    indent = _indent(spot[:-1])
    for note in comments.get(spot, ()):
        yield _comment(indent, note)
    if isinstance(item, str):
        yield f"{indent}- {render_scalar(item, line=True)}"
        return
    lines = list(_lines_of(spot, item, comments))
    first = next(number for number, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from lines[:first]
    yield f"{indent}- {lines[first].lstrip()}"
    yield from lines[first + 1 :]


def _indent(spot: Spot) -> str:
    return "  " * len(spot)


def _comment(indent: str, note: str) -> str:
    safe = "".join(ch if ch.isprintable() else f"\\u{ord(ch):04x}" for ch in note)
    return f"{indent}# {safe}"


def _is_flat(spot: Spot, value: object, comments: Comments, used: int) -> bool:
    """Whether a value goes on the key's own line: short, and with nothing to say of its parts."""
    if not isinstance(value, dict | list) or not value:
        return True
    if spot[0] == "systems" and (len(spot) < 5 or (spot[-1] == "columns" and len(spot) == 5)):
        return False
    if spot in (("routes",), ("sources",), ("accounts",)) or spot[-1] in ("answer", "statements"):
        return False
    if any(noted[: len(spot)] == spot and noted != spot for noted in comments):
        return False
    return used + 1 + len(render_flow(value)) <= _WIDTH


def _written(datamap: DataMap) -> dict[str, object]:
    return _kept(
        name=datamap.name,
        zone=datamap.zone,
        systems={name: _written_system(system) for name, system in datamap.systems.items()},
        routes=[_written_route(route) for route in datamap.routes],
        accounts=_written_accounts(datamap.accounts),
        sources=[_written_source(source) for source in datamap.sources],
        objects=[_written_objects(each) for each in datamap.objects],
        of_age=None if datamap.of_age == OF_AGE else datamap.of_age,
    )


def _kept(**fields: object) -> dict[str, object]:
    """The fields that say something: not None, not false, not empty."""
    return {key: value for key, value in fields.items() if value not in (None, False, "", [], {})}


def _written_system(system: System) -> dict[str, object]:
    plain = _SYSTEM_DEFAULTS
    return {
        "engine": system.engine,
        **_kept(
            version=system.version,
            collation=system.collation,
            encoding=system.encoding if system.encoding != plain.encoding else None,
            zone=system.zone,
            default_schema=system.default_schema if system.default_schema != plain.default_schema else None,
            copies_apart=system.copies_apart,
            sql_mode=system.sql_mode,
            tables={name: _written_table(table) for name, table in system.tables.items()},
        ),
    }


def _written_table(table: DataTable) -> dict[str, object]:
    return _kept(
        key=_one_or_list(table.key),
        person=table.person,
        persona=_written_persona(table),
        client=_written_client(table),
        states={str(state): _written_mark(mark) for state, mark in table.states.items()},
        guardian=_written_belongs(table.guardian),
        language=_written_language(table),
        undeliverable={str(way): _written_mark(mark) for way, mark in table.undeliverable.items()},
        belongs=_written_belongs(table.belongs),
        updated_at=table.updated_at,
        append_only=table.append_only,
        membership_sensitive=table.membership_sensitive,
        columns={name: _written_column(column) for name, column in table.columns.items()},
    )


def _one_or_list(names: tuple[str, ...]) -> str | list[str] | None:
    return (names[0] if len(names) == 1 else list(names)) if names else None


def _written_persona(table: DataTable) -> object:
    if table.persona_column is None:
        return table.persona
    return _kept(by=table.persona_column, **{"is": dict(table.personas)}, otherwise=table.persona)


def _written_belongs(belongs: Belongs | None) -> object:
    return {"table": belongs.table, "by": _one_or_list(belongs.columns)} if belongs else None


def _written_mark(mark: Mark) -> object:
    return {"by": mark.column, "is": list(mark.values)} if mark.values else mark.column


def _written_language(table: DataTable) -> object:
    if table.language_column is None:
        return table.language
    return _kept(by=table.language_column, **{"is": dict(table.languages)})


def _written_client(table: DataTable) -> object:
    if table.client_column is None:
        return table.client
    return _kept(by=table.client_column, **{"is": dict(table.clients)})


def _written_column(column: Column) -> object:
    if column == Column(column.name, category=column.category):
        return str(column.category)
    category = None if column.category is Category.OTHER else str(column.category)
    tags = [str(tag) for tag in column.tags]
    return _kept(
        type=column.type,
        category=category,
        tags=tags,
        immutable=column.immutable,
        collation=column.collation,
        means=None if column.means is None else str(column.means),
        contact=None if column.contact is None else str(column.contact),
    )


def _written_route(route: Route) -> dict[str, object]:
    return _kept(
        path=route.path,
        methods=list(route.methods),
        system=route.system,
        role=route.role,
        login=route.login,
        statements=list(route.statements),
        answer=_written_answer(route.answer),
    )


def _written_answer(answer: Answer) -> object:
    if answer == Answer(columns=()):
        return "nothing"
    columns = {} if answer.columns is None else {"columns": list(answer.columns)}
    return columns | _kept(
        drops=list(answer.drops), success=list(answer.success), prints_errors=answer.prints_errors
    )


def _written_accounts(accounts: Accounts) -> dict[str, object]:
    table = _kept(table=accounts.staff_table, name=accounts.staff_name, role=accounts.staff_role)
    return _kept(
        pooled=list(accounts.pooled),
        machines=list(accounts.machines),
        offices=list(accounts.offices),
        proxies=list(accounts.proxies),
        staff=dict(accounts.staff_roles),
        staff_table=table if accounts.staff_table else None,
    )


def _written_source(source: Source) -> dict[str, object]:
    return _kept(
        files=source.files,
        format=source.format,
        log_format=source.log_format,
        zone=source.zone,
        skew=f"{Decimal(source.skew_us) / 1_000_000:f}s" if source.skew_us else None,
        system=source.system,
        covers=source.covers,
        fields=dict(source.fields),
        success=dict(source.success),
        failure=dict(source.failure),
    )


def _written_objects(objects: Objects) -> dict[str, object]:
    holds = {} if objects.holds is None else {"holds": list(objects.holds)}
    return {
        **_kept(keys=objects.keys, bucket=objects.bucket, copies=objects.copies, columns=objects.columns),
        **holds,
    }
