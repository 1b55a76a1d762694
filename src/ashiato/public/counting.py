"""Counts by the hour: how often a client tried, what was asked; names of clients change daily."""

from __future__ import annotations

import atexit
import hashlib
import hmac
import ipaddress
import time
from collections import Counter
from collections.abc import Mapping
from threading import Lock

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

HOUR = 3_600
_DAY_HOURS = 24
_IPV6_SITE = 64
_WRITTEN_EACH_S = 5.0
_ROWS = {
    "sqlite": "VALUES {rows}",
    # Counts need not be on the disk before an answer goes out; what people send does.
    "postgresql": "SELECT v.* FROM (VALUES {rows}) AS v, set_config('synchronous_commit', 'off', true)",
}
_UPSERT = """
INSERT INTO public_tally (name, hour, count) {rows}
ON CONFLICT (name, hour) DO UPDATE SET count = public_tally.count + EXCLUDED.count RETURNING name, count
"""


def count_once(name: str) -> int:
    """Count something once more; returns how often it was counted within this hour, by all processes."""
    return _counted({name: 1})[name]


class Noted:
    """What was asked and answered, kept here and written every few seconds: sums that no answer waits for."""

    def __init__(self) -> None:
        """Begin with nothing; what is left at the end of the process is written then."""
        self._lock, self._held, self._until = Lock(), Counter[str](), 0.0
        atexit.register(self.write)

    def note(self, kind: str, verdict: str) -> None:
        """Count an answer."""
        with self._lock:
            self._held[f"asked:{kind}:{verdict}"] += 1
            is_due = time.monotonic() >= self._until
        if is_due:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last time."""
        with self._lock:
            held, self._held = self._held, Counter()
            self._until = time.monotonic() + _WRITTEN_EACH_S
        if held:
            _counted(held)


NOTED = Noted()


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    hour = int(time.time() // HOUR)
    said = [value for name in sorted(counts) for value in (name, hour, counts[name])]
    rows = ", ".join(["(%s, %s, %s)"] * len(counts))
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
