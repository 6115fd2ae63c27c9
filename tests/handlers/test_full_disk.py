"""A full disk: changes are refused for now, and reading continues."""

import pytest
from tortoise.exceptions import OperationalError

from server.database import db
from server.domain import sessions
from server.models import Session
from tests import factories
from tests.services import chosen_database

NEED = {"category": "elder_care", "text": "家里漏水" * 200, "contact_name": "王秀英", "contact_phone": "13812345678"}
on_mariadb = pytest.mark.skipif(chosen_database() != "mariadb", reason="the words of MariaDB")
on_sqlite = pytest.mark.skipif(chosen_database() != "sqlite", reason="the words of SQLite")


@pytest.fixture
async def grandma(phone_of, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


@pytest.fixture
async def saying():
    """Make MariaDB answer a change of a `session` row with an error code."""

    async def say(code: int) -> None:
        await db.connection().execute_script(
            "CREATE OR REPLACE TRIGGER no_room BEFORE UPDATE ON session FOR EACH ROW"
            f" SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = 'replaced'"
        )

    yield say
    await db.connection().execute_script("DROP TRIGGER IF EXISTS no_room")


@on_mariadb
@pytest.mark.parametrize("code", [3, 1021, 1114])
async def test_full_disk_allows_reading_and_refuses_changes(grandma, clock, saying, code):
    clock.forward(hours=2)
    await saying(code)

    assert (await grandma.get("/me")).status_code == 200
    refused = await grandma.delete("/session")

    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert await Session.filter(person_id=grandma.person_id, revoked_at=None).exists()


@on_mariadb
async def test_other_database_errors_of_a_session_are_reported(grandma, clock, settings, saying):
    [row] = await Session.filter(person_id=grandma.person_id)
    await saying(1644)

    with pytest.raises(OperationalError):
        await sessions.of_token(row.token_hash, now=clock.forward(hours=2), kept=row.expires_at - row.created_at)


@on_sqlite
async def test_need_on_a_full_disk_leaves_no_row(grandma):
    assert (await grandma.post("/needs", NEED)).status_code == 201
    [_, [size]] = await db.connection().execute_query("PRAGMA page_count")
    await db.connection().execute_script(f"PRAGMA max_page_count = {size['page_count']}")
    try:
        answers = [await grandma.post("/needs", NEED) for _ in range(15)]
    finally:
        await db.connection().execute_script("PRAGMA max_page_count = 1073741823")

    assert {answer.status_code for answer in answers} <= {201, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.json()["code"] for answer in refused} == {"busy"}, "it found room"
    filed = (await grandma.get("/needs")).json()["items"]
    assert len(filed) == 1 + len(answers) - len(refused)
