"""With what this machine contains: its controls by name, the policy, the clock, and its one lock."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ashiato.outside.controls.control import Control
from ashiato.outside.controls.targets import Target
from ashiato.rooms.containing.policy import Policy, Resolver, system_resolver
from ashiato.rooms.living import Clock, MachineClock, host_of, machine_id
from ashiato.terms.errors import Place, ServerError

_PAUSE = 0.05


@dataclass(frozen=True)
class NamedControl:
    """A control under the name that the operator gave it, for these systems; for all where none is named."""

    name: str
    control: Control
    systems: tuple[str, ...] = ()

    def stops(self, target: Target) -> bool:
        """Tell whether it is made for such a target."""
        return target.kind in self.control.takes and (not self.systems or target.system in self.systems)


@dataclass(frozen=True)
class Means:
    """What a plan is carried out with; ``lock`` is this machine's, ``patience`` in seconds to wait for it."""

    controls: Mapping[str, NamedControl]
    policy: Policy
    lock: Path
    clock: Clock = field(default_factory=MachineClock)
    resolver: Resolver = field(default_factory=system_resolver)
    patience: float = 60.0

    @property
    def machine(self) -> str:
        """The machine that carries out, whichever of its starts."""
        return host_of(machine_id())

    def control_for(self, target: Target, name: str = "") -> NamedControl | None:
        """Return the first control in the file's order that stops such a target, or the one that is named."""
        asked = [self.controls[name]] if name in self.controls else [] if name else self.controls.values()
        return next((each for each in asked if each.stops(target)), None)

    @contextmanager
    def one_at_a_time(self) -> Generator[None]:
        """Let nobody else on this machine touch the outside meanwhile; whoever dies lets go.

        Raises: ServerError: another held it for longer than anybody should.
        """
        self.lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.lock.open("ab") as file:
            until = time.monotonic() + self.patience
            while not _taken(file.fileno()):
                if time.monotonic() > until:
                    what = "another process is containing and does not end"
                    fix = "ashiato contain status; a guard and `contain` take turns"
                    raise ServerError(what, where=Place(str(self.lock)), fix=fix)
                time.sleep(_PAUSE)
            yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
