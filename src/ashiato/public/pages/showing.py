"""Show a page in a voice, with the frame that all have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.http import HttpResponse
from django.template.loader import get_template

from ashiato.public.addresses import PAGES, address_of
from ashiato.public.models import Edition
from ashiato.public.store import CURRENT
from ashiato.public.voices import Voice

_LINKED = ("statement", "advice", "questions", "check", "mine", "ask")


def show(
    template: str, voice: Voice, context: Mapping[str, object] | None = None, status: int = 200
) -> HttpResponse:
    """Return a page; ``page`` in the context names it where several share a template."""
    edition, held = CURRENT.edition(), dict(context or {})
    page = str(held.get("page", template))
    linked = page if page in PAGES else "statement"
    held |= {"page": page, "voice": voice, "said": edition.statement, "edition": edition}
    held |= {name: _part(name, voice, linked, edition) for name in ("header", "footer")}
    return HttpResponse(get_template(f"public/{template}.html").render(held), status=status)


@lru_cache(maxsize=256)
def _part(name: str, voice: Voice, page: str, edition: Edition) -> str:
    """Return a part that is the same for everybody; an edition is equal to itself alone."""
    voices = [(each, address_of(each, page)) for each in Voice]
    held = {"page": page, "voice": voice, "said": edition.statement, "edition": edition, "voices": voices}
    return get_template(f"public/{name}.html").render(held | {"linked": _LINKED})
