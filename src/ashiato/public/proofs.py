"""Proof of work by the ALTCHA protocol: a browser computes for a second, and nobody is shown puzzles.

A proof counts once and for an hour. Who brings none is served as well, but less often.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from ashiato.public.counting import count_once

#: The browser tries half of these on average.
WORK = 60_000
_LASTS = timedelta(hours=1)
_LONGEST = 2_000


def challenge() -> str:
    """Return a challenge as the browser takes it."""
    options = ChallengeOptions(hmac_key=_key(), max_number=WORK, expires=timezone.now() + _LASTS)
    return json.dumps(create_challenge(options).to_dict())


def is_proven(request: HttpRequest) -> bool:
    """Whether a form brought a proof that was not used before."""
    proof = request.POST.get("altcha", "")
    if not 0 < len(proof) <= _LONGEST:
        return False
    try:
        good, _ = verify_solution(proof, _key(), check_expires=True)
        said = json.loads(base64.b64decode(proof))["challenge"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    name = f"proof:{hashlib.sha256(str(said).encode()).hexdigest()[:32]}"
    return good and count_once(name) == 1


def _key() -> str:
    return f"proof {settings.SECRET_KEY}"
