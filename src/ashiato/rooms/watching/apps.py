"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class WatchingConfig(AppConfig):
    """It asks cases and accounts."""

    name = "ashiato.rooms.watching"
    label = "watching"
