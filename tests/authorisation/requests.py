"""Requests of every operation, with the examples of the contract as bodies."""

import uuid
from typing import Any

import httpx

from server.handlers.http.openapi import document
from server.handlers.http.openapi.operations import PREFIX
from tests.authorisation.given import Given
from tests.sides import Side, sign_in

DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix(PREFIX)}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


async def status_for(client: httpx.AsyncClient, operation: str, given: Given, side: Side, persona: str) -> int:
    """Send the persona's request for the operation and return the status of the reply."""
    return (await reply_for(client, operation, given, side, persona)).status_code


async def reply_for(
    client: httpx.AsyncClient, operation: str, given: Given, side: Side, persona: str, *, key: str = ""
) -> httpx.Response:
    """Send the persona's request for the operation with a new key or this one, and return the reply."""
    method, path = operation.split()
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    if persona != "nobody":
        # Some requests sign the caller out: each gets its own session.
        headers["Authorization"] = f"Bearer {await sign_in(side.people[persona], side.now)}"
    content = {"json": example_body(operation, given, side)} if given.files is None else {"files": given.files}
    url = PREFIX + path.format(**given.path)
    return await client.request(method, url, params=given.query, headers=headers, **content)


def example_body(operation: str, given: Given, side: Side) -> Any:
    """Return the contract's example of a body, with ids of this side of the city."""
    content = OPERATIONS[operation].get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shape = DOCUMENT["components"]["schemas"][name]
    ids = {
        "area_id": side.community.id,
        "station_id": side.other_station.id,
        "worker_id": side.people["worker"],
    }
    example = shape.get("examples", [{}])[0]
    return (
        example
        | {key: value for key, value in ids.items() if key in example}
        | {key: value for key, value in given.body.items() if key in shape["properties"]}
    )
