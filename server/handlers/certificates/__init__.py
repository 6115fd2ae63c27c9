"""Certificates: of the caller, and verified by anybody."""

from server.handlers.certificates import public, volunteer  # noqa: F401 - declares their paths
