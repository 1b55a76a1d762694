"""The public pages as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """It stands alone."""

    name = "ashiato.public"
    label = "public"
