"""Where there is no page, or none can be made: said in the voice of the address, without a word of why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ashiato.public.pages.showing import show
from ashiato.public.voices import Voice


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's form
    """Show that there is no such page."""
    voice = next((each for each in (Voice.EASY, Voice.EN) if request.path.startswith(each.front)), Voice.JA)
    return show("missing", voice, status=404)


def broken(_request: HttpRequest) -> HttpResponse:
    """Show that something went wrong, by itself: the store may be what is broken, or no bundle is loaded."""
    said = "ただいまご覧いただけません。しばらくしてからもう一度お試しください。\n"
    said += "Not available at the moment. Please try again later.\n"
    return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8")
