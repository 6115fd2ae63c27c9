"""Service records: endpoints for the volunteer and for the station."""

from server.handlers.service_records import station, volunteer  # noqa: F401
