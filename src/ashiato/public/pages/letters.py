"""Forms that go to the console: sealed where they arrive, answered alike whatever they say."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from ashiato.bundle.intake import letter_name, seal_letter
from ashiato.public.counting import NOTED, count_once, tries_name
from ashiato.public.forms import FORMS, read_form
from ashiato.public.pages.showing import show
from ashiato.public.proofs import challenge, is_proven
from ashiato.public.store import own_store
from ashiato.public.voices import Voice

#: Of one address within an hour, with a proof of work and without.
MOST_PROVEN, MOST_UNPROVEN = 30, 5
_KEEP = "INSERT INTO public_sealedletter (name, sealed) VALUES (%s, %s)"


def may_try(request: HttpRequest, kind: str) -> bool:
    """Count a try; whether it is one of those that are answered."""
    front, most = ("proven", MOST_PROVEN) if is_proven(request) else ("unproven", MOST_UNPROVEN)
    NOTED.note(kind, front)
    return count_once(tries_name(request, f"{front} {kind}")) <= most


@require_safe
def desk(_request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show what can be asked of us, and by which page."""
    return show("ask", voice, {"forms": [name for name in FORMS if name != "contact-check"]})


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, voice: Voice, form: str) -> HttpResponse:
    """Show a form; take what was sent, and say so, and nothing that depends on what it says."""
    kind, fields = FORMS[form]
    if request.method != "POST":
        return _form(voice, form)
    typed, faults = read_form(fields, request.POST)
    if faults:
        return _form(voice, form, {"typed": typed, "faults": faults}, status=422)
    if not may_try(request, form):
        return _form(voice, form, {"typed": typed, "refused": True}, status=429)
    keep_letter(seal_letter(own_store().keys, kind, typed | {"voice": str(voice)}))
    return show("taken", voice, {"form": form, "page": form})


def _form(
    voice: Voice, form: str, held: Mapping[str, object] | None = None, status: int = 200
) -> HttpResponse:
    said = {"form": form, "fields": FORMS[form][1], "page": form, "challenge": challenge()}
    return show("letter", voice, {**said, **(held or {})}, status)


def keep_letter(sealed: bytes) -> None:
    """Keep a letter until the console has it; it is on the disk before anybody is told that it was taken."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [letter_name(sealed), sealed])
