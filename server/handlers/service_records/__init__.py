"""Service records: one's own, and the station's."""

from server.handlers.service_records import volunteer, station  # noqa: F401
