"""Who may see how many people: each look is spent from the budgets of whoever asked, and over them tells.

A look is spent by an *individual* (the account, else the session, else the address) and by the address. What
an individual sees beyond a small allowance of its own is spent by its network and by everyone together too,
so that an attack spread over many addresses and sessions adds up, and many who see only themselves do not.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import orjson

from ashiato.guard.counters import WINDOWS, Counter, Entry
from ashiato.guard.learning import Learned
from ashiato.guard.settings import SPAN_S, Attempt, Settings, Spender, Window
from ashiato.guard.sights import Look
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode

#: The share of an individual's budget that no group counts.
_ALLOWANCE = 5
#: An office's address stands for many people at work.
_OFFICE_TIMES = 10
_REASON_US = 30 * 60 * 1_000_000
#: What a look of staff costs where routes of business reasons are told and none was taken before it.
_NO_REASON_COSTS = 2
#: So many of a group are named, those who saw most.
_MOST_ACTORS = 500
_GROUPS = (Spender.NETWORK, Spender.EVERYONE)
_HOUR = WINDOWS.index(Window.HOUR)
#: How many people may be seen in each window, None where there is no budget.
Limits = tuple[int | None, ...]
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")


class Asker(NamedTuple):
    """Who asked, as far as a line tells; what it does not tell is empty."""

    system: str
    account: str
    session: str
    address: str

    @property
    def individual(self) -> Actor:
        """The narrowest thing that is surely one asker's."""
        if self.account:
            return Actor(self.system, ActorKind.ACCOUNT, self.account)
        if self.session:
            return Actor(self.system, ActorKind.SESSION, self.session)
        return Actor(self.system, ActorKind.ADDRESS, self.address)

    def actors(self) -> tuple[Actor, ...]:
        """Everything that the asker is known by, on which a control may be laid."""
        place = ActorKind.NETWORK if "/" in self.address else ActorKind.ADDRESS
        said = (
            (ActorKind.ACCOUNT, self.account),
            (ActorKind.SESSION, self.session),
            (place, self.address),
        )
        return tuple(Actor(self.system, kind, value) for kind, value in said if value)


class Asked(NamedTuple):
    """Who asked, when (of the event, and of our knowing of it), told by which line (``file:line``)."""

    asker: Asker
    time_us: int
    decided_us: int
    line: str


class Account(NamedTuple):
    """Whose budget for which role's routes, and the name under which its counter is kept."""

    role: str
    spender: Spender
    actor: Actor
    name: str


def account_of(role: str, spender: Spender, actor: Actor) -> Account:
    """Return somebody's account for a role's routes."""
    name = _joined(role, spender.value, actor.system, actor.kind.value, actor.value)
    return Account(role, spender, actor, name)


def _joined(*parts: str) -> str:
    """Return parts as one text that tells them apart, whatever stands in them."""
    return orjson.dumps(parts).decode()


def account_named(name: str) -> Account:
    """Return the account of a counter's name."""
    role, spender, system, kind, value = orjson.loads(name)
    return Account(role, Spender(spender), Actor(system, ActorKind(kind), value), name)


@lru_cache(maxsize=65_536)
def _account_of_group(role: str, spender: Spender, system: str, network: str) -> Account:
    """Return the account of a network, or, without one, of everyone."""
    return account_of(role, spender, Actor(system, ActorKind.NETWORK, network))


def network_of(address: str) -> str:
    """Return the /24 or /48 that an address is part of, empty for what is no address."""
    if _IPV4.fullmatch(address):
        return f"{address.rpartition('.')[0]}.0/24"
    found = _parsed(address)
    if found is None:
        return ""
    if found.version == 4:
        return f"{str(found).rpartition('.')[0]}.0/24"
    return str(ipaddress.ip_network((found, 48), strict=False))


def plain_address(address: str) -> str:
    """Return an address as one asker's: an IPv6 one by its /64, which one connection has as a whole."""
    if ":" not in address:
        return address
    found = _parsed(address)
    if found is None or found.version == 4:
        return str(found or address)
    return str(ipaddress.ip_network((found, 64), strict=False))


