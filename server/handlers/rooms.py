"""Rooms of a station and when they are taken."""
