"""Fuzz what reads foreign bytes, guided by the branches they reach (atheris): ``make fuzz``.

Each target runs in a process of its own for ``--seconds``. What it found worth keeping stays under
``.fuzz/corpus`` and is where the next run begins; what broke it is kept under ``.fuzz/crashes`` and named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(".fuzz")
#: A megabyte per input is plenty: what is large is large by repetition. Memory and time are bounds of ours.
_LIMITS = ("-max_len=65536", "-rss_limit_mb=3000", "-timeout=20", "-print_final_stats=1", "-verbosity=0")


def _fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process; never returns."""
    import atheris  # noqa: PLC0415 - Linux alone has it

    with atheris.instrument_imports(include=["ashiato"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - instrumented as it is imported
    corpus, crashes = FOLDER / "corpus" / name, FOLDER / "crashes"
    limits = [*_LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/{name}-"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], TARGETS[name])
    atheris.Fuzz()


def _prepare(name: str, seeds: tuple[bytes, ...]) -> None:
    corpus = FOLDER / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    (FOLDER / "crashes").mkdir(exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)


def _run(name: str, seconds: int) -> bool:
    """Run one target apart; say how many inputs it saw and what broke it."""
    command = [sys.executable, "-m", "tests.fuzz", "--within", name, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    stats = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    said = "held" if not done.returncode else "BROKEN"
    print(f"{name}: {stats[0] if stats else 'no'} inputs, {said}", flush=True)  # noqa: T201
    if done.returncode:
        told = [line for line in f"{done.stdout}{done.stderr}".splitlines() if not line.startswith("INFO")]
        print("\n".join(line[:300] for line in told[-60:]))  # noqa: T201
    return done.returncode == 0


def main() -> int:
    """Fuzz all targets or those named; return how many broke."""
    told = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    told.add_argument("targets", nargs="*", help="names (all where none is given)")
    told.add_argument("--seconds", type=int, default=10, help="for each target")
    told.add_argument("--play", type=Path, help="a kept input, for the one target named")
    told.add_argument("--within", help=argparse.SUPPRESS)
    given = told.parse_args()
    if given.within:
        _fuzz(given.within, given.seconds)
    from tests.fuzz.seeds import SEEDS  # noqa: PLC0415 - not before they are instrumented
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    if given.play:
        TARGETS[given.targets[0]](given.play.read_bytes())
        return 0
    names = given.targets or list(TARGETS)
    for name in names:
        _prepare(name, SEEDS.get(name, ()))
    return sum(not _run(name, given.seconds) for name in names)


if __name__ == "__main__":
    sys.exit(main())
