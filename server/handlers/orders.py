"""Paths about orders."""
