"""Who may see how many people: each look is spent from the budgets of whoever asked, and over them tells.

A look is spent by an *individual* (the account, else the session, else the address) and by the address. What
an individual sees beyond a small allowance of its own is spent by its network and by everyone together too,
so that an attack spread over many addresses and sessions adds up, and many who see only themselves do not.
"""

from __future__ import annotations

import ipaddress
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import orjson

from ashiato.guard.counters import WINDOWS, Counter, Entry
from ashiato.guard.learning import Learned
from ashiato.guard.settings import SPAN_S, Settings, Spender, Window
from ashiato.guard.sights import Look
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode

#: The share of an individual's budget that no group counts.
_ALLOWANCE = 5
#: An office's address stands for many people at work.
_OFFICE_TIMES = 10
_REASON_US = 30 * 60 * 1_000_000
#: What a look of staff costs where routes of business reasons are told and none was taken before it.
_NO_REASON_COSTS = 2
_MOST_ACTORS = 20


@dataclass(frozen=True, slots=True)
class Asker:
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, when (of the event, and of our knowing of it), told by which line (``file:line``)."""

    asker: Asker
    time_us: int
    decided_us: int
    line: str


@dataclass(frozen=True, slots=True)
class Account:
    """Whose budget for which role's routes: the name under which its counter is kept."""

    role: str
    spender: Spender
    actor: Actor

    @property
    def name(self) -> str:
        """The counter's name."""
        actor = self.actor
        return _joined(self.role, self.spender, actor.system, actor.kind, actor.value)


def _joined(*parts: str) -> str:
    """Return parts as one text that tells them apart, whatever stands in them."""
    return orjson.dumps(parts).decode()


def account_named(name: str) -> Account:
    """Return the account of a counter's name."""
    role, spender, system, kind, value = orjson.loads(name)
    return Account(role, Spender(spender), Actor(system, ActorKind(kind), value))


def network_of(address: str) -> str:
    """Return the /24 or /48 that an address is part of, empty for what is no address."""
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
        accounts = settings.datamap.accounts
        self._offices = _Networks(accounts.offices)
        self._machines = _Networks(accounts.machines)

    def learn(self, learned: Learned) -> None:
        """Go by what was usual as of now."""
        self._learned = learned

    def is_machine(self, asker: Asker) -> bool:
        """Tell whether the data map says that this address is an honest program's."""
        return self._machines.hold(asker.address)

    def accounts_of(self, asker: Asker, role: str) -> list[Account]:
        """Return whose budgets a look is spent from: the individual's first, then its groups'."""
        individual = asker.individual
        kind = Spender.ADDRESS if individual.kind is ActorKind.ADDRESS else Spender.SESSION
        found = [Account(role, kind, individual)]
        network = network_of(asker.address)
        if asker.address and kind is Spender.SESSION and not self._offices.hold(asker.address):
            found.append(
                Account(role, Spender.ADDRESS, Actor(asker.system, ActorKind.ADDRESS, asker.address))
            )
        if network and not self._offices.hold(asker.address):
            found.append(Account(role, Spender.NETWORK, Actor(asker.system, ActorKind.NETWORK, network)))
        return [*found, Account(role, Spender.EVERYONE, Actor(asker.system, ActorKind.NETWORK, ""))]

    def spend(self, look: Look, asked: Asked, counters: dict[Account, Counter]) -> Iterator[Alarm]:
        """Spend a look from the counters of its accounts; yield an alarm for each budget that it breaks."""
        asker, time_us = asked.asker, asked.time_us
        own = next(iter(counters.values()))
        is_beyond = self._is_beyond(look.role, own)
        extra = self._costs_without_reason(look.role, own, time_us)
        costs = [sight.weight * own.price(sight, time_us) * extra for sight in look.sights]
        member = _joined(asker.account, asker.session, asker.address)
        for account, counter in counters.items():
            if account.spender in (Spender.NETWORK, Spender.EVERYONE) and not is_beyond:
                continue
            for sight, cost in zip(look.sights, costs, strict=True):
                counter.add(sight, time_us, cost, member)
            counter.note_line(asked.line)
            counter.note_peaks()
            yield from self._tell(account, counter, asked)

    def _is_beyond(self, role: str, own: Counter) -> bool:
        """Tell whether groups count what the individual sees now: beyond its allowance, and not told yet."""
        budget = self._settings.budget_of(role, Spender.SESSION, Window.HOUR)
        allowance = budget.floor // _ALLOWANCE if budget else 0
        return own.seen[Window.HOUR].cost >= allowance and not own.told

    def _costs_without_reason(self, role: str, own: Counter, time_us: int) -> int:
        if not self._settings.business_reasons or role not in self._settings.staff_roles:
            return 1
        return 1 if 0 <= time_us - own.reason_us <= _REASON_US else _NO_REASON_COSTS

    def limit_of(self, account: Account, window: Window) -> int | None:
        """Return how many people an account may see within a window: the floor, or more as was learned."""
        budget = self._settings.budget_of(account.role, account.spender, window)
        if budget is None:
            return None
        learned = self._learned.limit_of(account.role, account.spender, window)
        limit = max(budget.floor, min(budget.ceiling, learned))
        is_office = account.actor.kind is ActorKind.ADDRESS and self._offices.hold(account.actor.value)
        return limit * _OFFICE_TIMES if is_office else limit

    def _tell(self, account: Account, counter: Counter, asked: Asked) -> Iterator[Alarm]:
        """Yield an alarm when a budget is broken, and again each time that what was told has doubled."""
        limits = {each: limit for each in WINDOWS if (limit := self.limit_of(account, each)) is not None}
        spent = {window: counter.seen[window].cost for window in limits}
        if all(spent[window] * 2 <= limit for window, limit in limits.items()):
            counter.told = 0
        for window, limit in limits.items():
            if spent[window] <= max(limit, 2 * counter.told):
                continue
            entries = [entry for _, entry in counter.seen[window].entries(asked.time_us)]
            if account.actor == asked.asker.individual or _is_by_many(entries):
                counter.told, counter.told_today = spent[window], True
                rule = f"people-budget/{account.role or 'anyone'}/{account.spender}/{window}"
                alarm = _alarm(rule, account, asked, entries)
                yield replace(
                    alarm, people_expected=limit, window_s=SPAN_S[window], lines=tuple(counter.lines)
                )
                return


