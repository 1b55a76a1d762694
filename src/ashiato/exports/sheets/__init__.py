"""One file per CSV the export writes; each is a ``Sheet``: name, columns, query."""
