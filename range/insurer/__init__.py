"""Mirai Pet, a pet insurer that does not exist: nginx and PostgreSQL."""
