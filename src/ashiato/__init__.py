"""Ashiato: after a break-in, whose records were reached, how surely, and what proves it."""

from importlib.metadata import version

__version__ = version("ashiato")
