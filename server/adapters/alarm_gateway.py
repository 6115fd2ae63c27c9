"""The gateway that reaches a duty phone: the city's SMS or call service, spoken to by one JSON POST."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import httpx

CALL_SECONDS = 5.0


class AlarmFailed(Exception):  # noqa: N818 - it says what happened
    """The gateway did not accept the alarm. The job runner retries."""


class Alarms(Protocol):
    async def sound(self, *, key: str, kind: str, text: str, phones: Sequence[str]) -> None:
        """Send one alarm to the gateway, which calls or texts the phones and may drop repeats by `key`."""

    async def close(self) -> None: ...


class AlarmGateway:
    """Alarms over HTTP. Raises `AlarmFailed` without a URL or a phone, so that an alarm is never lost silently."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(CALL_SECONDS), trust_env=False)

    async def sound(self, *, key: str, kind: str, text: str, phones: Sequence[str]) -> None:
        if not self._url:
            raise AlarmFailed("ALARM_URL is not set")
        if not phones:
            raise AlarmFailed("no phone number is known")
        alarm = {"key": key, "kind": kind, "text": text, "phones": list(phones)}
        try:
            # httpx limits each read, and a gateway may send byte by byte.
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self._client.post(self._url, json=alarm, headers={"Idempotency-Key": key})
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise AlarmFailed(type(error).__name__) from None
        if not answer.is_success:
            raise AlarmFailed(f"the gateway answered {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()
