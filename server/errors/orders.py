"""Refusals about orders."""
