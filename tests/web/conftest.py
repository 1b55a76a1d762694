"""Every test of the server has it started before its file is read."""

from tests.rooms import server

server.home()
