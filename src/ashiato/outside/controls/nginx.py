"""What of nginx is ours: one file of a map, put in its place whole, tested, loaded, and seen to be running.

The file carries its generation, a hash of its entries; nginx tells the one it runs with at ``/.ashiato``. So
what is read back is what nginx does, not what a file says. The operator includes the file and listens for
trials on this machine alone (docs/guides/containment.md).
"""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from ashiato.outside.controls.control import Control, State
from ashiato.outside.controls.running import find_program, run
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target
from ashiato.outside.messages.nearness import is_this_machine
from ashiato.terms.errors import Place

#: After a reload workers of before answer beside those of after, for the tenth of a second that nginx gives
#: these to start; so many answers in a row, so far apart, are those of after.
_IN_A_ROW = 6
_PAUSE = 0.05
_FILE = """# Written by ashiato; docs/guides/containment.md
{body}map "" $ashiato_{word}_generation {{
    default {generation};
}}
"""


@dataclass(frozen=True)
class Nginx:
    """An nginx of this machine: its configuration, and where trials go in; ``seconds`` for an answer."""

    trial: str
    conf: str = ""
    header: str = "X-Forwarded-For"
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Refuse trials that would leave this machine."""
        parts = urlsplit(self.trial)
        if parts.scheme != "http" or not is_this_machine(parts.hostname or "") or parts.port is None:
            fix = "listen at a port of the loopback: http://127.0.0.1:8079"
            raise ControlError("trials of nginx stay on this machine", fix=fix)

    def reload(self) -> None:
        """Test the configuration and load it; ControlError where nginx refuses it or does not run."""
        words = [find_program("nginx", "nginx-light"), *(["-c", self.conf] if self.conf else [])]
        run([*words, "-q", "-t"], seconds=self.seconds)
        run([*words, "-s", "reload"], seconds=self.seconds)

    def ask(self, path: str, sender: str = "") -> tuple[int, str]:
        """Ask for a path, as somebody else where a sender is named; returns the status and the answer."""
        parts = urlsplit(self.trial)
        asked = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.seconds)
        try:
            with closing(asked):
                asked.request("GET", path, headers={self.header: sender} if sender else {})
                answer = asked.getresponse()
                return answer.status, answer.read(4096).decode("utf-8", "replace").strip()
        except TimeoutError:
            raise NoAnswerError("nginx does not answer a trial in time", where=Place(self.trial)) from None
        except (OSError, http.client.HTTPException) as error:
            what = f"nginx does not answer a trial: {error}"
            raise ControlError(
                what, where=Place(self.trial), fix="is it running, and listening there?"
            ) from None

    def generations(self) -> list[str]:
        """Return what nginx says it runs with, a word for each of our files."""
        status, said = self.ask("/.ashiato")
        if status != 200:
            what = f"nginx answers {status} where it tells what it runs with"
            fix = "write `location = /.ashiato` as docs/guides/containment.md shows"
            raise ControlError(what, where=Place(f"{self.trial}/.ashiato"), fix=fix)
        return said.split()


class NginxMap(Control):
    """A control that is one map of nginx, in a file of its own; who stands in it is stopped.

    ``word`` names what nginx tells of it: ``$ashiato_<word>_generation``.
    """

    word: ClassVar[str]

    def __init__(self, nginx: Nginx, file: Path) -> None:
        """Nothing is read or written before it is asked for."""
        self.nginx = nginx
        self.file = file

    @abstractmethod
    def entry(self, target: Target) -> str:
        """Return the one line that a target is in the map."""

    @abstractmethod
    def body(self, lines: str) -> str:
        """Return the file's directives around the lines of those who stand in the map."""

    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Read the file, having heard from nginx that it runs with just this.

        Raises: ControlError: it runs with something else; who is stopped is not known until it is loaded.
        """
        content = self._read()
        entries = set(_entries(content))
        if self._generation(entries) not in self.nginx.generations() or content != self._whole(entries):
            what = "nginx does not run with what its file says"
            raise NoAnswerError(what, where=Place(str(self.file)), fix="nginx -t, then reload it")
        return [{"stopped": self.entry(target) in entries} for target in targets]

    def put(self, states: Sequence[tuple[Target, State]], at: object) -> None:
        """Put the new file in the old one's place and load it; one that nginx refuses is taken back."""
        del at
        before = self._read()
        entries = set(_entries(before))
        for target, state in states:
            (entries.add if state["stopped"] else entries.discard)(self.entry(target))
        with self._kept(before):
            self._write(self._whole(entries))
            self.nginx.reload()
        self._await(self._generation(entries))

    def wanted(self, target: Target, before: State, until: object) -> State:
        """In the map; nginx knows no time-out, so that whoever applied it takes it back."""
        del target, before, until
        return {"stopped": True}

    def _whole(self, entries: set[str]) -> str:
        lines = "".join(f"\t{entry}\n" for entry in sorted(entries))
        return _FILE.format(body=self.body(lines), word=self.word, generation=self._generation(entries))

    def _generation(self, entries: set[str]) -> str:
        """Name what the map holds, as no other map of ours is named."""
        return f"{self.word}-{hashlib.sha256(chr(10).join(sorted(entries)).encode()).hexdigest()[:16]}"

    def _await(self, generation: str) -> None:
        until, seen = time.monotonic() + self.nginx.seconds, 0
        while seen < _IN_A_ROW:
            seen = seen + 1 if generation in self.nginx.generations() else 0
            if time.monotonic() > until:
                raise NoAnswerError(
                    "nginx took the new file and does not run with it", where=Place(str(self.file))
                )
            time.sleep(_PAUSE)

    @contextmanager
    def _kept(self, before: str) -> Iterator[None]:
        try:
            yield
        except NoAnswerError:
            raise
        except ControlError:
            self._write(before)
            raise

    def _read(self) -> str:
        try:
            return self.file.read_text("utf-8")
        except OSError as error:
            what = f"the file of the map cannot be read: {error.strerror}"
            fix = "write it as docs/guides/containment.md shows, and include it"
            raise ControlError(what, where=Place(str(self.file)), fix=fix) from None

    def _write(self, content: str) -> None:
        """Put a whole file in the place of the old one; a full disk costs the new one alone."""
        beside = self.file.with_name(f".{self.file.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.chmod(0o644)
            beside.replace(self.file)
        except OSError as error:
            what = f"the file of the map cannot be written: {error.strerror}"
            raise ControlError(
                what, where=Place(str(self.file)), fix="make room, or give us the folder"
            ) from None


def _entries(content: str) -> list[str]:
    """Return the lines that stop somebody: those set in by a tab."""
    return [line[1:] for line in content.splitlines() if line.startswith("\t")]
