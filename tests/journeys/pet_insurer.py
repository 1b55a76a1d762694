"""The pet insurer's break-in from end to end, with every figure asked for, once for each data map.

``make journey pet-insurer``; its exit code tells whether everything asked for was met.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.command import Cost, must, weigh
from tests.journeys.scoring import (
    Answer,
    Figure,
    Truth,
    Walks,
    line_figures,
    owner_figures,
    pair_figures,
    read_answer,
    read_truth,
    walks_of,
)

SHIPPED = Path(__file__).parents[2] / "examples" / "pet-insurer" / "datamap.yaml"
MOST_SECONDS, MOST_BYTES = 90, 2 * 1024**3


@dataclass(frozen=True)
class Journey:
    """One investigation: its answer held against the truth, and its cost."""

    answer: Answer
    truth: Truth
    cost: Cost
    stages: dict[str, float]

    @property
    def owners(self) -> list[Figure]:
        """Records: nobody reached is missed, few others are named."""
        return owner_figures(self.answer, self.truth)

    @property
    def figures(self) -> list[Figure]:
        """Every share that is asked for."""
        return [
            *self.owners,
            *pair_figures(self.answer, self.truth),
            *line_figures(self.answer, self.truth),
        ]

    @property
    def walks(self) -> Walks:
        """Access paths beside attacks."""
        return walks_of(self.answer, self.truth)

    @property
    def missed(self) -> list[str]:
        """The keys of owners reached that the answer has below possible."""
        at_least = {"confirmed", "probable", "possible"}
        return sorted(key for key in self.truth.owners if self.answer.grades.get(key) not in at_least)

    def lines(self) -> Iterator[str]:
        """Yield what is printed, line by line."""
        yield from map(str, self.figures)
        if self.missed:
            yield f"owners reached but below possible: {', '.join(self.missed[:20])}"
        for path, counts in self.walks.lines.items():
            yield f"path {path}: " + ", ".join(f"{n:,} lines of {attack}" for attack, n in counts.items())
        apart = self.walks.told_apart(self.truth.pairs)
        yield f"attacks told apart: {'yes' if apart else 'NO'}, on {len(self.walks.lines)} paths"
        yield "seconds: " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in self.stages.items())
        yield (
            f"in all: {self.cost.wall:.1f} s wall, {self.cost.processor:.1f} s of processors, "
            f"{self.cost.memory / 1024**2:,.0f} MB at most"
        )


def investigate(insurer: Path, folder: Path, datamap: Path | None) -> Journey:
    """Investigate the set in ``folder`` with a data map, or with a draft as it comes."""
    case, answer = folder / "case", folder / "answer"
    given = ("--datamap", datamap) if datamap else ()
    must("case", "new", case, "--zone", "Asia/Tokyo", *given)
    must("snapshot", "add", case, insurer / "snapshot", "--as-of", (insurer / "as-of").read_text().strip())
    must("evidence", "add", case, insurer / "evidence")
    if datamap is None:
        must("datamap", "draft", case)
    begun = (case / "ledger.jsonl").stat().st_mtime
    cost = weigh("investigate", case)
    must("export", case, "--to", answer)
    return Journey(read_answer(answer, "owners"), read_truth(insurer / "truth"), cost, _stages(case, begun))


def _stages(case: Path, begun: float) -> dict[str, float]:
    """Return the seconds between the marks that stages leave when they are done."""
    (run,) = sorted((case / "runs").iterdir())[-1:]
    ends = sorted((mark.stat().st_mtime, mark.name.partition(".")[0]) for mark in run.glob("*.done.json"))
    starts = [begun, *(end for end, _ in ends)]
    return {stage: end - start for start, (end, stage) in zip(starts, ends, strict=False)}


def main() -> None:
    """Print the figures of both journeys."""
    insurer = Path(sys.argv[1]) / "pet-insurer"
    shipped = _told("shipped data map", insurer, SHIPPED)
    drafted = _told("draft, unedited", insurer, None)
    met = all(figure.holds for figure in shipped.figures) and shipped.walks.told_apart(shipped.truth.pairs)
    cheap = shipped.cost.wall < MOST_SECONDS and shipped.cost.memory < MOST_BYTES
    sys.exit(not (met and cheap and drafted.owners[0].holds))


def _told(name: str, insurer: Path, datamap: Path | None) -> Journey:
    with tempfile.TemporaryDirectory() as folder:
        journey = investigate(insurer, Path(folder), datamap)
    sys.stdout.write("\n".join([f"== pet-insurer, {name}", *journey.lines(), ""]) + "\n")
    return journey


if __name__ == "__main__":
    main()
