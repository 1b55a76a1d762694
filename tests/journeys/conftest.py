"""What several journeys start from, made once for all of them and all workers."""

from __future__ import annotations

import fcntl
import pickle
from pathlib import Path

import pytest

from tests.journeys.pet_insurer import SHIPPED, Journey, investigate


@pytest.fixture(scope="session")
def insurer(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """The pet insurer's whole evidence, investigated with the data map that the operator's hints give."""
    folder = tmp_path_factory.mktemp("insurer")
    kept = _of_all_workers(tmp_path_factory) / "insurer.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            journey = investigate(corpus / "pet-insurer", folder, SHIPPED)
            print("\n== pet-insurer, shipped data map", *journey.lines(), sep="\n")  # noqa: T201
            kept.write_bytes(pickle.dumps(journey))
    made: Journey = pickle.loads(kept.read_bytes())  # noqa: S301 - written above, in a folder of this run's own
    return made


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this test run's, the same in each of its workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-gw") else own
