"""Counts by the hour: how often a client tried, what was asked; names of clients change daily."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import time
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

HOUR = 3_600
_DAY_HOURS = 24
_IPV6_SITE = 64
_ROWS = {
    "sqlite": "VALUES {rows}",
    # Counts need not be on the disk before an answer goes out; what people send does.
    "postgresql": "SELECT v.* FROM (VALUES {rows}) AS v, set_config('synchronous_commit', 'off', true)",
}
_UPSERT = """
INSERT INTO public_tally (name, hour, count) {rows}
ON CONFLICT (name, hour) DO UPDATE SET count = public_tally.count + 1 RETURNING name, count
"""


def count_all(names: Iterable[str]) -> dict[str, int]:
    """Count each of these once more; returns how often each was counted within this hour."""
    hour = int(time.time() // HOUR)
    said = [value for name in names for value in (name, hour, 1)]
    rows = ", ".join(["(%s, %s, %s)"] * (len(said) // 3))
    with connection.cursor() as cursor:
        counted = _ROWS[connection.vendor].format(rows=rows)
        cursor.execute(_UPSERT.format(rows=counted), said)
        return dict(cursor.fetchall())


def tries_name(request: HttpRequest, kind: str) -> str:
    """Name a client's tries of one kind: a keyed hash of its network address, another one every day."""
    day = int(time.time() // HOUR // _DAY_HOURS)
    said = f"{day}\0{kind}\0{_site_of(_address_of(request))}"
    key = str(settings.SECRET_KEY).encode()
    return f"tries:{hmac.digest(key, said.encode(), hashlib.sha256)[:16].hex()}"


def asked_name(kind: str, verdict: str) -> str:
    """Name what was asked and answered; a count of its own per process, so that none waits for another."""
    return f"asked:{kind}:{verdict}:{os.getpid()}"


def _address_of(request: HttpRequest) -> str:
    """Return who asks: whoever came to the first of our own servers, or to us."""
    said = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.PUBLIC.proxies
    if proxies and len(said) >= proxies and said[-proxies].strip():
        return said[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _site_of(address: str) -> str:
    """Return the address, of IPv6 the network that one household has; unreadable ones share a name."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unreadable"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_SITE), strict=False))
