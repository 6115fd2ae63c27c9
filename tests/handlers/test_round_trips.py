"""How often a request waits for the database: a number that may only become smaller."""

import pytest

from tests.round_trips import listening
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no round trips")


async def sent_by(act) -> list[str]:
    """Do it once so that everything is prepared, then again, and return the commands of the second time."""
    await act(1)
    with listening() as sent:
        await act(2)
    return sent


async def test_own_page(town, phone_of):
    grandma = await phone_of("grandma")

    sent = await sent_by(lambda _: grandma.get("/me"))

    assert len(sent) <= 3, sent
