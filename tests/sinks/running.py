"""What the sinks share: a process of its own, faults on command, and a file of what was accepted."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

ROOT = Path(__file__).resolve().parents[2]
Fault = Mapping[str, Any]


class SinkProcess:
    """A sink as a test holds it: started by ``with``; ``set_faults`` says how it behaves from now on."""

    MODULE: ClassVar[str]

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Files go to ``folder`` and are added to; port 0 is a free one."""
        self.folder = folder
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start the process and wait until it listens."""
        command = [sys.executable, "-m", self.MODULE, str(self.folder), str(self.port)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._answer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process; its files stay."""
        process = self._running()
        process.communicate(timeout=10)
        self._process = None

    def set_faults(self, *faults: Fault) -> None:
        """Replace the faults; open connections follow them from their next step on."""
        stream = self._running().stdin
        assert stream is not None
        stream.write(json.dumps(faults) + "\n")
        stream.flush()
        assert self._answer() == "ok"

    def accepted(self) -> list[dict[str, Any]]:
        """Everything accepted, in order, each with its ``reference``."""
        return read_accepted(self.folder)

    def copies(self) -> Counter[str]:
        """How often each reference was accepted."""
        return Counter(str(mail["reference"]) for mail in self.accepted())

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the sink is not running"
        return self._process

    def _answer(self) -> str:
        stream = self._running().stdout
        assert stream is not None
        return stream.readline().strip()


def read_accepted(folder: Path) -> list[dict[str, Any]]:
    """Return what a sink wrote into its folder."""
    path = folder / "accepted.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


@dataclass
class Rule:
    """One fault, and how often it was asked and used."""

    fault: Fault
    asked: int = 0
    used: int = 0

    def holds(self, phase: str, recipient: str) -> bool:
        """Whether the fault happens now."""
        if self.fault["phase"] != phase or self.fault.get("match", "") not in recipient:
            return False
        self.asked += 1
        lot = zlib.crc32(f"{self.fault.get('seed', 0)}|{phase}|{self.asked}".encode()) / 2**32
        if lot >= self.fault.get("share", 1.0) or self.used >= self.fault.get("times", sys.maxsize):
            return False
        self.used += 1
        return True
