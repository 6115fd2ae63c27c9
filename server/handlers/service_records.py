"""Paths about service records."""
