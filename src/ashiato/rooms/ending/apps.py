"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class EndingConfig(AppConfig):
    """It asks containment, the watch and cases."""

    name = "ashiato.rooms.ending"
    label = "ending"
