"""The only door of the engine: what the command line and the exports may use."""

from __future__ import annotations

from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import ALL_TABLES, Table

__all__ = ["ALL_TABLES", "Row", "Station", "Store", "Table"]
