"""Puts hostile visits together into access paths, and paths into intruders, citing what links them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pyarrow as pa

from ashiato.engine.intrusion.groups import Groups
from ashiato.engine.intrusion.ways import ENUMERATION, GUESSING, TAKEOVER, WAYS, Way, way_of
from ashiato.engine.store import Store

_HOUR_US = 3_600_000_000
# The same kind of attack from the same address goes on after a pause of this length; another kind from
# there within a day is more likely the same hand than another's.
_SAME_PATH_US = 6 * _HOUR_US
_SAME_HAND_US = 24 * _HOUR_US
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f(),=;|]")
_PARTS = pa.schema(
    [("visit", pa.string()), ("way", pa.string()), ("path", pa.string()), ("intruder", pa.string())]
)


@dataclass(frozen=True)
class Part:
    """What one hostile visit did in one way: the unit that paths are made of."""

    visit: str
    way: Way
    address: str
    agent: str | None
    account: str | None
    first_us: int
    last_us: int
    is_primary: bool
    from_visit: str | None
    findings: tuple[str, ...]
    rules: tuple[str, ...]
    link: str


@dataclass
class Path:
    """One way in by one intruder."""

    parts: list[Part]
    name: str = ""
    intruder: str = ""
    links: list[str] = field(default_factory=list)

    @property
    def first_us(self) -> int:
        """When the path begins."""
        return min(part.first_us for part in self.parts)

    @property
    def way(self) -> Way:
        """The way in that all its parts share."""
        return self.parts[0].way


def write_paths(store: Store) -> list[Path]:
    """Write ``intrusion_parts`` (hostile visit x way -> path, intruder) and return the paths in order."""
    parts = _read_parts(store)
    tools = {agent for (agent,) in store.rows("SELECT agent FROM intrusion_tools")}
    paths = _paths_of(parts, tools)
    for number, path in enumerate(paths, 1):
        path.name = f"P{number}"
    _name_intruders(paths, tools)
    rows = [(part.visit, part.way.name, path.name, path.intruder) for path in paths for part in path.parts]
    columns = [[row[index] for row in rows] for index in range(len(_PARTS))]
    arrays = [pa.array(column, pa.string()) for column in columns]
    store.write_as("intrusion_parts", pa.table(arrays, schema=_PARTS))
    return paths


def title_of(path: Path, route: str | None) -> str:
    """Return the path's title: the kind of way in, and who or where."""
    first = min(path.parts, key=lambda part: (part.first_us, part.visit))
    actors = sorted({part.account for part in path.parts if part.account})
    nameless = path.way is TAKEOVER and not actors
    title = ("Stolen sign-in used from {address}" if nameless else path.way.title).format(
        address=_several(sorted({part.address for part in path.parts}), first.address),
        actor=_several(actors, actors[0]) if actors else first.address,
        route=route or "the site",
    )
    return _UNSAFE.sub("_", title)[:200]


def why_of(path: Path) -> str:
    """Return the reasons of a path: the findings that show it, then the links to other paths."""
    rules: dict[str, set[str]] = {}
    for part in path.parts:
        for rule, finding in zip(part.rules, part.findings, strict=True):
            rules.setdefault(rule, set()).add(finding)
    shown = [
        f"shown-by(rule={rule},findings={len(ids)},first={min(ids)})" for rule, ids in sorted(rules.items())
    ]
    joined = sorted({f"joined-by(link={part.link})" for part in path.parts if part.link != "finding"})
    return ";".join([*shown, *joined, *path.links])


def _several(values: list[str], first: str) -> str:
    return first if len(values) <= 1 else f"{first} and {len(values) - 1} more"


def _read_parts(store: Store) -> list[Part]:
    evidence: dict[str, list[tuple[str, str, float]]] = {}
    for visit, rule, finding, weight in store.rows(
        "SELECT visit, rule, finding_id, events * certainty FROM intrusion_evidence"
        " WHERE level IN ('medium', 'high', 'critical') ORDER BY visit, rule"
    ):
        evidence.setdefault(visit, []).append((rule, finding, weight))
    rows = store.rows(
        "SELECT visit, COALESCE(address, '?'), agent, account, first_us, last_us, from_visit, rule, link"
        " FROM intrusion_visits ORDER BY first_us, visit"
    )
    ways = {row[0]: _primary_way(evidence.get(row[0], []), row[7], row[8]) for row in rows}
    parts: list[Part] = []
    for visit, address, agent, account, first_us, last_us, from_visit, _, link in rows:
        way = ways[visit]
        if from_visit in ways and not evidence.get(visit) and way is not TAKEOVER:
            way = ways[from_visit]
        part = Part(visit, way, address, agent, account, first_us, last_us, True, from_visit, (), (), link)
        parts.extend(_split(part, evidence.get(visit, [])))
    return parts


def _primary_way(evidence: list[tuple[str, str, float]], rule: str, link: str) -> Way:
    if not evidence:
        return TAKEOVER if link == "account-guessed-before" else way_of(rule)
    weights: dict[Way, float] = {}
    for name, _, weight in evidence:
        weights[way_of(name)] = max(weights.get(way_of(name), 0.0), weight)
    return min(weights, key=lambda way: (-weights[way], WAYS.index(way)))


