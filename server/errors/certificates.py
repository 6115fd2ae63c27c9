"""Refusals about certificates."""
