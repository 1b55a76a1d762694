"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class AnsweringConfig(AppConfig):
    """It asks notifying, cases and accounts."""

    name = "ashiato.rooms.answering"
    label = "answering"
