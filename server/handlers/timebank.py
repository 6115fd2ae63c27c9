"""Paths about timebank."""
