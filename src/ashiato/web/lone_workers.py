"""A worker of our own beside the pages: one of a name at a time, known by a lock that ends with it.

It outlives the page that started it and writes down what it does: who is killed leaves what it wrote last.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_Told = TypeVar("_Told")


@dataclass(frozen=True)
class LoneWorker:
    """The place of a worker in a server's data folder; ``name``: what it does, and for whom."""

    home: Path
    name: str

    @property
    def log(self) -> Path:
        """What it printed: nothing, unless it broke."""
        return self._file(".log")

    def start(self, module: str, said: tuple[str, ...], note: Callable[[], object]) -> bool:
        """Start ``python -m module said...`` in a process that outlives this one.

        False where one is at it already; else ``note`` keeps who asked before anything begins.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file(".lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            note()
            self._file(".json").unlink(missing_ok=True)
            with self.log.open("wb") as log:
                # The lock goes to the child with its file: it is held for as long as the child lives.
                process = subprocess.Popen(  # noqa: S603 - our own program
                    (sys.executable, "-m", module, *said), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    pass_fds=(lock.fileno(),), start_new_session=True,
                )  # fmt: skip
        threading.Thread(target=process.wait, daemon=True).start()
        return True

    def is_at_it(self) -> bool:
        """Tell whether one is at it now."""
        if not self.was_started():
            return False
        with self._file(".lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def was_started(self) -> bool:
        """Tell whether one was ever started."""
        return self._file(".lock").exists()

    def last(self, kind: Callable[..., _Told]) -> _Told | None:
        """Return what the newest one wrote last, as a kind of record; None where none was started.

        Of one that wrote nothing the record's ``fix`` names its log.
        """
        written = self._file(".json")
        if written.exists():
            return kind(**json.loads(written.read_bytes()))
        return kind(fix=f"see {self.log}") if self.was_started() else None

    def tell(self, said: Mapping[str, Any]) -> None:
        """Write down what was done so far, whole or not at all."""
        beside = self._file(".new")
        beside.write_text(json.dumps(said))
        beside.replace(self._file(".json"))

    def _file(self, ending: str) -> Path:
        return self.home / "workers" / f"{self.name}{ending}"
