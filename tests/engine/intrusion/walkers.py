"""Walks through records by hands that no session holds together, and honest people who look like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.engine.site import BROWSERS, DAY, HONEST, HOUR, MIDNIGHT, SECOND, Site

NIGHT = MIDNIGHT + DAY + 2 * HOUR
WALKER = "203.0.113.7"
OFFICE = "192.0.2.99"
#: More browsers than the honest people of the site have.
MANY_BROWSERS = tuple(f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Firefox/{n}.0" for n in range(90, 110))
POOL = tuple(f"203.{n // 200}.{n % 200}.{7 + n % 31}" for n in range(400))


def peopled(customers: int = 120, **said: Any) -> Site:
    """Return a site with customers, staff and the internet's noise."""
    site = Site(**said)
    site.customers(customers)
    site.staff(3)
    site.noise(10)
    return site


def nameless(customers: int = 120, **said: Any) -> Site:
    """Return such a site whose logs tell neither of sessions nor of sign-ins."""
    return peopled(customers, sessions=False, auth=False, **said)


def at_random(count: int, of: int = 20_000) -> list[int]:
    """Return distinct numbers in no order."""
    return [int(number) for number in np.random.default_rng(3).choice(of, count, replace=False)]


def walk(
    site: Site,
    keys: Sequence[object],
    ips: Sequence[str] = (WALKER,),
    agents: Sequence[str] = BROWSERS[2:3],
    every: int = 2 * SECOND,
    **said: Any,
) -> Site:
    """Ask for one record after another, with the next address and the next name each time.

    ``said``: ``at`` (first request), ``route``, ``fresh`` (a new session each time), else as
    ``Site.request``.
    """
    at, fresh = said.pop("at", NIGHT), said.pop("fresh", False)
    route = said.pop("route", site.names.record)
    for step, key in enumerate(keys):
        who = {**said, "agent": agents[step % len(agents)]}
        if fresh:
            who["session"] = f"fresh{step}"
        query = f"SELECT * FROM members WHERE id = '{key}'"
        place = ips[step % len(ips)]
        site.request(at + step * every, "walk", place, route.format(id=key), query=query, **who)
    return site


def office(site: Site, owns: Sequence[int], agents: Sequence[str], days: int = 2) -> Site:
    """Let many people behind one address look at their own record, each day at some hour."""
    for place, own in enumerate(owns):
        for day in range(days):
            at = MIDNIGHT + day * DAY + int(site.chance.integers(8 * HOUR, 18 * HOUR))
            site._customer_visit(at, OFFICE, agents[place % len(agents)], own)
    return site


def newcomers(site: Site, count: int = 150) -> Site:
    """Let each of many people, from an address of its own, look once at the number it was given last."""
    for number in range(count):
        at = MIDNIGHT + DAY + 8 * HOUR + number * 240 * SECOND
        target = f"/orders/{70_000 + number}"
        site.read(at, HONEST, f"10.88.{number}.3", target, agent=BROWSERS[number % len(BROWSERS)])
    return site
