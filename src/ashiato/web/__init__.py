"""The server as one operator runs it: its data folder, its configuration file, Django's settings."""
