"""Paths about supermarket."""
