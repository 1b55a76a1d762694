"""Who asked, when the operator's own proxies stand in front: the last address they were not themselves."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.parser import Columns

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """The addresses and networks of the operator's own proxies."""

    def __init__(self, written: Sequence[str] = ()) -> None:
        """``written`` as the data map has them; what is no address or network is passed over."""
        self._networks = [network for text in written if (network := _network_of(text))]
        self._known: dict[str, bool] = {}

    def resolve(self, columns: Columns, forwarded: pa.Array) -> None:
        """Where a proxy asked, put the address it names in X-Forwarded-For in place of its own."""
        asked = columns.get("src_endpoint_ip")
        if asked is None or not self._networks:
            return
        pairs = zip(asked.to_pylist(), forwarded.to_pylist(), strict=True)
        clients = [self.client_of(address, header) for address, header in pairs]
        columns["src_endpoint_ip"] = pc.coalesce(pa.array(clients, pa.string()), asked)

    def clients_of(self, hops: pa.Array) -> pa.Array:
        """Of each list of addresses the last that is neither a proxy's nor private; else the last."""
        coded = hops.dictionary_encode()
        clients = [self._client_in(text.split(",")) for text in coded.dictionary.to_pylist()]
        return pa.array(clients, pa.string()).take(coded.indices)

    def _client_in(self, hops: Sequence[str]) -> str:
        addresses = [hop.strip().strip("[]") for hop in hops]
        public = [each for each in addresses if not self._is_proxy(each) and not _is_private(each)]
        return (public or addresses)[-1]

    def client_of(self, address: str | None, header: str | None) -> str | None:
        """The right-most address in the header that is no proxy's; None when the asker is no proxy."""
        if not address or not header or not self._is_proxy(address):
            return None
        hops = [hop.strip().strip("[]") for hop in header.split(",")]
        client = next((hop for hop in reversed(hops) if not self._is_proxy(hop)), None)
        return client if client and _network_of(client) else None

    def _is_proxy(self, address: str) -> bool:
        if address not in self._known:
            asked = _network_of(address)
            self._known[address] = asked is not None and _any_holds(self._networks, asked)
        return self._known[address]


def _network_of(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _is_private(text: str) -> bool:
    network = _network_of(text)
    return network is None or network.is_private


def _any_holds(wholes: Sequence[Network], part: Network) -> bool:
    return any(
        whole.version == part.version and whole.supernet_of(part)  # type: ignore[arg-type]
        for whole in wholes
    )


NO_PROXIES = Proxies()
