"""Needs: endpoints for residents and staff, decisions on extensions and appeals, and slips."""

from server.handlers.needs import decisions, resident, slips, station  # noqa: F401