def _is_by_many(entries: Iterable[Entry]) -> bool:
    """Tell whether a group's budget was broken by more than one of it; one alone breaks its own."""
    members = {entry.member for entry in entries}
    return len({_asker("", member).individual for member in members}) > 1


def _asker(system: str, member: str) -> Asker:
    return Asker(system, *orjson.loads(member))


def _alarm(rule: str, account: Account, asked: Asked, entries: list[Entry]) -> Alarm:
    return Alarm(
        key=key_of(rule, account.name, asked.line, str(asked.time_us)),
        code=AlarmCode.PEOPLE_BUDGET,
        rule=rule,
        first_us=min((entry.time_us for entry in entries), default=asked.time_us),
        last_us=asked.time_us,
        decided_us=asked.decided_us,
        actors=_actors_of(account, asked.asker, entries),
        people=sum(entry.least for entry in entries),
        people_expected=None,
        window_s=0,
        lines=(asked.line,),
    )


def key_of(*parts: str) -> str:
    """Return an alarm's key: the same for the same lines."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _actors_of(account: Account, asker: Asker, entries: Iterable[Entry]) -> tuple[Actor, ...]:
    """Who is behind a broken budget: the asker; of a group those who saw most, and the network itself."""
    if account.actor == asker.individual:
        return asker.actors()
    seen = Tally[str]()
    for entry in entries:
        seen[entry.member] += entry.cost
    members = [_asker(account.actor.system, name) for name, _ in seen.most_common(_MOST_ACTORS)]
    group = (account.actor,) if account.actor.value else ()
    return tuple(dict.fromkeys((*group, *(actor for member in members for actor in member.actors()))))


class _Networks:
    """Addresses and networks of the data map; what is neither is passed over."""

    def __init__(self, written: Iterable[str]) -> None:
        self._networks = [network for text in written if (network := _network(text)) is not None]
        self.hold = lru_cache(maxsize=65_536)(self._hold)

    def _hold(self, address: str) -> bool:
        found = _parsed(address) if self._networks else None
        return found is not None and any(found in network for network in self._networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
