"""Records that leave before the guard stops each intruder of the exercise range, and fail2ban beside it.

``python -m benchmarks.guarding FOLDER [ATTACK...]``: FOLDER of a range that is up (``python -m range start
FOLDER --people 5100000 --only insurer``), all attacks unless some are named. Each attack is let loose twice,
with honest traffic beside it: once beside fail2ban, which keeps nobody out but writes down whom it would ban,
and whose bans count as if they took no time; once beside the guard. Needs root, for nginx and fail2ban.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.banning import Bans, banning, is_here
from benchmarks.guarded_site import Guarded, guarded, let_go, open_nginx, stopped_values
from range.place import Place, find_place
from range.truth import FOLDER, people_by_time, read

#: Each attack by its words, with the most records that may leave.
ATTACKS = {
    "enumeration, 50/s, 2 addresses and sessions": ("enumeration", {}, 300),
    "enumeration, 50/s, 50 addresses and sessions": (
        "enumeration", {"addresses": 50, "sessions": 50}, 300,
    ),
    "enumeration, 5/s, 2 addresses and sessions": (
        "slow-enumeration", {"addresses": 2, "sessions": 2}, 1000,
    ),
    "enumeration, 5/s, 50 addresses and sessions": ("slow-enumeration", {}, 1000),
    "staff account, pages by hand": ("staff-hand", {}, 1000),
    "staff account, pages by script": ("staff-script", {}, 300),
    "batch API, 500 a reply": ("batch", {}, 500),
    "sqlmap, UNION": ("sqlmap-union", {}, 300),
    "sqlmap, blind": ("sqlmap-blind", {}, 300),
    "CSV export": ("export", {}, None),
    "left-over backup": ("left-over", {}, None),
    "credential stuffing, 60 hits": ("stuffing", {}, 300),
}  # fmt: skip
#: An intruder who got nobody's record for so long after somebody was stopped is over.
_QUIET_S = 12
_REFUSED = frozenset({0, 401, 403, 429, 503})
_MOST_S = 420


class Row(NamedTuple):
    """What came of one attack beside the guard; seconds are from the first record, or the first request."""

    records: int
    replies: int
    alert_s: float | None
    late_s: float | None
    stopped_s: float | None
    tried_s: float | None
    honest: int


def main(folder: Path, names: list[str], *, beside: bool) -> None:
    """Let each attack loose, and print a line of the table for it."""
    place = find_place(folder.resolve(), "insurer")
    trial, work = open_nginx(place), folder.resolve() / "guarding"
    print(f"{place.people:,} people; goals: records that may leave")
    print(
        "| attack | goal | guard: records (replies with any) | first record to alert | line to alert"
        " | to the last record | to a refused try | honest stopped"
        " | fail2ban: records | bans |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for title in names or ATTACKS:
        other = _beside_fail2ban(place, title, work / "fail2ban") if beside and is_here() else ("-", "-")
        let_go(place)
        row = _beside_guard(place, title, work / "guard", trial)
        let_go(place)
        print(_line(title, row, other), flush=True)


def _line(title: str, row: Row, other: tuple[str, str]) -> str:
    goal = ATTACKS[title][2]
    told = [
        title,
        f"{goal:,}" if goal else "one file",
        f"{row.records:,} ({row.replies})",
        *(
            f"{each:.1f} s" if each is not None else "-"
            for each in (row.alert_s, row.late_s, row.stopped_s, row.tried_s)
        ),
        str(row.honest),
        *other,
    ]
    return f"| {' | '.join(told)} |"


def _beside_fail2ban(place: Place, title: str, work: Path) -> tuple[str, str]:
    """The whole attack, and those of its records that came before the address they went to was banned."""
    let_go(place)
    logs = Path(place.state["sites"][place.site.name]["logs"]["combined"]).parent
    with _honest(place), banning(logs, work) as bans:
        attack = _let_loose(place, title)
        attack.wait()
        time.sleep(3)
        truth = _newest_truth(place, title)
        return f"{len(_before_bans(truth, bans)):,}", str(len(bans.read()))


def _before_bans(truth: Path, bans: Bans) -> set[int]:
    banned, people = bans.read(), set[int]()
    for line in read(truth):
        at = datetime.fromisoformat(line["at"])
        if line.get("address") not in banned or at <= banned[line["address"]]:
            people.update(line.get("people", ()))
    return people


def _beside_guard(place: Place, title: str, work: Path, trial: int) -> Row:
    with _honest(place) as honest, guarded(place, work, trial) as guard:
        attack = _let_loose(place, title)
        _await_end(place, title, attack, guard)
        time.sleep(2)
        plans = guard.plans()
        honest_truth = honest
    _say_more(work, guard, plans)
    return _row(_newest_truth(place, title), guard, plans, _askers(honest_truth()))


def _say_more(work: Path, guard: Guarded, plans: list[dict[str, Any]]) -> None:
    told = [f"{at.isoformat()} {line}" for at, line in guard.told]
    (work / "told.txt").write_text("\n".join([*told, *map(str, plans)]) + "\n", "utf-8")


def _row(truth: Path, guard: Guarded, plans: list[dict[str, Any]], honest: set[str]) -> Row:
    first = people_by_time(truth)
    lines = [line for line in read(truth) if line["event"] == "reply"]
    begun = first[0][0] if first else datetime.fromisoformat(lines[0]["at"])
    alarms = [at for at, line in guard.told if ": " in line and at >= begun]
    last = max((at for at, _ in first), default=None)
    refused = [datetime.fromisoformat(line["at"]) for line in lines if line["status"] in _REFUSED]
    after = [at for at in refused if last and at > last]
    is_stopped = bool(alarms and after and stopped_values(plans))
    # Who is refused from the first, as with wrong passwords, is not shown to be stopped by that.
    is_telling = is_stopped and not any(at < alarms[0] for at in refused)
    tried = after[:1] if is_telling else _proven(plans)[-1:]
    late = [_lateness(at, line) for at, line in guard.told if at in alarms]
    return Row(
        len(first),
        sum(bool(line["people"]) for line in lines),
        (alarms[0] - begun).total_seconds() if alarms else None,
        max(late, default=None),
        (last - begun).total_seconds() if is_stopped and last else None,
        min(((at - begun).total_seconds() for at in tried), default=None),
        len(honest & stopped_values(plans)),
    )


def _proven(plans: list[dict[str, Any]]) -> list[datetime]:
    """Return when the guard itself tried whoever was stopped, and they were; of one who came no more."""
    applied = {plan["applied_at"] for plan in plans if plan["is_blocked"] and plan["applied_at"]}
    return [datetime.fromisoformat(at).replace(tzinfo=UTC) for at in sorted(applied)]


def _lateness(heard: datetime, line: str) -> float:
    """Seconds from the time of the line that broke the budget to the alarm heard."""
    at = next(word for word in line.split(": ") if word[:2] == "20" and "T" in word)
    return (heard - datetime.fromisoformat(at)).total_seconds()


def _askers(truth: Path) -> set[str]:
    """Return the sessions and addresses of the honest."""
    return {
        name
        for line in read(truth)
        if line["event"] == "reply"
        for name in (line["session"], line["address"])
        if name
    }


@contextmanager
def _honest(place: Place) -> Iterator[Any]:
    """Honest traffic as long as the block lasts; gives the way to its truth."""
    command = [sys.executable, "-m", "range", "honest", place.folder, "--seconds", "7200"]
    words = ["--visits", "120", "--staff", "5", "--since", "2026-11-20T14:00"]
    with subprocess.Popen([*map(str, command), *words], stdout=subprocess.DEVNULL) as playing:
        time.sleep(5)
        yield lambda: _newest(place, "honest")
        playing.send_signal(signal.SIGKILL)


def _let_loose(place: Place, title: str) -> subprocess.Popen[bytes]:
    name, options, _ = ATTACKS[title]
    words = [f"--{key}={value}" for key, value in options.items()]
    command = [sys.executable, "-m", "range", "intrude", str(place.folder), name, *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _await_end(place: Place, title: str, attack: subprocess.Popen[bytes], guard: Guarded) -> None:
    """Wait for the end of an attack, or until it gets nothing any more."""
    until = time.monotonic() + _MOST_S
    with suppress(subprocess.TimeoutExpired):
        attack.wait(_QUIET_S)
    while attack.poll() is None and time.monotonic() < until:
        time.sleep(1)
        people = people_by_time(_newest_truth(place, title))
        last = people[-1][0].timestamp() if people else 0.0
        if stopped_values(guard.plans()) and time.time() - last > _QUIET_S:
            break
    attack.terminate()
    attack.wait()


def _newest_truth(place: Place, title: str) -> Path:
    return _newest(place, ATTACKS[title][0])


def _newest(place: Place, name: str) -> Path:
    found = (place.folder / FOLDER).glob(f"{name}-2*.jsonl")
    return max(found, key=lambda path: path.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"one of: {'; '.join(ATTACKS)}")
    parser.add_argument("--without-fail2ban", action="store_true")
    said = parser.parse_args()
    main(said.folder, said.attacks, beside=not said.without_fail2ban)
