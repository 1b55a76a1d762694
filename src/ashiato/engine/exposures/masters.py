"""Every record of every people table, with what these people are and for whom they are held."""

from __future__ import annotations

from ashiato.datamap.model import DataTable
from ashiato.engine.exposures.state import State
from ashiato.engine.store import quote_name, quote_text
from ashiato.engine.tables import MASTER


def master_sql(states: tuple[State, ...]) -> str:
    """Return the query for every record of every people table, with its persona and whose client's it is.

    A record of which the snapshots' rows name several clients, or in part none, is nobody's.
    """
    parts = [
        f"SELECT {quote_text(table.system)} AS system, {quote_text(table.name)} AS table_name, "
        f"min(_key) AS record_key, min({_persona_sql(state.system.tables[table.name])}) AS persona, "
        f"{_client_sql(state.system.tables[table.name])} AS client "
        f"FROM {quote_name(table.kept_as)} GROUP BY _key"
        for state in states
        for table in state.tables.values()
        if table.person_table == table.name
    ]
    nobody = ", ".join(f"'' AS {name}" for name in MASTER.columns)
    return " UNION ALL ".join(parts) or f"SELECT {nobody} WHERE FALSE"


def _client_sql(mapped: DataTable) -> str:
    if mapped.client_column is None:
        return "CAST(NULL AS VARCHAR)" if mapped.client is None else f"min({quote_text(mapped.client)})"
    named = f"CAST({quote_name(mapped.client_column)} AS VARCHAR)"
    if mapped.clients:
        cases = " ".join(
            f"WHEN {named} = {quote_text(value)} THEN {quote_text(client)}"
            for value, client in sorted(mapped.clients.items())
        )
        named = f"CASE {cases} END"
    return f"CASE WHEN min({named}) = max({named}) AND count({named}) = count(*) THEN min({named}) END"


def _persona_sql(mapped: DataTable) -> str:
    if mapped.persona_column is None:
        return quote_text(mapped.persona or mapped.name)
    # A value that the map gives no persona is listed by the people's stage, not guessed.
    rest = quote_text(mapped.persona) if mapped.persona else "CAST(NULL AS VARCHAR)"
    if not mapped.personas:
        return rest
    column = f"CAST({quote_name(mapped.persona_column)} AS VARCHAR)"
    cases = "".join(
        f" WHEN {column} = {quote_text(value)} THEN {quote_text(persona)}"
        for value, persona in sorted(mapped.personas.items())
    )
    return f"CASE{cases} ELSE {rest} END"
