"""A circuit breaker for calls to WeChat."""

from collections.abc import Callable

from server.errors.wechat import WeChatUnavailable

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 15.0


class Breaker:
    """A circuit breaker: after five failures in a row it refuses calls for 15 seconds, then admits one probe."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def admit(self) -> None:
        """Admit the call, which must end with one `note`, or raise `WeChatUnavailable`."""
        if self._opened_at is None:
            return
        if self._probing or self._monotonic() - self._opened_at < OPEN_SECONDS:
            raise WeChatUnavailable
        self._probing = True

    def note(self, *, answered: bool) -> None:
        """Record how an admitted call ended."""
        self._probing = False
        if answered:
            self._failures, self._opened_at = 0, None
            return
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            self._opened_at = self._monotonic()
