"""Time bank through HTTP: gifts and donations that are done once, and pools that anybody may read."""

import asyncio

import pytest

from server.domain import ledger
from server.models import Person, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.domain.ledger.moving import rows
from tests.factories.households import household
from tests.factories.timebank import minutes, minutes_of

NO_AMOUNTS = (0, -1, 1.5, "5", 2**63, True, None, 1_000_001)


@pytest.fixture
async def grandma(phone_of, town):
    return await phone_of("wangnainai")


@pytest.fixture
async def li(phone_of, town, grandma):
    """Return 小李 with 60 minutes, who lives with 王奶奶."""
    phone = await phone_of("xiaoli")
    await minutes(60, phone.person_id, town.stations["邻玉社工站"], NOW)
    await household(phone.person_id, grandma.person_id, now=NOW)
    return phone


async def give(phone, to, amount, key=None):
    return await phone.post("/timebank/gifts", {"person_id": to.person_id, "minutes": amount}, key=key)


async def donate(phone, station, amount, key=None):
    return await phone.post("/timebank/donations", {"station_id": station.id, "minutes": amount}, key=key)


async def test_gift_answers_the_remaining_balance(li, grandma):
    answer = await give(li, grandma, 25)

    assert answer.status_code == 201
    assert answer.json() == (await li.get("/timebank/balance")).json()
    assert answer.json() == {"minutes": 35, "held": 0, "spendable": 35, "balance_limit": 90_000}
    assert (await grandma.get("/timebank/balance")).json()["minutes"] == 25


async def test_gift_with_the_same_key_is_made_once_and_another_body_refused(li, grandma):
    first = await give(li, grandma, 25, key="one-gift-only")

    again = await give(li, grandma, 25, key="one-gift-only")
    other = await give(li, grandma, 30, key="one-gift-only")

    assert (again.status_code, again.text) == (201, first.text)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await minutes_of(grandma.person_id) == 25


async def test_same_gift_sent_at_once_is_made_once(li, grandma):
    answers = await asyncio.gather(*(give(li, grandma, 10, key="all-at-once-1") for _ in range(8)))

    assert {one.status_code for one in answers} <= {201, 503}
    assert len({one.text for one in answers if one.status_code == 201}) == 1
    assert await minutes_of(grandma.person_id) == 10


async def test_parallel_spends_of_one_balance_succeed_once(li, grandma, town):
    gifts = [give(li, grandma, 60) for _ in range(10)]
    donations = [donate(li, town.stations["邻玉社工站"], 60) for _ in range(10)]

    answers = await asyncio.gather(*gifts, *donations)

    assert [one.status_code for one in answers].count(201) == 1
    assert {one.json()["code"] for one in answers if one.status_code != 201} <= {"not_enough_minutes", "busy"}
    assert await minutes_of(li.person_id) == 0
    assert (await ledger.audit()).holds


@pytest.mark.parametrize("amount", NO_AMOUNTS)
async def test_invalid_amount_is_bad_input_and_changes_no_row(li, grandma, town, amount):
    before = await rows()

    for answer in (await give(li, grandma, amount), await donate(li, town.stations["邻玉社工站"], amount)):
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
        assert [one["field"] for one in answer.json()["details"]["fields"]] == ["body.minutes"]
    assert await rows() == before


async def test_each_refusal_has_its_code_and_changes_no_row(li, grandma, town, phone_of):
    stranger, closed = await phone_of("luren"), town.stations["团结社工室"]
    before = await rows()

    answers = {
        "gift_to_self": await give(li, li, 5),
        "not_in_household": await give(li, stranger, 5),
        "not_enough_minutes": await give(li, grandma, 61),
        "station_not_operating": await donate(li, closed, 5),
        "not_found": await donate(li, town.stations["市级服务台"], 5),
    }

    assert {code: one.json()["code"] for code, one in answers.items()} == {code: code for code in answers}
    assert await rows() == before


async def test_pool_is_public(li, town, client):
    station = town.stations["邻玉社工站"]
    await donate(li, station, 45)

    found = await client.get(f"/api/v1/timebank/pools/{station.id}")

    said = found.json()
    assert (said["station"]["name"], said["minutes"], said["held"], said["spendable"]) == ("邻玉社工站", 45, 0, 45)
    assert (await client.get("/api/v1/timebank/pools/404")).status_code == 404


async def test_staff_read_their_pools_statement_without_givers(li, town, phone_of):
    station = town.stations["邻玉社工站"]
    for amount in (5, 40):
        await donate(li, station, amount)
    worker = await phone_of("chenshegong")
    await factories.role(await Person.get(id=worker.person_id), RoleKind.SOCIAL_WORKER, NOW, station=station)

    first = (await worker.get(f"/station/timebank/pool?station={station.id}&limit=1")).json()
    rest = (await worker.get(f"/station/timebank/pool?station={station.id}&after={first['next']}")).json()

    assert first["pool"] == rest["pool"]
    assert [(one["amount"], one["balance"], one["kind_words"]) for one in first["items"] + rest["items"]] == [
        (40, 45, "收到捐赠"),
        (5, 5, "收到捐赠"),
    ]
    assert str(li.person_id) not in str(first)
