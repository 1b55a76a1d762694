"""How long a session lasts: an hour without a request of its owner's, ten hours in all.

Shorter than what NIST SP 800-63B-4 section 2.2.3 (read 2026-11-23) asks at its second level, where a session
ends an hour after its last use and a day after it began. Django's own age would begin anew at every change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from ashiato.web.gates import page_of

UNUSED_S = int(timedelta(hours=1).total_seconds())
WHOLE_S = int(timedelta(hours=10).total_seconds())
#: A session's last use is written no oftener.
_STEP_S = 60
#: What a page asks for by itself, again and again: nobody need be sitting before it.
_POLLED = frozenset({"plan_state", "planning_state", "run_state", "sending_state", "uploads_state"})
_BEGAN, _USED = "began_s", "used_s"


class LastingMiddleware:
    """Ends a session that nobody used for an hour, or that is ten hours old."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """``answer``: the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out whose session is over, before the page asks who they are."""
        if request.user.is_authenticated:
            now = int(time.time())
            if is_over(request.session, now):
                logout(request)
            elif page_of(request) not in _POLLED:
                note_use(request.session, now)
        return self._answer(request)


def is_over(session: SessionBase, now_s: int) -> bool:
    """Tell whether a session has ended by its age or for want of use; one never used has only begun."""
    began, used = session.get(_BEGAN, now_s), session.get(_USED, now_s)
    return bool(now_s - began >= WHOLE_S or now_s - used >= UNUSED_S)


def note_use(session: SessionBase, now_s: int) -> None:
    """Keep when a session was last used, and when it began."""
    session.setdefault(_BEGAN, now_s)
    if now_s - session.get(_USED, 0) >= _STEP_S:
        session[_USED] = now_s
