"""Prometheus metrics: requests and their duration by declared path, without personal data."""

from functools import cache

from prometheus_client import Counter, Histogram

REQUESTS = Counter("requests_total", "Requests answered", ["method", "path", "status"])
SECONDS = Histogram("request_seconds", "Seconds from reading to answering", ["method", "path"])


def observe(method: str, path: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests(method, path, status).inc()
    _seconds(method, path).observe(seconds)


# The declared paths and their statuses are few; finding a metric by its labels takes longer than counting.
@cache
def _requests(method: str, path: str, status: int) -> Counter:
    return REQUESTS.labels(method, path, str(status))


@cache
def _seconds(method: str, path: str) -> Histogram:
    return SECONDS.labels(method, path)
