"""Refusals about households."""
