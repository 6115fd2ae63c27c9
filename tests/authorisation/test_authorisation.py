"""Every persona calls every operation; the table says who may. `--all` does it on both sides of the city."""

from collections.abc import Iterator

import httpx
import pytest

from tests.authorisation.requests import OPERATIONS, status_for
from tests.authorisation.row import PERSONAS, Row
from tests.authorisation.table import TABLE
from tests.scale import FULL
from tests.sides import Side, two_sides


def test_every_operation_has_a_row():
    assert set(TABLE) == set(OPERATIONS)


SIDES = {"江阳区": 0, "龙马潭区": 1} if FULL else {"江阳区": 0}


@pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)
async def test_every_persona_gets_the_status_of_the_table(client: httpx.AsyncClient, clock, side: int):
    city = (await two_sides(clock.now()))[side]
    wrong = []
    for operation, row in TABLE.items():
        statuses = await _statuses(client, operation, row, city)
        wrong += [
            f"{operation} by {persona}: {statuses[persona]}, not {expected}"
            for persona, expected in row.statuses.items()
            if statuses[persona] != expected
        ]
        city.city.now = clock.forward(minutes=2)  # no rate limit is reached

    assert not wrong, "\n" + "\n".join(wrong)


async def _statuses(client: httpx.AsyncClient, operation: str, row: Row, side: Side) -> dict[str, int]:
    """Return the status for each persona. After a change the subject is created again for the next persona."""
    statuses, given = {}, await row.given(side)
    for persona in _refused_personas_first(row):
        statuses[persona] = status = await status_for(client, operation, given, side, persona)
        if httpx.codes.is_success(status) and not operation.startswith("GET "):
            given = await row.given(side)
    return statuses


def _refused_personas_first(row: Row) -> Iterator[str]:
    yield from sorted(PERSONAS, key=lambda persona: httpx.codes.is_success(row.statuses[persona]))
