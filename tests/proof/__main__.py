"""``python -m tests.proof``: many generated incidents over all cores, a summary and the failing seeds."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count

from tests.proof.guarding import Cleared, clear
from tests.proof.judging import Verdict
from tests.proof.known import EVERY
from tests.proof.proving import prove

PER_ESTATE = 25
#: Every so many estates, one more is played that asks for proofs of absence, of so many incidents.
_EVERY, _GUARDED = 5, 6
#: Estates that one set of workers plays.
_SHIFT = 20
_WORDS = {4: "confirmed", 3: "probable", 2: "possible", 1: "not shown", 0: "not reached"}


def main() -> int:
    """Run, print, and return 1 when a rule is broken."""
    parser = argparse.ArgumentParser(prog="make prove")
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the first estate's seed")
    parser.add_argument("--per-estate", type=int, default=PER_ESTATE)
    parser.add_argument("--only", type=int, help="one incident of the first estate")
    parser.add_argument("--workers", type=int, default=cpu_count() or 1)
    parser.add_argument("--with-known", action="store_true", help="leave no occasion of a known fault out")
    asked = parser.parse_args()
    without = frozenset() if asked.with_known else EVERY
    begun = time.monotonic()
    estates = 1 if asked.only is not None else -(-asked.incidents // asked.per_estate)
    seeds = range(asked.seed, asked.seed + estates)
    total, cleared = Verdict(), Cleared()
    for first in range(0, estates, _SHIFT):
        shift = seeds[first : first + _SHIFT]
        # Workers begin anew with each shift, for what they hold grows.
        with ProcessPoolExecutor(asked.workers) as pool:
            asking = [pool.submit(clear, seed, _GUARDED, whole=seed % 2 == 0) for seed in shift[::_EVERY]]
            jobs = [(seed, pool.submit(prove, seed, asked.per_estate, asked.only, without)) for seed in shift]
            for seed, job in jobs:
                _add(total, seed, job.result())
            for each in asking:
                cleared.add(each.result())
        print(f"{total.incidents} incidents, {len(total.faults)} faults", flush=True)  # noqa: T201
    _print(total, time.monotonic() - begun, without)
    _print_cleared(cleared)
    return 1 if total.faults or cleared.faults else 0


def _add(total: Verdict, seed: int, verdict: Verdict) -> None:
    total.add(verdict)
    for fault in sorted(verdict.faults):
        print(f"{fault.rule} seed {seed}{fault.incident.replace('_', '.')}: {fault.what}", flush=True)  # noqa: T201


def _print_cleared(cleared: Cleared) -> None:
    missing = ", ".join(f"{gap} {count}" for gap, count in Counter(cleared.missing).most_common())
    lines = [f"{fault.rule} {fault.incident}: {fault.what}" for fault in cleared.faults]
    lines.append(
        f"not reached: {cleared.records} records, of {cleared.estates} estates proven: {cleared.proven}; "
        f"{len(cleared.faults)} of them reached; missing: {missing or 'nothing'}"
    )
    print("\n".join(lines))  # noqa: T201


def _print(total: Verdict, seconds: float, without: frozenset[str]) -> None:
    counted = f"{total.incidents} incidents in {seconds:.0f} s: {total.reached} records reached"
    lines = [f"{counted}, {total.unseen} of them only by rows that no snapshot holds"]
    for grade in sorted(_WORDS, reverse=True):
        for kind in ("records", "fields"):
            said, right = getattr(total, kind)[grade], getattr(total, f"{kind}_true")[grade]
            ratio = f"{said / right:.2f} said per reached" if right else "none reached"
            if said:
                lines.append(f"{_WORDS[grade]:11} {kind:7} {said:9}  reached {right:9}  {ratio}")
    records, fields = total.precision("records"), total.precision("fields")
    lines.append(f"confirmed precision: records {records:.5f}, fields {fields:.5f}")
    lines.append(f"left out as known faults: {', '.join(sorted(without)) or 'nothing'}")
    rules = Counter(fault.rule for fault in total.faults)
    lines.append(
        "faults: " + (", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())) or "none")
    )
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
