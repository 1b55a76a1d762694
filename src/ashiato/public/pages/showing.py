"""Show a page in a voice, with the frame that all have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.template.loader import get_template

from ashiato.public.addresses import PAGES, address_of
from ashiato.public.store import CURRENT
from ashiato.public.voices import Voice

_LINKED = ("statement", "advice", "questions", "check", "mine", "ask")


def show(
    page: str, voice: Voice, context: Mapping[str, object] | None = None, status: int = 200
) -> HttpResponse:
    """Return a page."""
    edition = CURRENT.edition()
    held: dict[str, Any] = {
        "page": page,
        "voice": voice,
        "said": edition.statement,
        "edition": edition,
        "voices": [(each, address_of(each, page if page in PAGES else "statement")) for each in Voice],
        "linked": _LINKED,
        **(context or {}),
    }
    return HttpResponse(get_template(f"public/{page}.html").render(held), status=status)