@lru_cache(maxsize=65_536)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, or the first of a network; an IPv4 one that is written as IPv6 as what it is."""
    try:
        found = ipaddress.ip_address(address.partition("/")[0].partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


class Spending:
    """Holds looks against budgets; the counters are the caller's."""

    def __init__(self, settings: Settings, learned: Learned) -> None:
        """``learned``: what was usual on other days."""
        self._settings = settings
        self._learned = learned
        self._limits: dict[tuple[str, Spender, bool], Limits] = {}
        accounts = settings.datamap.accounts
        self._offices = _Networks(accounts.offices)
        self._machines = _Networks(accounts.machines)

    def learn(self, learned: Learned) -> None:
        """Go by what was usual as of now."""
        self._learned = learned
        self._limits.clear()

    def is_machine(self, asker: Asker) -> bool:
        """Tell whether the data map says that this address is an honest program's."""
        return self._machines.hold(asker.address)

    def accounts_of(self, asker: Asker, role: str) -> list[Account]:
        """Return whose budgets a look is spent from: the individual's first, then its groups'."""
        individual, address = asker.individual, asker.address
        kind = Spender.ADDRESS if individual.kind is ActorKind.ADDRESS else Spender.SESSION
        found = [account_of(role, kind, individual)]
        is_counted = bool(address) and not self._offices.hold(address)
        if is_counted and kind is Spender.SESSION:
            actor = Actor(asker.system, ActorKind.ADDRESS, address)
            found.append(account_of(role, Spender.ADDRESS, actor))
        if is_counted and (network := network_of(address)):
            found.append(_account_of_group(role, Spender.NETWORK, asker.system, network))
        found.append(_account_of_group(role, Spender.EVERYONE, asker.system, ""))
        return found

    def account_of_tries(self, asker: Asker, role: str) -> Account:
        """Return whose budget a try is spent from: the address's alone, whatever the asker claims to be."""
        return account_of(role, Spender.ADDRESS, asker._replace(account="", session="").individual)

    def spend(
        self, look: Look, asked: Asked, accounts: list[tuple[Account, Counter]]
    ) -> Iterator[tuple[Account, Alarm | None]]:
        """Spend a look from its accounts; yield those that counted it, with an alarm where one is broken."""
        asker, time_us = asked.asker, asked.time_us
        own = accounts[0][1]
        is_beyond = self._is_beyond(look.role, own)
        extra = self._costs_without_reason(look.role, own, time_us)
        costs = [sight.weight * own.price(sight, time_us) * extra for sight in look.sights]
        member = _joined(asker.account, asker.session, asker.address)
        for account, counter in accounts:
            if account.spender in _GROUPS and not is_beyond:
                continue
            for sight, cost in zip(look.sights, costs, strict=True):
                counter.add(sight, time_us, cost, member)
            counter.note_line(asked.line)
            counter.note_peaks()
            yield account, self._find_alarm(account, counter, asked)

    def _is_beyond(self, role: str, own: Counter) -> bool:
        """Tell whether groups count what the individual sees now: beyond its allowance, and not told yet."""
        return own.seen.spent[_HOUR] >= self._allowance(role) and not own.told

    def _allowance(self, role: str) -> int:
        budget = self._settings.budget_of(role, Spender.SESSION, Window.HOUR)
        return budget.floor // _ALLOWANCE if budget else 0

    def _least(self, account: Account) -> int:
        """Return what one of a group saw who is named: more than an allowance, which other groups leave out.

        Behind one address there may be a whole town, each of whom sees themselves.
        """
        return self._allowance(account.role) + 1 if account.spender is Spender.ADDRESS else 1

    def _costs_without_reason(self, role: str, own: Counter, time_us: int) -> int:
        if not self._settings.business_reasons or role not in self._settings.staff_roles:
            return 1
        return 1 if 0 <= time_us - own.reason_us <= _REASON_US else _NO_REASON_COSTS

    def limit_of(self, account: Account, window: Window) -> int | None:
        """Return how many people an account may see within a window: the floor, or more as was learned."""
        return self._limits_of(account)[WINDOWS.index(window)]

    def _limits_of(self, account: Account) -> Limits:
        key = account.role, account.spender, self._is_office(account)
        limits = self._limits.get(key)
        if limits is None:
            limits = self._limits[key] = tuple(self._limit(account, window) for window in WINDOWS)
        return limits

    def _limit(self, account: Account, window: Window) -> int | None:
        budget = self._settings.budget_of(account.role, account.spender, window)
        if budget is None:
            return None
        learned = self._learned.limit_of(account.role, account.spender, window)
        limit = max(budget.floor, min(budget.ceiling, learned))
        return limit * _OFFICE_TIMES if self._is_office(account) else limit

    def _is_office(self, account: Account) -> bool:
        return account.actor.kind is ActorKind.ADDRESS and self._offices.hold(account.actor.value)

    def _find_alarm(self, account: Account, counter: Counter, asked: Asked) -> Alarm | None:
        """Return an alarm when a budget is broken, and again each time that what was told has doubled."""
        limits, spent = self._limits_of(account), counter.seen.spent
        if counter.told and all(spent[n] * 2 <= limit for n, limit in enumerate(limits) if limit is not None):
            counter.told = 0
        for number, limit in enumerate(limits):
            if limit is None or spent[number] <= limit or spent[number] <= 2 * counter.told:
                continue
            entries = [entry for _, entry in counter.seen.entries(number, asked.time_us)]
            if account.actor == asked.asker.individual or _is_by_many(entries):
                counter.told, counter.told_today = spent[number], True
                alarm = _alarm(account, WINDOWS[number], asked, entries, self._least(account))
                expected = None if alarm.code is AlarmCode.FINDING else limit
                return replace(alarm, people_expected=expected, lines=tuple(counter.lines))
        return None


