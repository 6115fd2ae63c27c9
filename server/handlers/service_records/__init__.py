"""Service records: one's own, and the station's."""

from server.handlers.service_records import station, volunteer  # noqa: F401
