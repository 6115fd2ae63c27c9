"""Stations: find them, and change them as an officer."""

from server.handlers.stations import endpoints  # noqa: F401
