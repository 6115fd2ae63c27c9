"""Volunteers: endpoints for the volunteer, the station, appeals against bans, and teams."""

from server.handlers.volunteers import ban_appeals, station, teams, volunteer  # noqa: F401
