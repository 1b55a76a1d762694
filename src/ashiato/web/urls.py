"""The server's addresses: none yet; the console and the desk bring them."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
