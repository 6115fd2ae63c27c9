"""Bookings 报名 and offers: of one's own and one's household, and as the station sees them."""

from server.handlers.bookings import no_shows, offers, resident, station  # noqa: F401
