"""How far a run is: bars on a terminal, one line per stage elsewhere; always on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ashiato.cli.screen import clean, console, note

Tell = Callable[[str, int, int], None]


@contextmanager
def telling() -> Iterator[Tell]:
    """Yield a listener for ``(stage, done, total)``."""
    screen = console(error=True)
    if not screen.is_terminal:
        yield _Lines().tell
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        yield _Bars(progress).tell


class _Lines:
    def __init__(self) -> None:
        self._seen: set[str] = set()

    def tell(self, stage: str, _done: int, _total: int) -> None:
        if stage not in self._seen:
            self._seen.add(stage)
            note(f"  {clean(stage)}")


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def tell(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(clean(stage), total=total or None)
        self._progress.update(self._tasks[stage], completed=done, total=total or None)