def _split(part: Part, evidence: list[tuple[str, str, float]]) -> Iterator[Part]:
    """Yield the visit's part, and apart from it the guessing that led into it."""
    guesses = [(rule, finding) for rule, finding, _ in evidence if way_of(rule) is GUESSING]
    others = [(rule, finding) for rule, finding, _ in evidence if way_of(rule) is not GUESSING]
    own = evidence_pairs(guesses if part.way is GUESSING else others)
    yield replace(part, rules=own[0], findings=own[1])
    if guesses and part.way is not GUESSING:
        rules, findings = evidence_pairs(guesses)
        yield replace(part, way=GUESSING, is_primary=False, rules=rules, findings=findings)


def evidence_pairs(pairs: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rules and the findings of pairs, side by side."""
    return tuple(rule for rule, _ in pairs), tuple(finding for _, finding in pairs)


def _paths_of(parts: list[Part], tools: set[str]) -> list[Path]:
    groups: Groups[int] = Groups()
    groups.join_sharing(_shared_keys(parts, tools))
    for one, other in _soon_after(parts, "address", tuple(WAYS)):
        groups.join(one, other)
    for one, other in _soon_after(parts, "agent", (ENUMERATION, TAKEOVER)):
        if groups.join(one, other):
            parts[other] = replace(parts[other], link="same-user-agent-soon-after")
    by_visit = {(part.visit, part.way.name): index for index, part in enumerate(parts)}
    for index, part in enumerate(parts):
        source = by_visit.get((part.from_visit or "", part.way.name))
        if source is not None:
            groups.join(source, index)
    members: dict[int, list[Part]] = {}
    for index, part in enumerate(parts):
        members.setdefault(groups.root_of(index), []).append(part)
    paths = [Path(found) for found in members.values()]
    return sorted(paths, key=lambda path: (path.first_us, WAYS.index(path.way) * -1, path.parts[0].visit))


def _shared_keys(parts: list[Part], tools: set[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    for index, part in enumerate(parts):
        way = part.way.name
        yield (way, "visit", part.visit), index
        for finding in part.findings:
            yield (way, "finding", finding), index
        if part.account and part.way is not GUESSING:
            yield (way, "account", part.account), index
        if part.agent in tools:
            yield (way, "agent", part.agent or ""), index


def _soon_after(parts: list[Part], mark: str, ways: tuple[Way, ...]) -> Iterator[tuple[int, int]]:
    """Yield parts that go on where one before of the same way and the same mark left off.

    By address for every way. By user agent, which many carry, only for ways so rare that two hands at
    once are unlikely: a thief who changes the address goes on with the same program.
    """
    latest: dict[tuple[str, str], int] = {}
    for index, part in sorted(enumerate(parts), key=lambda item: (item[1].first_us, item[1].visit)):
        value = part.address if mark == "address" else part.agent
        if value in (None, "?", "-") or part.way not in ways:
            continue
        key = (value or "", part.way.name)
        before = latest.get(key)
        if before is not None and part.first_us - parts[before].last_us <= _patience(
            mark, parts[before], part
        ):
            yield before, index
        if before is None or part.last_us >= parts[before].last_us:
            latest[key] = index


def _patience(mark: str, one: Part, other: Part) -> int:
    # Where no log names the account, the same program doing the same rare thing within a day must do.
    nameless = mark == "agent" and not (one.account and other.account)
    return _SAME_HAND_US if nameless else _SAME_PATH_US


def _name_intruders(paths: list[Path], tools: set[str]) -> None:
    groups: Groups[int] = Groups()
    for index in range(len(paths)):
        groups.add(index)
    for earlier, later, link in _links_between(paths, tools):
        if groups.join(earlier, later):
            paths[later].links.append(f"linked-to(path={paths[earlier].name},{link})")
    names: dict[int, str] = {}
    for index, path in enumerate(paths):
        path.intruder = names.setdefault(groups.root_of(index), f"I{len(names) + 1}")


def _links_between(paths: list[Path], tools: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield pairs of paths (earlier, later) by one hand, with the evidence: account, address, then tool."""
    for kind in ("account", "visit", "address", "agent"):
        seen: dict[str, list[tuple[int, int, int]]] = {}
        for index, path in enumerate(paths):
            for part in path.parts:
                for value in _marks(part, kind, tools):
                    seen.setdefault(value, []).append((part.first_us, part.last_us, index))
        for value, uses in sorted(seen.items()):
            for before, after in pairwise(sorted(uses)):
                if before[2] != after[2] and (kind != "address" or after[0] - before[1] <= _SAME_HAND_US):
                    pair = sorted((before[2], after[2]))
                    yield pair[0], pair[1], f"by={kind},value={_UNSAFE.sub('_', value)[:120]}"


def _marks(part: Part, kind: str, tools: set[str]) -> Iterable[str]:
    values = {
        "account": part.account,
        "visit": part.visit,
        "address": part.address if part.address != "?" else None,
        "agent": part.agent if part.agent in tools else None,
    }
    value = values[kind]
    return () if value is None else (value,)
