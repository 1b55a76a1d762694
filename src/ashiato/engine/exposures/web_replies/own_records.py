"""Whose record an account is: the one record of a people table in which the account's name stands."""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Station, Store, quote_name


def own_keys(store: Store, states: tuple[State, ...], accounts: set[str]) -> dict[str, str]:
    """Return, by account, its person's key; an account that fits several records has none."""
    tables = [
        table for state in states for table in state.tables.values() if table.person_table == table.name
    ]
    if not accounts or not tables:
        return {}
    store.write_as("asking_accounts", pa.table({"account": pa.array(sorted(accounts), pa.string())}))
    found = " UNION ALL ".join(
        f"SELECT a.account, s._person FROM asking_accounts AS a JOIN {table.kept_as} AS s "
        f"ON CAST(s.{quote_name(column)} AS VARCHAR) = a.account"
        for table in tables
        for column in _naming(table)
    )
    sql = (
        f"SELECT account, min(_person) AS own_key FROM ({found}) AS found "
        "GROUP BY account HAVING count(DISTINCT _person) = 1"
    )
    store.run(Station("own_records", sql))
    return dict(store.rows("SELECT account, own_key FROM own_records"))


def _naming(table: StateTable) -> list[str]:
    """Return the columns by which people sign in: keys, and text."""
    return [name for name, kind in table.columns.items() if name in table.key or kind == "VARCHAR"]
