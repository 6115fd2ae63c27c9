"""Paths about certificates."""

from server.handlers.certificates import own, verifying  # noqa: F401 - declares their paths
