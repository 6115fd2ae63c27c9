"""Paths about tasks."""
