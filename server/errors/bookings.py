"""Refusals about bookings."""
