"""Minato Agency, an insurance agency that does not exist: nginx and MariaDB."""
