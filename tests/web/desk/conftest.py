"""The desk's screens are asked for over the database of the room's own tests."""

from __future__ import annotations

from tests.rooms.answering.conftest import book

__all__ = ["book"]
