"""Volunteers: the volunteer's own side, the station's side, appeals against bans, and teams."""

from server.handlers.volunteers import ban_appeals, volunteer, station, teams  # noqa: F401
