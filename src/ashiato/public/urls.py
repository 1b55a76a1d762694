"""The addresses of the public pages: every one of them is for everybody, and there are no others."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from ashiato.public.addresses import PAGES
from ashiato.public.forms import FORMS
from ashiato.public.pages.genuine import genuine
from ashiato.public.pages.letters import desk, letter
from ashiato.public.pages.missing import broken, missing
from ashiato.public.pages.own import mine, private
from ashiato.public.pages.passwords import leaked, passwords
from ashiato.public.pages.statement import advice, questions, statement
from ashiato.public.voices import Voice


def robots(_request: HttpRequest) -> HttpResponse:
    """Let search engines lead people to the statement, and to nothing that was typed."""
    return HttpResponse("User-agent: *\nDisallow: /check/\nDisallow: /*/check/\n", content_type="text/plain")


_SHOWN: dict[str, Callable[..., HttpResponse]] = {
    "statement": statement,
    "advice": advice,
    "questions": questions,
    "check": genuine,
    "mine": mine,
    "ask": desk,
    "passwords": passwords,
}
_pages = [
    *(path(PAGES[name], view, name=name) for name, view in _SHOWN.items()),
    *(path(PAGES[name], letter, {"form": name}, name=name) for name in FORMS),
    path("check/<str:asked>", genuine, name="code"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("robots.txt", robots, name="robots"),
    path("private/", private, name="private"),
    path("leaked/<str:prefix>", leaked, name="leaked"),
    *(
        path(voice.front.removeprefix("/"), include((_pages, str(voice))), {"voice": voice})
        for voice in (Voice.EASY, Voice.EN, Voice.JA)
    ),
]
handler404, handler500 = missing, broken
