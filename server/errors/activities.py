"""Refusals about activities."""
