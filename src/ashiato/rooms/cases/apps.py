"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """It asks accounts alone."""

    name = "ashiato.rooms.cases"
    label = "cases"
