"""Sealed configuration: its log formats, which log has which, and what is no configuration at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.model import Accounts, DataMap, Source
from ashiato.engine.reading.configs import read_config
from ashiato.engine.reading.detection import is_config, log_name
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

NGINX = r"""
http {
  # log_format wrong '$nothing';
  log_format timed '$remote_addr|$time_iso8601|$request_method|$request_uri|'
                   '$status|$body_bytes_sent|$request_time';
  log_format app escape=json '{"at":"$time_iso8601","m":$msec,"who":"$remote_addr","verb":"$request_method",'
    '"what":"$request_uri","st":$status,"rt":$request_time,"sid":"$cookie_session_id","ua":"$http_user_agent"}';
  server { access_log /var/log/nginx/shop.log timed buffer=32k; location / { access_log off; } }
  server { access_log /var/log/nginx/app.json app; access_log /var/log/nginx/plain.log; }
}
"""
APACHE = r"""
LogFormat "%h %l %u %t \"%r\" %>s %b %D \"%{X-Request-Id}i\"" timed
  CustomLog ${APACHE_LOG_DIR}/shop_access.log timed
CustomLog "logs/ssl_request_log" "%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x \"%r\" %b"
"""


def test_nginx_formats_are_found_by_their_logs_name(tmp_path: Path) -> None:
    line = "192.0.2.7|2026-06-08T22:41:03+09:00|GET|/a?b=1|200|512|0.250"
    tables = Desk(tmp_path).read({"etc/nginx.conf": NGINX, "log/shop.log.2.gz": f"{line}\n{line}\n"})
    check_every_line_stands_once(tables)
    first = tables.records[0]
    assert tables.reading("log/shop.log.2.gz")["detected_by"] == "config etc/nginx.conf"
    assert (first["source_format"], first["http_request_path"]) == ("nginx:timed", "/a")
    assert (first["http_request_query"], first["duration_us"]) == ("b=1", 250000)
    assert tables.reading("etc/nginx.conf")["source_format"] is None
    assert {row["reason"] for row in tables.unread} == {"not-a-log"}


def test_nginx_json_formats_say_what_their_keys_mean(tmp_path: Path) -> None:
    line = (
        r'{"at":"2026-06-08T22:41:03+09:00","m":1780926063.250,"who":"192.0.2.7","verb":"GET",'
        r'"what":"/a\"b?c","st":404,"rt":0.010,"sid":"f00d","ua":"x\u001b"}'
    )
    (row,) = Desk(tmp_path).read({"nginx.conf": NGINX, "renamed": line}).records
    assert (row["source_format"], row["time_us"], row["time_step_us"]) == (
        "nginx:app",
        1780926063250000,
        1000,
    )
    assert (row["src_endpoint_ip"], row["http_request_path"]) == ("192.0.2.7", '/a"b')
    assert (row["actor_session_uid"], row["http_request_user_agent"]) == ("f00d", "x\x1b")
    assert (row["http_response_code"], row["duration_us"]) == (404, 10000)


def test_apache_formats_are_found_too(tmp_path: Path) -> None:
    line = '192.0.2.7 - - [08/Jun/2026:22:41:03 +0900] "GET / HTTP/1.1" 200 5 1500 "abc-1"'
    (row,) = Desk(tmp_path).read({"conf/httpd.conf": APACHE, "shop_access.log": line}).records
    assert (row["source_format"], row["duration_us"], row["trace_uid"]) == ("apache:timed", 1500, "abc-1")
    config = read_config("httpd.conf", APACHE)
    assert [each.name for each in config.formats] == ["apache:timed", "apache:ssl_request_log"]


def test_the_data_map_comes_first(tmp_path: Path) -> None:
    datamap = DataMap(
        sources=(Source(files="odd.log", log_format="$time_iso8601 $remote_addr $request_uri", zone="UTC"),),
        accounts=Accounts(proxies=("10.0.0.0/8",)),
    )
    tables = Desk(tmp_path, datamap=datamap).read({"in/odd.log": "2026-06-08T22:41:03+09:00 192.0.2.7 /x"})
    assert tables.records[0]["http_request_path"] == "/x"
    assert (tables.readings[0]["detected_by"], tables.readings[0]["zone"]) == ("datamap", "UTC")


def test_clients_behind_our_proxies_are_named(tmp_path: Path) -> None:
    config = (
        'log_format x \'$remote_addr [$time_local] "$request" "$http_x_forwarded_for"\'; access_log a.log x;'
    )
    lines = [
        f'{peer} [08/Jun/2026:22:41:03 +0900] "GET / HTTP/1.1" "{header}"'
        for peer, header in (
            ("10.0.0.5", "6.6.6.6, 192.0.2.7, 10.1.2.3"),
            ("192.0.2.9", "6.6.6.6"),
            ("10.0.0.5", "-"),
        )
    ]
    datamap = DataMap(accounts=Accounts(proxies=("10.0.0.0/8", "nonsense")))
    tables = Desk(tmp_path, datamap=datamap).read({"nginx.conf": config, "a.log": "\n".join(lines)})
    assert [row["src_endpoint_ip"] for row in tables.records] == ["192.0.2.7", "192.0.2.9", "10.0.0.5"]


@given(st.text(max_size=300))
def test_hostile_configuration_is_passed_over(text: str) -> None:
    assert read_config("nginx.conf", f"log_format {text}").file == "nginx.conf"
    assert read_config("httpd.conf", f"LogFormat {text}").file == "httpd.conf"
    assert read_config("postgresql.conf", f"log_line_prefix = {text}").file == "postgresql.conf"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/access.log.3.gz", "access.log"), ("access.log-20260608", "access.log"),
        ("access_log", "access_log"), ("shop.log.2026-06-08.xz", "shop.log"), ("access.log", "access.log"),
    ],
)  # fmt: skip
def test_rotation_is_no_part_of_a_logs_name(file: str, name: str) -> None:
    assert log_name(file) == name


def test_scripts_and_settings_are_no_logs() -> None:
    assert is_config("etc/nginx/sites-enabled/shop")
    assert is_config("batch/nightly.SQL")
    assert not is_config("nginx/access.log")
