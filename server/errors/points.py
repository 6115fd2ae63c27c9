"""Refusals about points."""
