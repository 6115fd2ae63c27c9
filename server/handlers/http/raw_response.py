"""Replies that are not JSON."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RawResponse:
    """Content that a browser or an image viewer shows, with its content type."""

    content: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