def _is_by_many(entries: Iterable[Entry]) -> bool:
    """Tell whether a group's budget was broken by more than one of it; one alone breaks its own."""
    members = {entry.member for entry in entries}
    return len({asker_of("", member).individual for member in members}) > 1


def asker_of(system: str, member: str) -> Asker:
    """Return who a member of a group is, by the name that its entries have."""
    return Asker(system, *orjson.loads(member))


def _alarm(account: Account, window: Window, asked: Asked, entries: list[Entry], least: int) -> Alarm:
    is_try = account.role in set(Attempt)
    about = account.role if is_try else f"people-budget/{account.role or 'anyone'}"
    rule = f"{about}/{account.spender}/{window}"
    return Alarm(
        key=key_of(rule, account.name, asked.line, str(asked.time_us)),
        code=AlarmCode.FINDING if is_try else AlarmCode.PEOPLE_BUDGET,
        rule=rule,
        first_us=min((entry.time_us for entry in entries), default=asked.time_us),
        last_us=asked.time_us,
        decided_us=asked.decided_us,
        actors=_actors_of(account, asked.asker, entries, least),
        people=sum(entry.least for entry in entries),
        people_expected=None,
        window_s=SPAN_S[window],
        lines=(asked.line,),
    )


def key_of(*parts: str) -> str:
    """Return an alarm's key: the same for the same lines."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _actors_of(account: Account, asker: Asker, entries: Iterable[Entry], least: int) -> tuple[Actor, ...]:
    """Who is behind a broken budget: the asker; of a group itself, and those who saw most and ``least``."""
    if account.actor == asker.individual:
        return asker.actors()
    seen = Tally[str]()
    for entry in entries:
        seen[entry.member] += entry.cost
    most = [name for name, cost in seen.most_common(_MOST_ACTORS) if cost >= least]
    members = [asker_of(account.actor.system, name) for name in most]
    group = (account.actor,) if account.actor.value else ()
    return tuple(dict.fromkeys((*group, *(actor for member in members for actor in member.actors()))))


def _holds_nobody(_address: str) -> bool:
    return False


class _Networks:
    """Addresses and networks of the data map; what is neither is passed over."""

    def __init__(self, written: Iterable[str]) -> None:
        self._networks = [network for text in written if (network := _network(text)) is not None]
        self.hold = lru_cache(maxsize=65_536)(self._hold) if self._networks else _holds_nobody

    def _hold(self, address: str) -> bool:
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
