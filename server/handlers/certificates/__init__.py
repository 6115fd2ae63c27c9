"""Paths about certificates."""

from server.handlers.certificates import public, volunteer  # noqa: F401 - declares their paths
