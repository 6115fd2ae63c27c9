"""People of the tests and their phones."""

import hashlib
import uuid
from typing import Any, Self

import httpx


def idempotency_key(name: str | None = None) -> str:
    """Return a key as a phone makes it: the same one for each name, and a new one without a name."""
    return hashlib.sha256((name or uuid.uuid4().hex).encode()).hexdigest()[:32]


class Phone:
    """A phone of a signed-in person: requests carry the token, and a new Idempotency-Key unless a key is given."""

    def __init__(self, client: httpx.AsyncClient, token: str, person_id: int) -> None:
        self.client = client
        self.token = token
        self.person_id = person_id

    @classmethod
    async def sign_in(cls, client: httpx.AsyncClient, nickname: str) -> Self:
        answer = await client.post("/api/v1/session", json={"code": f"dev-{nickname}"})
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json()["token"], answer.json()["person_id"])

    async def call(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": idempotency_key(key)}
        return await self.client.request(method, f"/api/v1{path}", headers=headers | more.pop("headers", {}), **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", path, json={} if json is None else json, **more)

    async def put(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.call("PUT", path, json={} if json is None else json, **more)

    async def change(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.post(f"{path}/changes", json, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("DELETE", path, **more)
