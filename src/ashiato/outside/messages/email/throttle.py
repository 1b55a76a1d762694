"""How fast mail goes to one receiving side: token buckets, by domain or by group of domains.

The clock is handed in with every question; one that jumps back gives nothing, one that jumps ahead no more
than a full bucket. A receiver that says "later" is left alone for a while that doubles.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ashiato.outside.messages.outcomes import MessageError, NotAccepted, Outcome

_MOST_BUCKETS = 10_000
_FIRST_REST = 30.0
_LONGEST_REST = 3600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Mails a second, and how many at once after a pause."""

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        """Refuse a rate by which nothing would ever go."""
        if not self.per_second > 0 or self.burst < 1:
            raise MessageError("a rate needs more than no mails a second, and a burst of one or more")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    rests_until: float = 0.0
    rest: float = 0.0


class Throttle:
    """Says when the next mail to a domain may go; safe for many threads."""

    def __init__(
        self, usual: Rate, rates: Mapping[str, Rate] | None = None, groups: Mapping[str, str] | None = None
    ) -> None:
        """``rates`` by domain or group; ``groups`` says which domains one receiver serves."""
        self._usual = usual
        self._rates = dict(rates or {})
        self._groups = dict(groups or {})
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, domain: str, now: float) -> float:
        """Take leave for one mail: 0 when it may go now, else the seconds to wait, and nothing is taken."""
        with self._lock:
            rate, bucket = self._filled(domain, now)
            wait = max(bucket.rests_until - now, (1.0 - bucket.tokens) / rate.per_second)
            if wait > 1e-9:
                return wait
            bucket.tokens -= 1.0
            return 0.0

    def rest(self, domain: str, now: float) -> None:
        """Leave a receiver alone that said "later"; each time twice as long, an hour at most."""
        with self._lock:
            _, bucket = self._filled(domain, now)
            if bucket.rests_until <= now:
                bucket.rest = min(max(_FIRST_REST, bucket.rest * 2), _LONGEST_REST)
                bucket.rests_until = now + bucket.rest

    def ease(self, domain: str) -> None:
        """A receiver took a mail: its next rest is a short one again."""
        with self._lock:
            bucket = self._buckets.get(self._groups.get(domain, domain))
            if bucket is not None:
                bucket.rest = 0.0

    def _filled(self, domain: str, now: float) -> tuple[Rate, _Bucket]:
        name = self._groups.get(domain, domain)
        rate = self._rates.get(name, self._usual)
        if name not in self._buckets:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._forget_full(now)
            self._buckets[name] = _Bucket(float(rate.burst), now)
        bucket = self._buckets[name]
        if now < bucket.at:  # the clock went back: rests are told by the clock as it was
            bucket.rests_until = min(bucket.rests_until, now + bucket.rest)
        bucket.tokens = min(float(rate.burst), bucket.tokens + max(0.0, now - bucket.at) * rate.per_second)
        bucket.at = now
        return rate, bucket

    def _forget_full(self, now: float) -> None:
        """Forget receivers to whom a full bucket is due: a new one is the same."""
        for name in list(self._buckets):
            bucket = self._buckets[name]
            rate = self._rates.get(name, self._usual)
            is_full = bucket.tokens + (now - bucket.at) * rate.per_second >= rate.burst
            if is_full and bucket.rests_until <= now:
                del self._buckets[name]


def paced(
    throttle: Throttle, domain: str, now: float, send: Callable[[], Outcome]
) -> tuple[Outcome | None, float]:
    """Send when the domain's turn has come: the outcome, or None and the seconds to wait, nothing offered."""
    wait = throttle.take(domain, now)
    if wait > 0:
        return None, wait
    outcome = send()
    if not isinstance(outcome, NotAccepted):
        throttle.ease(domain)
    elif not outcome.permanent and outcome.about != "service":
        throttle.rest(domain, now)
    return outcome, 0.0
