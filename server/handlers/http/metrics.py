"""Prometheus metrics: requests and their duration by declared path, without personal data."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("requests_total", "Requests answered", ["method", "path", "status"])
SECONDS = Histogram("request_seconds", "Seconds from reading to answering", ["method", "path"])


def observe(method: str, path: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, path, str(status)).inc()
    SECONDS.labels(method, path).observe(seconds)
