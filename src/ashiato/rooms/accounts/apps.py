"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The lowest room: it asks no other."""

    name = "ashiato.rooms.accounts"
    label = "accounts"
