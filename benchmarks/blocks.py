"""How long 20,000 addresses take to be blocked in the kernel's filter, in one transaction and one by one.

``python -m benchmarks.blocks [how many]``: in a network namespace of its own, so that nobody is blocked. One
by one is measured on 200 of them, by the command that an administrator would type, and told for all.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from ashiato.outside.controls import deeds
from ashiato.outside.controls.nftables import Nftables
from ashiato.outside.controls.targets import Target, checked_target

_MANY = 20_000
_FEW = 200


@contextmanager
def _namespace() -> Iterator[str]:
    name = f"ash-b-{secrets.token_hex(4)}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


def _one_by_one(netns: str, addresses: list[str]) -> float:
    """Return the seconds that as many commands take, each for one address."""
    nft = ["ip", "netns", "exec", netns, "nft"]
    subprocess.run(
        [*nft, "add table inet plain; add set inet plain denied { type ipv4_addr; flags timeout; }"],
        check=True,
    )
    begun = time.perf_counter()
    for address in addresses:
        subprocess.run([*nft, f"add element inet plain denied {{ {address} timeout 1h }}"], check=True)
    return time.perf_counter() - begun


def main(many: int) -> None:
    """Print seconds for all of it, and the ratio."""
    if os.geteuid() != 0:
        print("blocks: network namespaces need root")
        return
    addresses = [str(ip_address("10.0.0.0") + number) for number in range(1, many + 1)]
    targets: list[Target] = [checked_target("bench", "address", address) for address in addresses]
    with _namespace() as netns:
        control, now = Nftables(netns=netns), datetime.fromtimestamp(time.time(), UTC)
        changes = deeds.dry_run(control, targets, now + timedelta(hours=1))
        begun = time.perf_counter()
        control.put([(each.target, each.after) for each in changes], now)
        put = time.perf_counter() - begun
        found = {each.standing for each in deeds.observe(control, changes)}
        read_back = time.perf_counter() - begun
        tried = {each.is_blocked for each in deeds.verify(control, changes)}
        proven = time.perf_counter() - begun
        single = _one_by_one(netns, addresses[:_FEW]) / _FEW * many
    print(f"{many:,} addresses in one transaction: {put:.2f} s (goal under 1)")
    print(f"and read back ({', '.join(found)}): {read_back:.2f} s")
    print(f"each tried from its own side ({tried}): {proven:.2f} s")
    print(f"one by one: {single:.1f} s (from {_FEW}); {single / put:.0f} times as long")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _MANY)
