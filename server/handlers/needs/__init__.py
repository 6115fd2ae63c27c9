"""Needs: the resident's side, the station's side, decisions, and slips."""

from server.handlers.needs import decisions, resident, slips, station  # noqa: F401
