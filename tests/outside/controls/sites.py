"""A real nginx with the lines of the guide, tried from addresses of the loopback."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ashiato.outside.controls.nginx import Nginx
from tests.house.source import ROOT
from tests.journeys.databases import free_port

INSTALL = "apt-get install nginx-light"
_GUIDE = ROOT / "docs" / "guides" / "containment.md"
_OUTER = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{http}
    server {{
        listen 127.0.0.1:{port};
{server}
        location / {{ root {folder}/pages; try_files /page =404; }}
    }}
}}
"""


@dataclass(frozen=True)
class Site:
    """A running nginx: its folder of maps, its port for everybody, and how it is asked for trials."""

    maps: Path
    port: int
    nginx: Nginx
    server: subprocess.Popen[bytes]

    def status(self, sender: str, path: str = "/") -> int:
        """Ask as somebody who really comes from an address of the loopback."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5, source_address=(sender, 0))
        with closing(asked):
            asked.request("GET", path)
            return asked.getresponse().status


def guide_block(name: str) -> str:
    """The lines that the guide tells an operator to write, under the remark that names them."""
    found = re.search(rf"```nginx\n# {re.escape(name)}\n(.*?)```", _GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Run an nginx whose maps lie in a folder, stopping nobody yet."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"no nginx: {INSTALL}")
    maps, port, trial = folder / "maps", free_port(), free_port()
    maps.mkdir()
    (folder / "pages").mkdir()
    (folder / "pages" / "page").write_text("a page")
    for name in ("denied", "slowed", "closed"):
        (maps / f"{name}.conf").write_text(guide_block(f"/etc/nginx/ashiato/{name}.conf"))
    http_lines = guide_block("within http").replace("/etc/nginx/ashiato", str(maps))
    server_lines = guide_block("within the site's server").replace("8079", str(trial))
    user = "user root;" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(_OUTER.format(folder=folder, port=port, user=user, http=http_lines, server=server_lines))
    nginx = Nginx(f"http://127.0.0.1:{trial}", str(conf), seconds=5)
    with subprocess.Popen([program, "-q", "-c", conf], stdout=sys.stderr) as server:
        made = Site(maps, port, nginx, server)
        try:
            until_it_answers(made)
            yield made
        finally:
            server.terminate()


def until_it_answers(made: Site) -> None:
    """Wait until it is up; the test fails where it does not come up."""
    for _ in range(200):
        try:
            made.status("127.0.0.1")
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("nginx did not come up")
