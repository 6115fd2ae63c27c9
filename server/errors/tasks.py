"""Refusals about tasks."""
