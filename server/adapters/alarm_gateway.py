"""The gateway that reaches a duty phone: the city's SMS or call service, spoken to by one JSON POST."""

from collections.abc import Sequence
from typing import Protocol

import httpx


class AlarmFailed(Exception):  # noqa: N818 - it says what happened
    """The gateway did not take the alarm; the worker tries again."""


class Alarms(Protocol):
    async def sound(self, *, key: str, kind: str, text: str, phones: Sequence[str]) -> None:
        """Hand one alarm to the gateway, which calls or texts the phones; `key` lets it drop repeats."""

    async def close(self) -> None: ...


class AlarmGateway:
    """Alarms over HTTP; without a URL or a phone it raises: an alarm nobody hears is never thought sent."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(5.0), trust_env=False)

    async def sound(self, *, key: str, kind: str, text: str, phones: Sequence[str]) -> None:
        if not self._url:
            raise AlarmFailed("ALARM_URL is not set")
        if not phones:
            raise AlarmFailed("nobody's phone is known")
        alarm = {"key": key, "kind": kind, "text": text, "phones": list(phones)}
        try:
            answer = await self._client.post(self._url, json=alarm, headers={"Idempotency-Key": key})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AlarmFailed(type(error).__name__) from None
        if not answer.is_success:
            raise AlarmFailed(f"the gateway answered {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()
