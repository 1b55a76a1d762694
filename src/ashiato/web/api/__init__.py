"""The same for programs: what the console shows and does, as JSON, to whoever brings a token."""
