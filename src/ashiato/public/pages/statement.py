"""What happened, what to do, and what people ask: the same for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ashiato.public.pages.showing import show
from ashiato.public.store import CURRENT
from ashiato.public.voices import Voice


@require_safe
def statement(_request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show the newest statement, and the earlier ones below."""
    newest, *earlier = reversed(CURRENT.statement()["statements"])
    return show("statement", voice, {"newest": newest, "earlier": earlier})


@require_safe
def advice(_request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show what to do by kind of data."""
    return show("advice", voice)


@require_safe
def questions(_request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show what people ask."""
    return show("questions", voice)
