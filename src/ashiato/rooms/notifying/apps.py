"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class NotifyingConfig(AppConfig):
    """It asks cases and accounts."""

    name = "ashiato.rooms.notifying"
    label = "notifying"
