"""One reader per kind of file: bytes in, cells out, each with its place."""
