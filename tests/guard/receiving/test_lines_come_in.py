"""What real senders send is counted by the guard, and kept before anybody is told so."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ashiato.guard.receiving.serving import read_counts
from ashiato.guard.receiving.spool import Spool, SpoolFullError
from ashiato.guard.receiving.syslog import MOST_CONNECTIONS
from ashiato.guard.running import Guard, now_us
from ashiato.guard.settings import load_settings
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm
from ashiato.terms.times import moment_of
from tests.guard.receiving.senders import free_port, post, receiving, write_settings
from tests.guard.watched import catch_up


def _request(number: int, session: str) -> str:
    said = {
        "time": moment_of(now_us()).isoformat(), "ip": "203.0.113.7", "method": "GET",
        "uri": f"/owners/{number * number}", "sess": session, "status": 200, "body_bytes": 300,
    }  # fmt: skip
    return json.dumps(said)


def _wait_for(path: Path, lines: int) -> list[str]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = path.read_text("utf-8", "surrogateescape").splitlines() if path.exists() else []
        if len(found) >= lines:
            break
        time.sleep(0.02)
    return found


def _told(folder: Path) -> list[Alarm]:
    told: list[Alarm] = []
    with State(folder) as state, closing(Guard(load_settings(folder), state, told.append)) as guard:
        catch_up(guard)
    return told


@pytest.fixture
def secured(tmp_path: Path) -> Path:
    """A certificate for this machine and its key, made by OpenSSL."""
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    places = ["-subj", "/CN=x", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/cert.pem"]
    subprocess.run(["openssl", *words, *places], check=True, capture_output=True)
    return tmp_path


@pytest.mark.slow
def test_real_senders_are_heard(secured: Path) -> None:
    """util-linux' logger by UDP and TCP in both framings, OpenSSL's client by TLS; each thief is told of."""
    logger = shutil.which("logger")
    ports = {name: free_port() for name in ("udp", "tcp", "tls")}
    write_settings(
        secured,
        [
            {"name": "udp", "protocol": "syslog-udp", "listen": f"127.0.0.1:{ports['udp']}"},
            {"name": "tcp", "protocol": "syslog-tcp", "listen": f"127.0.0.1:{ports['tcp']}"},
            {
                "name": "tls", "protocol": "syslog-tls", "listen": f"127.0.0.1:{ports['tls']}",
                "certificate": "cert.pem", "key": "key.pem", "clients_by": "cert.pem",
            },
        ],
    )  # fmt: skip
    folder = secured / "spool"
    with receiving(secured):
        ways = {
            "by-udp": ["--udp", "--rfc3164"], "counted": ["--tcp", "--octet-count", "--rfc5424"],
            "by-line": ["--tcp", "--rfc3164"],
        }  # fmt: skip
        for session, words in ways.items() if logger else ():
            port = ports["udp" if "--udp" in words else "tcp"]
            told = "\n".join(_request(number, session) for number in range(12))
            command = ["logger", "-n", "127.0.0.1", "-P", str(port), "-t", "nginx", *words]
            subprocess.run(command, input=told.encode(), check=True)
        head = "<13>1 2026-11-23T15:00:00Z web1 nginx - - - "
        sent = "".join(f"{head}{_request(number, 'by-tls')}\n" for number in range(12)).encode()
        client = ["openssl", "s_client", "-quiet", "-no_ign_eof", "-connect", f"127.0.0.1:{ports['tls']}"]
        proved = [*client, "-cert", f"{secured}/cert.pem", "-key", f"{secured}/key.pem"]
        subprocess.run(proved, input=sent, check=True, capture_output=True, timeout=20)
        subprocess.run(
            client, input=b"<13>without a certificate\n", check=False, capture_output=True, timeout=20
        )
        sessions = {"by-tls", *(ways if logger else ())}
        for name, lines in {"udp": 12, "tcp": 24, "tls": 12}.items():
            assert len(_wait_for(folder / f"{name}.log", lines if logger or name == "tls" else 0)) == lines
    assert "without" not in (folder / "tls.log").read_text("utf-8")
    assert read_counts(secured)["tls"]["lines"] == 12
    assert {actor.value for alarm in _told(secured) for actor in alarm.actors} >= sessions


def test_requests_are_kept_and_refused(tmp_path: Path) -> None:
    """JSON lines, an array, gzip and OpenTelemetry are kept; what is not known or not understood is not."""
    port = free_port()
    listens = {"name": "shipped", "protocol": "http", "listen": f"127.0.0.1:{port}"}
    write_settings(tmp_path, [listens | {"token_file": "token", "line_in": "message"}])
    lines = [_request(number, "thief") for number in range(12)]
    record = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": lines[2]}}]}]}]}
    spool = tmp_path / "spool" / "shipped.log"
    with receiving(tmp_path):
        sent = [
            post(port, lines[0].encode(), Content_Type="application/x-ndjson"),
            post(port, gzip.compress(json.dumps([{"message": lines[1]}]).encode()), Content_Encoding="gzip"),
            post(port, json.dumps(record).encode(), "/v1/logs"),
            post(port, "\n".join(lines[3:]).encode()),
        ]
        assert [status for status, _ in sent] == [200] * 4
        assert spool.read_text("utf-8").splitlines() == lines, "on the disk once it was answered"
        refused = {
            401: post(port, b"{}", Authorization="Bearer wrong"),
            415: post(port, b"{}", Content_Type="text/plain"),
            400: post(port, b"[1"),
            413: post(port, b"{}", Content_Length=str(17 << 20)),
        }
        assert [status for status, _ in refused.values()] == list(refused)
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(b"GET / HTTP/9\r\n\r\n\x00" * 9)
            assert raw.recv(99).startswith(b"HTTP/1.1 4")
    assert spool.read_text("utf-8").splitlines() == lines
    assert [alarm.rule for alarm in _told(tmp_path)] == ["people-budget/owner/session/minute"]
    assert read_counts(tmp_path)["shipped"] == {"lines": 12, "dropped": 0, "cut": 0, "refused": 5}


@pytest.mark.slow
def test_a_full_spool_makes_senders_wait(tmp_path: Path) -> None:
    """HTTP is told to come again, datagrams are dropped and counted."""
    ports = {name: free_port() for name in ("http", "syslog-udp")}
    full = {"most_mib": 64}
    write_settings(
        tmp_path,
        [
            full
            | {"name": protocol.removeprefix("syslog-"), "protocol": protocol, "listen": f"127.0.0.1:{port}"}
            for protocol, port in ports.items()
        ],
    )
    (tmp_path / "spool").mkdir()
    for protocol in ports:
        with (tmp_path / "spool" / f"{protocol.removeprefix('syslog-')}.log").open("wb") as stream:
            stream.truncate(64 << 20)
    with receiving(tmp_path), socket.socket(type=socket.SOCK_DGRAM) as sender:
        status, headers = post(ports["http"], b"{}")
        assert (status, headers["Retry-After"]) == (503, "2")
        sender.sendto(b"<13>lost", ("127.0.0.1", ports["syslog-udp"]))
        until = time.monotonic() + 60
        while not read_counts(tmp_path)["udp"]["dropped"] and time.monotonic() < until:
            time.sleep(0.05)
    counts = read_counts(tmp_path)
    assert (counts["udp"]["dropped"], counts["udp"]["lines"]) == (1, 0)
    assert counts["http"]["refused"] == 1


@pytest.mark.slow
def test_what_was_read_makes_room(tmp_path: Path) -> None:
    """Of a spool that was full before the guard first ran every line is read; files go once they were."""
    write_settings(tmp_path, [{"name": "a", "protocol": "syslog-udp", "listen": "127.0.0.1:5514"}])
    live, most, lines = tmp_path / "spool" / "a.log", 1 << 20, 0
    told: list[Alarm] = []
    until = time.monotonic() + 60
    with (
        closing(Spool(tmp_path, live, most)) as spool,
        State(tmp_path) as state,
        closing(Guard(load_settings(tmp_path), state, told.append)) as guard,
    ):
        while lines < 200 and time.monotonic() < until:
            try:
                spool.append([(_request(lines, f"s-{lines}") + " " * 10_000).encode()] * 5)
                lines += 5
            except SpoolFullError:
                assert lines >= 50
                catch_up(guard)
                time.sleep(0.2)
        assert sum(path.stat().st_size for path in live.parent.iterdir()) <= most
        while guard.seen()[str(live)].lines < lines and time.monotonic() < until:
            guard.step()
            time.sleep(0.1)
        assert guard.seen()[str(live)].lines == lines == 200
        assert guard.seen()[str(live)].gaps == 0


def test_a_torn_line_is_ended_before_the_next(tmp_path: Path) -> None:
    """What a kill left of a line is a line by itself."""
    live = tmp_path / "spool" / "x.log"
    live.parent.mkdir()
    live.write_bytes(b"whole\ntor")
    with closing(Spool(tmp_path, live, 1 << 20)) as spool:
        spool.append([b"next", b"and next"])
        with pytest.raises(SpoolFullError):
            spool.append([b"x" * (1 << 20)])
    assert live.read_bytes() == b"whole\ntor\nnext\nand next\n"


@pytest.mark.slow
def test_a_sender_that_takes_all_places_keeps_out_itself_alone(tmp_path: Path) -> None:
    """Two hundred open connections of one sender; one that was quiet and one that is late are heard."""
    port = free_port()
    listens = {"name": "edge", "protocol": "syslog-tcp", "listen": f"127.0.0.1:{port}"}
    write_settings(tmp_path, [listens])

    def connect(address: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), 20, (address, 0))

    with receiving(tmp_path), ExitStack() as stack:
        quiet = stack.enter_context(connect("127.0.0.2"))
        quiet.sendall(b"<13>before\n")
        for _ in range(MOST_CONNECTIONS + 20):
            stack.enter_context(connect("127.0.0.3"))
        late = stack.enter_context(connect("127.0.0.4"))
        late.sendall(b"<13>late\n")
        quiet.sendall(b"<13>quiet\n")
        found = _wait_for(tmp_path / "spool" / "edge.log", 3)
    assert {line.removeprefix("<13>") for line in found} == {"before", "late", "quiet"}
    assert read_counts(tmp_path)["edge"]["refused"] == 22
