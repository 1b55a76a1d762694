"""The tables of who is to be told: what each person is, by which ways, and what harm can be done to them."""

from __future__ import annotations

from ashiato.engine.table import RECORD, Table, texts

PERSONS = Table(
    "persons",
    "one row per person of whom a record is possible at least: what they are, and who is to be told",
    {
        **texts("person_id", "widest_person_id"),
        "grade": "INTEGER",
        "records": "BIGINT",
        **texts("personas", "states", "language", "guardian_id", "addressee_id", "channels"),
        "is_reachable": "BOOLEAN",
        "contact_reasons": "VARCHAR",
    },
    ("person_id",),
)

CONTACTS = Table(
    "contacts",
    "one row per way to tell a person of `persons` or a guardian of one: where it stands, never what it says",
    {
        **texts("person_id", "channel"),
        "preference": "BIGINT",
        "usable": "BOOLEAN",
        **texts("contact_reasons", "address_use"),
        **RECORD,
        **texts("at_table", "at_key", "at_columns"),
        "snapshot_us": "BIGINT",
    },
    ("person_id", "channel", "preference", "system", "table_name", "record_key", "at_table", "at_key",
     "at_columns"),
)  # fmt: skip

SENSITIVITIES = Table(
    "sensitivities",
    "one row per person of `persons`: what the fields reached of them make possible, taken together",
    {
        "person_id": "VARCHAR",
        "sensitivity": "INTEGER",
        "identifiable": "BOOLEAN",
        **texts("harms", "because"),
        "sensitivity_sure": "INTEGER",
        "identifiable_sure": "BOOLEAN",
    },
    ("person_id",),
)

UNKNOWN_VALUES = Table(
    "unknown_values",
    "one row per value of a column that the data map gives no meaning, where it was asked for one",
    {
        **texts("system", "table_name", "column_name", "asked_for", "unknown_value"),
        "records": "BIGINT",
    },
    ("system", "table_name", "column_name", "asked_for", "unknown_value"),
)
