"""Stations: finding them, and what officers do with them."""

from server.handlers.stations import endpoints  # noqa: F401
