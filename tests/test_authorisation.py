"""Every path is asked by everybody: who may do what is as the table says. `--all` asks on both sides of the city."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.handlers.http.openapi import document
from server.handlers.http.openapi.operations import PREFIX
from tests.authorisation import TABLE
from tests.given import Given
from tests.row import PERSONAS, Row
from tests.scale import FULL
from tests.world import Side, sign_in, two_sides

DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix(PREFIX)}": said
    for path, methods in DOCUMENT["paths"].items()
    for method, said in methods.items()
}


def test_every_path_has_a_row_and_every_row_a_path():
    assert set(TABLE) == set(OPERATIONS)


SIDES = {"江阳区": 0, "龙马潭区": 1} if FULL else {"江阳区": 0}


@pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)
async def test_everybody_may_do_what_the_table_says_and_nothing_else(client: httpx.AsyncClient, clock, side: int):
    city = (await two_sides(clock.now()))[side]
    wrong = []
    for operation, row in TABLE.items():
        answered = await _answers(client, operation, row, city)
        wrong += [
            f"{operation} by {persona}: {answered[persona]}, not {expected}"
            for persona, expected in row.statuses.items()
            if answered[persona] != expected
        ]
        city.city.now = clock.forward(minutes=2)  # nobody is held up for asking too often

    assert not wrong, "\n" + "\n".join(wrong)


async def _answers(client: httpx.AsyncClient, operation: str, row: Row, side: Side) -> dict[str, int]:
    """Return everybody's answer. A refusal and a GET change nothing, so that the next person is asked about the same."""
    answers, given = {}, await row.given(side)
    for persona in _refused_first(row):
        answers[persona] = status = await asked(client, operation, given, side, persona)
        if httpx.codes.is_success(status) and not operation.startswith("GET "):
            given = await row.given(side)
    return answers


def _refused_first(row: Row) -> Iterator[str]:
    yield from sorted(PERSONAS, key=lambda persona: httpx.codes.is_success(row.statuses[persona]))


async def asked(client: httpx.AsyncClient, operation: str, given: Given, side: Side, persona: str) -> int:
    """Return the status of the persona's answer."""
    method, path = operation.split()
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    if persona != "nobody":
        # Some requests sign their caller out: each has a session of its own.
        headers["Authorization"] = f"Bearer {await sign_in(side.people[persona], side.now)}"
    sent = {"json": body_of(operation, given, side)} if given.files is None else {"files": given.files}
    url = PREFIX + path.format(**given.path)
    answer = await client.request(method, url, params=given.query, headers=headers, **sent)
    return answer.status_code


def body_of(operation: str, given: Given, side: Side) -> Any:
    """The example of the contract, with ids of this side of the city."""
    content = OPERATIONS[operation].get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shape = DOCUMENT["components"]["schemas"][name]
    here = {
        "area_id": side.community.id,
        "station_id": side.other_station.id,
        "worker_id": side.people["worker"],
    }
    example = shape.get("examples", [{}])[0]
    return (
        example
        | {key: value for key, value in here.items() if key in example}
        | {key: value for key, value in given.body.items() if key in shape["properties"]}
    )
