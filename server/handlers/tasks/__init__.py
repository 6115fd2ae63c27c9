"""Tasks: endpoints for the volunteer, the station, the resident, and disputes."""

from server.handlers.tasks import disputes, resident, station, volunteer  # noqa: F401
