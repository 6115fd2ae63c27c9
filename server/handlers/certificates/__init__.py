"""Paths about certificates."""

from server.handlers.certificates import volunteer, public  # noqa: F401 - declares their paths
