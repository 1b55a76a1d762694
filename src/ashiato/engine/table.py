"""A table's schema, and columns that many tables share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table that stages hand to each other as a Parquet file."""

    name: str
    grain: str
    columns: dict[str, str]
    order: tuple[str, ...]

    @property
    def select_list(self) -> str:
        """The columns as SQL, each cast to its declared type, in declared order."""
        return ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in self.columns.items())


def texts(*names: str) -> dict[str, str]:
    """Return columns of text by their names."""
    return dict.fromkeys(names, "VARCHAR")


#: What names a record.
RECORD = texts("system", "table_name", "record_key")
