"""Tasks: the volunteer's side, the station's side, the resident's side, and disputes."""

from server.handlers.tasks import disputes, resident, station, volunteer  # noqa: F401
