"""Photos: uploading, and looking at them by links that expire."""

from server.handlers.photos import view, upload  # noqa: F401
