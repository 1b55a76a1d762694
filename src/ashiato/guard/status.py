"""What the guard is at, told from its state alone: it may be running, stopped or dead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ashiato.guard.counters import WINDOWS, Counter, load_counter
from ashiato.guard.learning import Learned
from ashiato.guard.settings import SPAN_S, Budget, Settings, Spender, Window
from ashiato.guard.spending import Account, Spending, account_named
from ashiato.guard.state import State

_MOST_COUNTERS = 20_000
_MOST_SHOWN = 20
_MOST_ALARMS = 50
#: A guard at work keeps its state at least this often.
ALIVE_US = 10_000_000


def status_of(state: State, now_us: int) -> dict[str, Any]:
    """Return sources, lag and alarms: per log how far behind it is, in seconds, bytes and about lines."""
    told = state.told()
    kept_us = told.get("guard", {}).get("kept_us")
    return {
        "running": kept_us is not None and now_us - kept_us < ALIVE_US,
        "kept_us": kept_us,
        "logs": [_log(path, said, now_us) for path, said in sorted(told.get("logs", {}).items())],
        "unmapped": told.get("unmapped", {"replies": 0, "bytes": 0}),
        "alarms": state.count_alarms(),
        "newest_alarms": [asdict(alarm) for alarm in state.alarms(_MOST_ALARMS)],
    }


def _log(path: str, said: dict[str, Any], now_us: int) -> dict[str, Any]:
    waiting = said["waiting_bytes"]
    lag_s = max(0, now_us - said["last_us"]) / 1_000_000 if waiting and said["last_us"] else 0.0
    return {"log": path, "lag_s": round(lag_s, 1)} | said


def budgets_of(settings: Settings, state: State, now_us: int) -> dict[str, Any]:
    """Return every role's budgets, declared and learned, and who spent most of theirs."""
    learned = Learned(state.peaks())
    spending = Spending(settings, learned)
    roles = sorted(
        {route.role or "" for route in settings.datamap.routes} | {key[0] for key in settings.budgets}
    )
    rows = [
        _budget(settings, learned, role, spender, window)
        for role in roles
        for spender in Spender
        for window in WINDOWS
        if settings.budget_of(role, spender, window)
    ]
    return {"budgets": rows, "nearest": _nearest(spending, state, now_us)}


def _budget(
    settings: Settings, learned: Learned, role: str, spender: Spender, window: Window
) -> dict[str, Any]:
    budget = settings.budget_of(role, spender, window) or Budget(0, 0)
    usual = learned.limit_of(role, spender, window)
    return {
        "role": role,
        "routes": sorted({route.path for route in settings.datamap.routes if (route.role or "") == role}),
        "spender": spender.value,
        "window": window.value,
        "floor": budget.floor,
        "ceiling": budget.ceiling,
        "learned": usual or None,
        "limit": max(budget.floor, min(budget.ceiling, usual)),
    }


def _nearest(spending: Spending, state: State, now_us: int) -> list[dict[str, Any]]:
    """The accounts that spent the greatest share of a budget, the greatest first."""
    rows = []
    for name, content in state.newest_counters(_MOST_COUNTERS):
        account = account_named(name)
        if spending.limit_of(account, Window.DAY) is None:
            continue
        counter = load_counter(content, (1 << 30,) * len(WINDOWS))
        rows.append(_spent(account, counter, spending, now_us))
    return sorted(rows, key=lambda row: (-row["share"], row["value"]))[:_MOST_SHOWN]


def _spent(account: Account, counter: Counter, spending: Spending, now_us: int) -> dict[str, Any]:
    spent = {
        window: sum(entry.cost for _, entry in counter.seen.entries(number, now_us))
        for number, window in enumerate(WINDOWS)
    }
    limits = {each: limit for each in WINDOWS if (limit := spending.limit_of(account, each))}
    window = max(limits, key=lambda each: spent[each] / limits[each])
    return {
        "role": account.role,
        "spender": account.spender.value,
        "kind": account.actor.kind.value,
        "value": account.actor.value,
        "window": window.value,
        "window_s": SPAN_S[window],
        "spent": spent[window],
        "limit": limits[window],
        "share": round(spent[window] / limits[window], 3),
        "last_us": counter.last_us,
    }
