"""Photos: uploading, and looking at them by links that expire."""

from server.handlers.photos import upload, view  # noqa: F401
