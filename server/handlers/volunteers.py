"""Paths about volunteers."""
