"""Paths about households."""
