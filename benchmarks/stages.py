"""One whole investigation, by stage: seconds by the wall clock, and the largest memory so far.

``python benchmarks/stages.py [SET]``: a folder with evidence/, snapshot/ and as-of. Without one, the
pet insurer's whole set beside the checkout, or else the shipped cut of it.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from ashiato.engine import pipeline
from ashiato.engine.case import create_case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.snapshots import add_snapshot

_ROOT = Path(__file__).resolve().parent.parent
_WHOLE = _ROOT.parent / "shared" / "evidence" / "pet-insurer"
_SHIPPED = _ROOT / "examples" / "pet-insurer"


def peak_mb() -> float:
    """Return the largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(folder: Path) -> None:
    """Investigate a set in a case of its own and print what each stage took."""
    print(f"{folder.name}: one investigation")
    with tempfile.TemporaryDirectory() as kept:
        started = last = time.perf_counter()

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal last
            if done == total == 1:
                now = time.perf_counter()
                print(f"{stage:12}{now - last:8.1f} s{peak_mb():9.0f} MB", flush=True)
                last = now

        case = create_case(
            Path(kept) / "case", "Asia/Tokyo", lambda: time.time_ns() // 1000, _SHIPPED / "datamap.yaml"
        )
        add_snapshot(case, folder / "snapshot", (folder / "as-of").read_text().strip(), "petdb")
        add_evidence(case, [folder / "evidence"])
        pipeline.investigate(case, tell=tell)
        print(f"{'in all':12}{time.perf_counter() - started:8.1f} s{peak_mb():9.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else _WHOLE if _WHOLE.is_dir() else _SHIPPED)
