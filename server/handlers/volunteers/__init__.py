"""Volunteers: the volunteer's own side, the station's side, appeals against bans, and teams."""

from server.handlers.volunteers import ban_appeals, station, teams, volunteer  # noqa: F401
