"""What every answer and form passes: headers that let a browser do nothing but show, and forms of ours."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

Answering = Callable[[HttpRequest], HttpResponse]

_OURS = "'self'"
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind} {_OURS}" for kind in ("script-src", "style-src", "img-src", "connect-src", "worker-src")),
        f"form-action {_OURS}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def safe_answers(get_response: Answering) -> Answering:
    """Put the same headers on every answer, and let no page be kept where others may read it."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return answer


def own_forms_only(get_response: Answering) -> Answering:
    """Refuse forms that another site's page sends: there is no cookie to ride on, but visitors to use."""

    def answer(request: HttpRequest) -> HttpResponse:
        host = request.get_host()  # refuses a name that is none of ours
        if _is_too_much(request):
            return HttpResponse("413", status=413, content_type="text/plain")
        if request.method == "POST" and not _is_ours(request, host):
            return HttpResponseForbidden("403", content_type="text/plain")
        return get_response(request)

    return answer


def _is_too_much(request: HttpRequest) -> bool:
    """Parts of a form are read whole before anything bounds them; no form of ours is sent in parts."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    is_long = not said.isdecimal() or int(said) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return is_long or request.content_type == "multipart/form-data"


def _is_ours(request: HttpRequest, host: str) -> bool:
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host
