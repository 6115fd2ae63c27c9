"""Requests of a phone, sent over a connection of its own or inside this process."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from scripts.benchmarks.hall import API
from scripts.benchmarks.phones import OK, Phone, request


@dataclass(frozen=True)
class Ask:
    """One request; `path` below the API, `sender` the address it comes from where nobody is signed in."""

    path: str
    token: str = ""
    key: str = ""
    body: Any = None
    method: str = "GET"
    sender: str = ""

    @property
    def as_bytes(self) -> bytes:
        return request(f"{API}{self.path}", self.token, self.key, self.body, method=self.method, sender=self.sender)


Answer = dict[str, Any]
Send = Callable[[Ask], Awaitable[Answer]]


def post(path: str, token: str, name: str, body: Any) -> Ask:
    """Return a POST. Its name gives its Idempotency-Key, always the same; without a name it has none."""
    return Ask(path, token, hashlib.sha256(name.encode()).hexdigest()[:32] if name else "", body, method="POST")


def by_phone(phone: Phone, *, patient: bool = True) -> Send:
    """Ask over the phone's connection; who is patient asks again while the server is busy."""

    async def send(ask: Ask) -> Answer:
        await phone.ask(ask.as_bytes, patient=patient)
        assert phone.status in OK, (ask, phone.status, phone.body)
        return phone.body

    return send


def within(client: httpx.AsyncClient) -> Send:
    """Ask through the client; one over ASGI asks an application in this process."""

    async def send(ask: Ask) -> Answer:
        given = {"Authorization": f"Bearer {ask.token}", "Idempotency-Key": ask.key, "X-Forwarded-For": ask.sender}
        headers = {name: value for name, value in given.items() if value not in {"", "Bearer "}}
        answer = await client.request(ask.method, f"{API}{ask.path}", json=ask.body, headers=headers)
        assert answer.is_success, (ask, answer.text)
        found: Answer = answer.json()
        return found

    return send
