"""Changing passwords: what to do, and whether one is known to be leaked, without anybody being told it."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ashiato.public.configuration import PublicConfiguration
from ashiato.public.counting import NOTED, count_once, tries_name
from ashiato.public.pages.showing import show
from ashiato.public.voices import Voice
from ashiato.rooms.leaked import suffixes_of

MOST_TRIES = 200
_PREFIX = re.compile(r"[0-9A-F]{5}\Z")


@require_safe
def passwords(_request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show what to do."""
    public: PublicConfiguration = settings.PUBLIC
    return show("passwords", voice, {"can_check": public.leaked_passwords is not None})


@require_safe
def leaked(request: HttpRequest, prefix: str) -> HttpResponse:
    """Return what follows a prefix of five digits of a hash; which of them was meant is not told to us."""
    public: PublicConfiguration = settings.PUBLIC
    if public.leaked_passwords is None or not _PREFIX.match(prefix):
        return HttpResponse(status=404)
    NOTED.note("leaked", "prefix")
    if count_once(tries_name(request, "leaked")) > MOST_TRIES:
        return HttpResponse(status=429)
    lines = suffixes_of(public.leaked_passwords, prefix)
    return HttpResponse(b"\n".join(lines), content_type="text/plain; charset=us-ascii")
