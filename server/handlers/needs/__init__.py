"""Needs: endpoints for residents and staff, decisions on extensions and appeals, and slips."""

from server.handlers.needs import decisions, look_ups, resident, slips, station  # noqa: F401
