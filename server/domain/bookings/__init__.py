"""Bookings 报名: seats for parties, the waiting list 候补, offers, no-shows 爽约."""
