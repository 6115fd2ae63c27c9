"""Paths about certificates."""
