"""The real servers of the range: how each is laid out, started, asked whether it is up, and ended."""
