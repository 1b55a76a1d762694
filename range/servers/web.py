"""nginx of a site: its logs, what it serves by itself, and the files by which a control takes hold of it."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from string import Template

from range.loopback import HEALTH_CHECK, OFFICE, PARTNER
from range.programs import find_program, give, unprivileged
from range.servers.server import Server

#: Files of ``controls/`` that nginx includes: what stands in each, said in its first line.
CONTROLS = {
    "deny.conf": "Addresses and ranges that are refused (403), a line each: 127.66.0.0/24 1;",
    "limit_addresses.conf": "Addresses and ranges held to one request a second (429): 127.66.0.1 1;",
    "limit_sessions.conf": "Sessions held to one request a second (429), by their first 12: 0123456789ab 1;",
    "limit_routes.conf": "Paths held to one request a second together (429): ~^/hospitals/ 1;",
    "maintenance.conf": "Paths that are closed (503): ~^/backup/ 1;",
}
#: Folders of ``controls/`` for lines of one's own, ``*.conf``: within ``http``, and within the site's server.
OWN = ("http.d", "server.d")
_CONFIGURATION = Template("""\
# The exercise range: deliberately weak, on loopback alone.
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid $folder/nginx.pid;
error_log $folder/error.log warn;
events { worker_connections 2048; }
http {
  types { text/html html; application/gzip gz; }
  map $$cookie_sid $$sess { default "-"; "~^(?<first>[0-9a-f]{12})" $$first; }
  geo $$denied { default 0; include $controls/deny.conf; }
  geo $$slow_address { default 0; include $controls/limit_addresses.conf; }
  map $$sess $$slow_session { default 0; include $controls/limit_sessions.conf; }
  map $$uri $$slow_route { default 0; include $controls/limit_routes.conf; }
  map $$uri $$closed { default 0; include $controls/maintenance.conf; }
  map $$slow_address $$held_address { 1 $$remote_addr; default ""; }
  map $$slow_session $$held_session { 1 $$sess; default ""; }
  map $$slow_route $$held_route { 1 $$server_name; default ""; }
  limit_req_zone $$held_address zone=addresses:4m rate=1r/s;
  limit_req_zone $$held_session zone=sessions:4m rate=1r/s;
  limit_req_zone $$held_route zone=routes:1m rate=1r/s;
  limit_req_status 429;
  log_format json escape=json '{"time":"$$time_iso8601","msec":$$msec,"request_id":"$$request_id",'
    '"ip":"$$remote_addr","method":"$$request_method","uri":"$$request_uri","status":$$status,'
    '"bytes":$$bytes_sent,"body_bytes":$$body_bytes_sent,"rt":$$request_time,"urt":"$$upstream_response_time",'
    '"sess":"$$sess","user":"$$upstream_http_x_site_user","ref":"$$http_referer","ua":"$$http_user_agent"}';
  access_log $folder/access.log combined;
  access_log $folder/access_json.log json;
  keepalive_timeout 60; keepalive_requests 1000000;
  client_body_temp_path $folder/body; proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
  upstream application { server $address:$behind; keepalive 32; }
  include $controls/http.d/*.conf;
  server {
    listen $address:$port;
    server_name www.$name.example;
    root $public;
    include $controls/server.d/*.conf;
    if ($$denied) { return 403; }
    if ($$closed) { return 503; }
    limit_req zone=addresses burst=3 nodelay;
    limit_req zone=sessions burst=3 nodelay;
    limit_req zone=routes burst=3 nodelay;
    location / { try_files $$uri $$uri/index.html @application; }
    location @application {
      proxy_pass http://application;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $$host;
      proxy_set_header X-Real-IP $$remote_addr;
      proxy_hide_header X-Site-User;
      proxy_read_timeout 300s;
    }
  }
}
""")
_NEVER_BLOCK = f"""\
# Addresses that no control may ever block: the office, who asks whether the site is alive, the partner.
{OFFICE}
{HEALTH_CHECK}
{PARTNER}
"""


def nginx(name: str, folder: Path, address: str, port: int, behind: int) -> Server:
    """Lay out nginx under a site's folder, before an application on port ``behind``."""
    web, controls, public = folder / "nginx", folder / "controls", folder / "public"
    for each in (web, controls, public, *(controls / name for name in OWN)):
        each.mkdir()
        give(each)
    for file, says in CONTROLS.items():
        (controls / file).write_text(f"# {says}\n", "utf-8")
    (controls / "never_block.txt").write_text(_NEVER_BLOCK, "utf-8")
    places = {"folder": web, "controls": controls, "public": public, "name": name}
    text = _CONFIGURATION.substitute(places, address=address, port=port, behind=behind)
    configuration = web / "nginx.conf"
    configuration.write_text(text, "utf-8")
    log = web / "server.log"
    log.touch()
    command = [find_program("nginx"), "-p", web, "-e", web / "error.log", "-c", configuration]
    asked = f"http://{address}:{port}/healthz"
    return Server(
        "nginx", command, web, log, lambda: urllib.request.urlopen(asked, timeout=5), unprivileged()
    )
