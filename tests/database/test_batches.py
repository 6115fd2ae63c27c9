"""Statements that travel together: one round trip, the rows of the last one, and none after one that fails."""

import pytest
from tortoise.exceptions import IntegrityError

from server.database import db, rows
from server.models import Person
from tests.conftest import NOW
from tests.round_trips import listening
from tests.services import chosen_database


def inserted(**columns):
    return rows.insert_statement([Person(**{"created_at": NOW} | columns)])


COUNT = db.statement("SELECT COUNT(*) people FROM person WHERE name = ?", "一; 二%s?")


async def test_last_statement_gives_its_rows_in_one_trip(database):
    @db.transaction
    async def verb():
        return await db.execute_together([inserted(name="一; 二%s?"), inserted(name="三"), COUNT])

    with listening() as sent:
        [row] = await verb()

    assert row["people"] == 1
    assert await Person.all().count() == 2
    assert len(sent) == (2 if chosen_database() == "mariadb" else 0)


async def test_statement_that_fails_is_the_last_one(database):
    @db.transaction
    async def verb():
        with pytest.raises(IntegrityError) as error:
            await db.execute_together([inserted(openid="o-1"), inserted(openid="o-1"), inserted(name="三")])
        assert db.duplicate(error.value)
        _, [row] = await db.execute("SELECT COUNT(*) people FROM person")
        return row["people"]

    assert await verb() == 1


async def test_statements_outside_a_transaction_are_a_mistake(database):
    with pytest.raises(AssertionError, match="inside a transaction"):
        await db.execute_together([COUNT])
