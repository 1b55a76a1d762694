"""fail2ban of Debian with its own web jails on a site's logs; it writes down whom it would ban, and when."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

#: The jails for nginx that the package brings; which log each reads is its own choice, botsearch reads both.
_JAILS = {
    "nginx-http-auth": ("error.log",),
    "nginx-limit-req": ("error.log",),
    "nginx-botsearch": ("error.log", "access.log"),
    "nginx-bad-request": ("access.log",),
    "php-url-fopen": ("access.log",),
}
_ACTION = '[Definition]\nactionban = echo "<ip> $(date +%%s.%%N)" >> {bans}\n'


class Bans:
    """Whom it banned so far."""

    def __init__(self, file: Path) -> None:
        """``file``: a ban a line."""
        self._file = file

    def read(self) -> dict[str, datetime]:
        """Return each banned address, with when."""
        rows = (line.split() for line in self._file.read_text("utf-8").splitlines())
        return {address: datetime.fromtimestamp(float(at), UTC) for address, at in rows}


def is_here() -> bool:
    """Tell whether it is installed."""
    return shutil.which("fail2ban-server") is not None


@contextmanager
def banning(logs: Path, work: Path) -> Iterator[Bans]:
    """Run it on the logs of an nginx; nobody is kept out, so that one run shows it and the whole attack."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree("/etc/fail2ban", work / "etc", ignore=shutil.ignore_patterns("jail.d"))
    bans = work / "bans"
    bans.touch()
    (work / "etc" / "action.d" / "written.conf").write_text(_ACTION.format(bans=bans), "utf-8")
    jails = [
        f"[{name}]\nenabled = true\nlogpath = " + "\n          ".join(str(logs / each) for each in read)
        for name, read in _JAILS.items()
    ]
    own = "[DEFAULT]\nignoreself = false\nbackend = polling\nbanaction = written\naction = written\n"
    (work / "etc" / "jail.local").write_text(own + "\n".join(jails) + "\n", "utf-8")
    words = ["-c", work / "etc", "-s", work / "socket", "-p", work / "pid"]
    server = ["fail2ban-server", *words, "--logtarget", work / "log", "-xf", "start"]
    with subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        client = ["fail2ban-client", *words]
        until = time.monotonic() + 60
        while subprocess.run([*client, "ping"], capture_output=True, check=False).returncode:
            if running.poll() is not None or time.monotonic() > until:
                message = f"fail2ban did not start: {(work / 'log').read_text('utf-8')[-500:]}"
                raise RuntimeError(message)
            time.sleep(0.2)
        yield Bans(bans)
        subprocess.run([*client, "stop"], capture_output=True, check=True)
