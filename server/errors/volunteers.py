"""Refusals about volunteers."""
