"""The names of one system over time: what stands behind each of them at a moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ashiato.engine.exposures.hidden.definitions import Definition, Dropped, Function, Source, Table

#: A name filled oftener than this is not followed query by query.
MOST_SOURCES = 500


@dataclass
class Book:
    """``sources``: by name; ``plain``: tables known to be tables of their own, with their columns."""

    sources: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    plain: dict[str, tuple[str, ...]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    version: int = 0

    def note(self, definition: Definition) -> None:
        """Enter one definition."""
        self.version += 1
        if isinstance(definition, Function):
            self.functions[definition.name] = definition
        elif isinstance(definition, Table):
            self.plain[definition.name] = definition.columns
        elif isinstance(definition, Dropped):
            self._drop(definition)
        else:
            self._fill(definition)

    def _fill(self, source: Source) -> None:
        if not source.adds:
            self.sources[source.name] = (source,)
            return
        columns = source.columns or self.plain.get(source.name, ())
        held = self.sources.get(source.name, ())
        made = replace(source, columns=columns)
        if made not in held and len(held) <= MOST_SOURCES:
            self.sources[source.name] = (*held, made)

    def _drop(self, dropped: Dropped) -> None:
        held, plain = self.sources.pop(dropped.name, None), self.plain.pop(dropped.name, None)
        if dropped.into is not None and held is not None:
            self.sources[dropped.into] = held
        if dropped.into is not None and plain is not None:
            self.plain[dropped.into] = plain
