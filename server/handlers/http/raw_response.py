"""Answers that are not JSON."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RawResponse:
    """Something a browser or a picture viewer shows."""

    content: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
