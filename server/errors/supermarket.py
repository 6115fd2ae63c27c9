"""Refusals about supermarket."""
