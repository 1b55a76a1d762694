"""One server: its program, where it lies, and when it is up."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from range.errors import RangeError
from range.programs import end, spawn

_MOST_SECONDS = 60


@dataclass
class Server:
    """A program that serves; ``asks`` raises as long as it does not answer."""

    name: str
    words: Sequence[object]
    folder: Path
    log: Path
    asks: Callable[[], object]
    user: int | None = None
    ends_by: signal.Signals = signal.SIGTERM
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.running = spawn(self.words, self.folder, self.log, user=self.user, ends_by=self.ends_by)
        until = time.monotonic() + _MOST_SECONDS
        while not self._is_up():
            if self.running.poll() is not None or time.monotonic() > until:
                self.stop()
                told = self.log.read_text("utf-8", "replace")[-2000:]
                message = f"{self.name} did not come up: {told}"
                raise RangeError(message, f"read {self.log}.")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; nothing happens where it does not run."""
        if self.running is not None:
            end(self.running, self.ends_by)
            self.running = None

    def is_gone(self) -> bool:
        """Tell whether it ended by itself or by somebody else, or did not come up again."""
        return self.running is None or self.running.poll() is not None

    def ask_to_end(self) -> None:
        """Tell it to end, and do not wait."""
        if self.running is not None:
            self.running.send_signal(self.ends_by)

    def _is_up(self) -> bool:
        try:
            self.asks()
        except Exception:  # noqa: BLE001 - whatever keeps it from answering
            return False
        return True


def stop_all(servers: Sequence[Server]) -> None:
    """End servers side by side, and return when the last is gone."""
    for server in servers:
        server.ask_to_end()
    for server in servers:
        server.stop()
