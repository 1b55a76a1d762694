"""Groups things that share something into sets, and remembers what joined them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Member = TypeVar("Member", bound=Hashable)


@dataclass
class Groups(Generic[Member]):
    """Disjoint sets that only ever grow together."""

    _parents: dict[Member, Member] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Make the member a set of its own, unless it is in one."""
        self._parents.setdefault(member, member)

    def join(self, one: Member, other: Member) -> bool:
        """Put two members into one set; tells whether they were apart."""
        roots = self.root_of(one), self.root_of(other)
        self._parents[roots[1]] = roots[0]
        return roots[0] != roots[1]

    def root_of(self, member: Member) -> Member:
        """Return the member that stands for the set."""
        self.add(member)
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def join_sharing(self, pairs: Iterable[tuple[Hashable, Member]]) -> None:
        """Join all members that stand beside the same key."""
        first: dict[Hashable, Member] = {}
        for key, member in pairs:
            self.add(member)
            self.join(first.setdefault(key, member), member)
