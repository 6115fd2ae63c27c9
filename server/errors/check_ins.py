"""Refusals about check-in."""
