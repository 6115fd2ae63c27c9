"""Refusals about service records."""
