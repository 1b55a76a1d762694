"""Check what a file of rules means: that its words point to something, and that its clocks can run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.law.calendars import has_calendar
from ashiato.law.vocabulary import FactKind, load_vocabulary
from ashiato.written.parsing import Written
from ashiato.written.problems import Problem, Spot, meant, shown

Fields = Mapping[str, Any]


def check_meaning(written: Written) -> list[Problem]:
    """Return what is wrong beyond the structure, in the order of the file."""
    top: Fields = written.value or {}
    found = [*_check_top(written, top), *_check_days(written, (), top)]
    for number, rule in enumerate(top.get("rules", ())):
        found += _check_rule(written, ("rules", number), rule, top)
    return found


def _check_top(written: Written, top: Fields) -> Iterator[Problem]:
    if not written.value:
        yield written.problem((), "the file is empty.", "write the rules of one place.")
        return
    try:
        ZoneInfo(top["zone"])
    except (KeyError, ValueError, OSError):
        yield written.problem(
            ("zone",), f"no time zone is called `{shown(top['zone'])}`.", "write one like Asia/Tokyo."
        )
    if "calendar" in top and not has_calendar(top["calendar"]):
        what = f"no holidays are known of `{shown(top['calendar'])}`."
        yield written.problem(("calendar",), what, "write a country's two letters.")
    ids = Counter(rule["id"] for rule in top["rules"])
    for number, rule in enumerate(top["rules"]):
        if ids[rule["id"]] > 1:
            yield written.problem(
                ("rules", number, "id"), f"`{rule['id']}` names two rules.", "give each its own."
            )


def _check_days(written: Written, spot: Spot, value: object) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _check_days(written, (*spot, key), inside)
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _check_days(written, (*spot, number), inside)
    elif spot and spot[-1] in ("from", "until", "checked_on") and not _is_day(value):
        yield written.problem(spot, f"`{shown(str(value))}` is no day.", "write it like 2026-11-21.")


def _is_day(value: object) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _check_rule(written: Written, spot: Spot, rule: Fields, top: Fields) -> Iterator[Problem]:
    yield from _check_pointers(written, spot, rule, top)
    yield from _check_clock(written, (*spot, "clock"), rule.get("clock"), top)
    if rule.get("enabled", True) == ("disabled" in rule):
        what = "a rule is relied on, or says why not."
        yield written.problem(
            spot, what, "write `enabled: false` together with `disabled: {ja: .., en: ..}`."
        )
    if rule.get("enabled", True) and rule["source"]["grade"] == "unverified":
        yield written.problem(
            (*spot, "source"), "an unverified rule is relied on.", "write `enabled: false`."
        )
    if "done" in rule:
        yield from _check_moment(written, (*spot, "done"), rule["done"])


def _check_pointers(written: Written, spot: Spot, rule: Fields, top: Fields) -> Iterator[Problem]:
    asked: list[tuple[Spot, str, str]] = [((*spot, "source", "key"), rule["source"]["key"], "sources")]
    for number, recipient in enumerate(rule.get("recipients", ())):
        asked.append(((*spot, "recipients", number, "to"), recipient["to"], "recipients"))
    for number, exemption in enumerate(rule.get("exemptions", ())):
        asked.append(((*spot, "exemptions", number, "source", "key"), exemption["source"]["key"], "sources"))
    if "content" in rule:
        asked.append(((*spot, "content", "list"), rule["content"]["list"], "contents"))
    for place, name, among in asked:
        known = top.get(among, {})
        if name not in known:
            yield written.problem(place, f"`{shown(name)}` is not in `{among}`.", meant(name, known))


def _check_clock(written: Written, spot: Spot, clock: Fields | None, top: Fields) -> Iterator[Problem]:
    if clock is None:
        return
    if clock["start"] != "knowing":
        yield from _check_moment(written, (*spot, "start"), clock["start"])
    if (clock["unit"] == "promptly") == ("length" in clock):
        yield written.problem(
            spot, "the clock's length does not fit its unit.", "write `length`, but for promptly."
        )
    if (clock["unit"] == "guide") != ("least" in clock):
        yield written.problem(spot, "a guide value has two ends.", "write `least` and `length`.")
    if clock.get("roll_over") == "next working day" and "calendar" not in top:
        yield written.problem(
            spot, "the last day rolls over, and there is no calendar.", "name its `calendar`."
        )


def _check_moment(written: Written, spot: Spot, name: str) -> Iterator[Problem]:
    fact = load_vocabulary().find(name)
    if fact is None or fact.kind is not FactKind.MOMENT:
        known = [fact.name for fact in load_vocabulary().facts.values() if fact.kind is FactKind.MOMENT]
        yield written.problem(spot, f"`{shown(name)}` is no moment.", meant(name, known))
