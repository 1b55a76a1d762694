"""Whether the server answers: for who starts it, and for a proxy before it."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse

from ashiato.web.console.doors import everybody


@everybody
def tell_health(request: HttpRequest) -> HttpResponse:
    """Answer ``ok`` once the database answers; nothing of any case."""
    del request
    connection.ensure_connection()
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
