"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ContainingConfig(AppConfig):
    """Stops somebody, and lets them go."""

    name = "ashiato.rooms.containing"
    label = "containing"
