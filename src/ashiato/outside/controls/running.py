"""Programs of the system, run without a shell, for so many seconds at most; what they say is bounded."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from ashiato.outside.controls.targets import ControlError

_SHOWN = 300
#: Where Debian keeps what administrators run; a service's own path may lack it.
_SEARCHED = os.pathsep.join([os.defpath, "/usr/sbin", "/sbin", "/usr/local/sbin"])


def find_program(name: str, package: str) -> str:
    """Return where a program is; ControlError with the line that installs it where it is not."""
    found = shutil.which(name) or shutil.which(name, path=_SEARCHED)
    if found is None:
        raise ControlError(f"{name} is not installed", fix=f"apt-get install {package}")
    return found


def run(words: Sequence[str], *, seconds: float, given: str = "") -> str:
    """Run a program with ``given`` as its input, and return what it says.

    Raises: ControlError: it refuses, or does not answer in time and is ended; what it did then is not known.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell; values among the words are checked for their kind
            words, input=given, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        what = f"{words[0]} does not answer within {seconds:g} s"
        raise ControlError(
            what, fix="see whether the machine still answers; what holds is observed"
        ) from None
    except OSError as error:
        raise ControlError(f"{words[0]} cannot be run: {error.strerror}", fix="check the path") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[:_SHOWN]
        raise ControlError(f"{words[0]} refuses: {said or done.returncode}", fix="read what it says")
    return done.stdout
