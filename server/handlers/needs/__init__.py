"""Needs: endpoints for residents and staff, decisions on extensions and appeals, and slips."""

from server.handlers.needs import decisions, look_ups, on_word, resident, slips, station  # noqa: F401
