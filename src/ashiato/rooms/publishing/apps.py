"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """It asks notifying, cases and accounts."""

    name = "ashiato.rooms.publishing"
    label = "publishing"
