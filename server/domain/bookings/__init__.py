"""Bookings 报名: seats for parties, the waiting list 候补, seat offers, no-shows 爽约."""
