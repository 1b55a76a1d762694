"""The cases the server knows: a folder each, made by the engine, and a key of its own."""
