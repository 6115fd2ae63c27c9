"""The number of repetitions in a test: few for every change, many with `./scripts/test --all`."""

import os

import pytest

FULL = os.environ.get("TEST_ALL") == "1"
full_only = pytest.mark.skipif(not FULL, reason="a long form: ./scripts/test --all")


def scaled(usual: int, *, full: int) -> int:
    """Return how often to try something: a few times, or with `--all` often enough to find rare failures."""
    return full if FULL else usual
