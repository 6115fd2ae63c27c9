"""Paths about points."""
