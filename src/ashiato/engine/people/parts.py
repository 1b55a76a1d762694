"""A table of a stage's own made batch by batch: memory stays bounded however many records there are."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from ashiato.engine.store import Station, Store

_KINDS = {pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.string(): "VARCHAR"}


def write_parts(store: Store, name: str, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write the rows of all tables as one; a cluster, which cannot add to a table, joins them in the end."""
    parts: list[str] = []
    if store.appends:
        empty = ", ".join(f"CAST(NULL AS {_KINDS[field.type]}) AS {field.name}" for field in schema)
        store.begin(name, f"SELECT {empty} WHERE FALSE")
    for number, table in enumerate(tables):
        part = f"{name}_{number}"
        store.write_as(part, table)
        if store.appends:
            store.append(name, [part])
        parts.append(part)
    if store.appends:
        return
    if parts:
        store.run(Station(name, " UNION ALL ".join(f"SELECT * FROM {part}" for part in parts)))
    else:
        store.write_as(name, schema.empty_table())
