"""Photos: upload them, and show them by links that expire."""

from server.handlers.photos import upload, view  # noqa: F401
