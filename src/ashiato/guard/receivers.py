"""What ``guard.yaml`` says of receivers: where lines come in over the network, and who may send them."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ashiato.terms.errors import GuardError
from ashiato.terms.errors import Place as ErrorPlace
from ashiato.written.parsing import Written
from ashiato.written.problems import Problem

SPOOL = "spool"
_MIB = 1 << 20
_USUAL_MIB = 1024
FEWEST_TOKEN = 24
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Protocol(StrEnum):
    """How lines are sent."""

    SYSLOG_UDP = "syslog-udp"
    SYSLOG_TCP = "syslog-tcp"
    SYSLOG_TLS = "syslog-tls"
    HTTP = "http"
    HTTPS = "https"


_SECURED = (Protocol.SYSLOG_TLS, Protocol.HTTPS)
_SPOKEN_BY_HTTP = (Protocol.HTTP, Protocol.HTTPS)


@dataclass(frozen=True)
class Receiver:
    """One place where lines come in; ``most_bytes`` is what its files may take on the disk."""

    name: str
    protocol: Protocol
    host: str
    port: int
    senders: tuple[Network, ...]
    certificate: Path | None
    key: Path | None
    clients_by: Path | None
    token_file: Path | None
    line_in: str | None
    most_bytes: int

    def spool(self, folder: Path) -> Path:
        """Return the file that its lines are written to, in the guard's folder."""
        return folder / SPOOL / f"{self.name}.log"

    def may_send(self, address: str) -> bool:
        """Tell whether an address may send; without a list, every one that can reach it."""
        if not self.senders:
            return True
        found = ipaddress.ip_address(address.partition("%")[0])
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in network for network in self.senders)


def receiver_of(fields: Mapping[str, Any], folder: Path) -> Receiver:
    """Return the receiver of its fields, of which nothing is wrong; paths are from the folder."""
    host, _, port = fields["listen"].rpartition(":")
    files = {
        name: folder / fields[name] if name in fields else None
        for name in ("certificate", "key", "clients_by", "token_file")
    }
    return Receiver(
        name=fields["name"],
        protocol=Protocol(fields["protocol"]),
        host=host.strip("[]"),
        port=int(port),
        senders=tuple(ipaddress.ip_network(text) for text in fields.get("senders", ())),
        line_in=fields.get("line_in"),
        most_bytes=fields.get("most_mib", _USUAL_MIB) * _MIB,
        **files,
    )


def check_receivers(written: Written) -> list[Problem]:
    """Return what is wrong with the receivers of ``guard.yaml``, above all those open to anybody."""
    problems: list[Problem] = []
    names: set[str] = set()
    for number, fields in enumerate(written.value.get("receivers", ())):
        said = _fault(fields, names)
        names.add(fields["name"])
        if said:
            problems.append(written.problem(("receivers", number, said[0]), said[1], said[2]))
    return problems


def _fault(fields: Mapping[str, Any], names: set[str]) -> tuple[str, str, str] | None:
    """What is wrong with one receiver: which field, what, and what to write instead."""
    if fields["name"] in names:
        return "name", "another receiver has this name.", "give each a name of its own."
    try:
        is_inside = ipaddress.ip_address(fields["listen"].rpartition(":")[0].strip("[]")).is_loopback
    except ValueError:
        return "listen", "this is no address and port.", "write one such as `127.0.0.1:6514` or `[::1]:6514`."
    for text in fields.get("senders", ()):
        try:
            ipaddress.ip_network(text)
        except ValueError:
            return "senders", f"`{text}` is no network.", "write one such as `192.0.2.0/24`."
    protocol = Protocol(fields["protocol"])
    return _mismatch(fields, protocol) or (None if is_inside else _openness(fields, protocol))


def _mismatch(fields: Mapping[str, Any], protocol: Protocol) -> tuple[str, str, str] | None:
    """What does not go with a receiver's protocol."""
    if (protocol in _SECURED) != ("certificate" in fields and "key" in fields):
        fix = "give both, or the protocol without TLS." if protocol in _SECURED else "leave both out."
        return "protocol", "`certificate` and `key` go with TLS, and TLS with them.", fix
    if "clients_by" in fields and protocol not in _SECURED:
        return "clients_by", "only TLS knows certificates of clients.", "choose syslog-tls or https."
    if ("token_file" in fields or "line_in" in fields) and protocol not in _SPOKEN_BY_HTTP:
        return "protocol", "`token_file` and `line_in` go with http and https.", "leave them out."
    return None


def _openness(fields: Mapping[str, Any], protocol: Protocol) -> tuple[str, str, str] | None:
    """Why a receiver that others can reach must not be opened so, if there is a reason."""
    if protocol is Protocol.HTTP:
        return (
            "listen",
            "plain HTTP beyond this machine shows the token.",
            "choose https, or listen on loopback.",
        )
    if protocol is Protocol.HTTPS and not fields.keys() & {"token_file", "clients_by"}:
        return "listen", "anybody could write here.", "add `token_file` or `clients_by`."
    if protocol not in _SPOKEN_BY_HTTP and not fields.keys() & {"senders", "clients_by"}:
        return "listen", "anybody could write here.", "name the networks of the `senders`."
    return None


def read_token(path: Path) -> bytes:
    """Return the token of a file.

    Raises: GuardError: it cannot be read, others may read it, or it is too short to be safe.
    """
    fix = f"write at least {FEWEST_TOKEN} random characters, `chmod 600`."
    try:
        mode, token = path.stat().st_mode, path.read_bytes().strip()
    except OSError as error:
        what = f"the token cannot be read: {error.strerror or error}."
        raise GuardError(what, where=ErrorPlace(str(path)), fix=fix) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise GuardError("others may read the token.", where=ErrorPlace(str(path)), fix=fix)
    if len(token) < FEWEST_TOKEN or not token.isascii() or not token.decode().isprintable():
        raise GuardError("the token is too short, or no text.", where=ErrorPlace(str(path)), fix=fix)
    return token
