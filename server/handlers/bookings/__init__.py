"""Bookings 报名 and seat offers, for residents and for the station."""

from server.handlers.bookings import no_shows, offers, resident, station  # noqa: F401
