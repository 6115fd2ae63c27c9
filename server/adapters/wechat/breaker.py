"""Stops asking somebody who does not answer, and tries again now and then."""

from collections.abc import Callable

from server.errors.wechat import WeChatUnavailable

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 15.0


class Breaker:
    """Refuses at once for 15 seconds after five failures in a row, then lets a single probe through."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def admit(self) -> None:
        """Let the caller through, who then owes one `note`, or raise WeChatUnavailable."""
        if self._opened_at is None:
            return
        if self._probing or self._monotonic() - self._opened_at < OPEN_SECONDS:
            raise WeChatUnavailable
        self._probing = True

    def note(self, *, answered: bool) -> None:
        """Say how an admitted call ended."""
        self._probing = False
        if answered:
            self._failures, self._opened_at = 0, None
            return
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            self._opened_at = self._monotonic()
