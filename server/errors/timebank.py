"""Refusals about timebank."""
