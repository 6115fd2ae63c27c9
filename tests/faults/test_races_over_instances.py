"""Races through HTTP over two instances on one MariaDB: exactly one of each wins, and the audit holds."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.database import db
from server.domain import households, ledger, policies, staff
from server.domain.ledger import MINUTES, account_keys
from server.domain.orders import cancellation
from server.domain.staff import Staff
from server.domain.supermarket import donations
from server.domain.tasks import publication
from server.domain.tasks.publication import StationTask, TaskContent
from server.models import Good, Hold, HoldState, Need, Order, OrderLine, OrderStatus
from tests import factories
from tests.factories import supermarket, timebank, volunteers
from tests.faults.instances import at_once, durable_database, environ_of, instances, without_deadlocks
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import crowd, sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")


@dataclass
class Town:
    """People who are signed in, goods and tasks, and the instances to ask."""

    url: str
    now: datetime
    tokens: list[str]
    people: list[int]
    worker: str
    worker_id: int
    other_worker: str
    station_id: int
    good_id: int
    task_id: int
    urls: list[str]

    async def at_once(self, *asked: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Send every (token, path, body) at the same moment, to one instance and the other in turn, each with its own key."""
        return await at_once(self.urls, *asked)

    async def staff(self) -> Staff:
        return await staff.of_person(self.worker_id)

    def order(self, token: str) -> tuple[str, str, dict[str, Any]]:
        lines = [{"good_id": self.good_id, "pieces": 1}]
        return token, "/supermarket/orders", {"station_id": self.station_id, "lines": lines}


async def _settle(url: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    async with db.connected(url, pool=4):
        city = await factories.city(now)
        station = city.stations["邻玉社工站"]
        people = await crowd(city, "resident", 100, now)
        for one in people:
            await timebank.points(100, one.id, station, now)
        giver, recipient = people[0], people[1]
        await timebank.minutes(60, giver.id, station, now)
        await households.create(by=giver.id, now=now)
        code, _ = await households.invite(by=giver.id, now=now)
        await households.join(code, by=recipient.id, now=now)
        for one in people[2:42]:
            await volunteers.approved(one, station, now)
        wish = StationTask(station.id, city.areas["邻玉街道"].id, "elder_care", "活动中心")
        begins = now + timedelta(hours=2)
        asked = TaskContent("布置会场", "帮忙摆桌椅。", begins, begins + timedelta(hours=1), 60)
        task = await publication.publish_station_task(wish, asked, by=city.staff["陈社工"], now=now)
        good = await supermarket.good(station, 10, now, points_price=10)
        workers = [await sign_in(city.staff[name].person_id, now) for name in ("陈社工", "林社工")]
        return {
            "url": url,
            "now": now,
            "tokens": [await sign_in(one.id, now) for one in people],
            "people": [one.id for one in people],
            "worker": workers[0],
            "worker_id": city.staff["陈社工"].person_id,
            "other_worker": workers[1],
            "station_id": station.id,
            "good_id": good.id,
            "task_id": task.id,
        }


@contextmanager
def _town(folder: Path, valkey_url: str, fake: Any) -> Iterator[Town]:
    with durable_database(folder / "mariadb") as database:
        settled = asyncio.run(_settle(database.url))
        environ = environ_of(database, valkey_url, fake)
        with instances(2, environ, folder) as servers, without_deadlocks(database):
            yield Town(**settled, urls=[one.url for one in servers])


def _answers(responses: list[httpx.Response]) -> Counter[Any]:
    """Return statuses of what was done and codes of what was refused; a client told to wait asks again."""
    return Counter(one.status_code if one.is_success else one.json()["code"] for one in responses)


def test_exactly_one_of_each_wins(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    with _town(tmp_path, valkey_url, fake_wechat_process) as town:
        asyncio.run(_spends(town))
        asyncio.run(_claims(town))
        asyncio.run(_orders(town))
        asyncio.run(_expiry(town))
        asyncio.run(_pleas(town))
        asyncio.run(_verify_ledger(town))


async def _spends(town: Town) -> None:
    """Give a whole balance away many times at once."""
    gift = {"person_id": town.people[1], "minutes": 60}
    answers = _answers(await town.at_once(*[(town.tokens[0], "/timebank/gifts", gift)] * scaled(60, full=200)))
    assert answers[201] + answers[200] == 1, answers
    assert set(answers) <= {200, 201, "not_enough_minutes", "busy"}, answers


async def _claims(town: Town) -> None:
    """40 volunteers claim one task, then two workers confirm, each ten times."""
    path = f"/tasks/{town.task_id}/claim"
    claimed = _answers(await town.at_once(*((token, path, {}) for token in town.tokens[2:42])))
    assert claimed[200] == 1, claimed
    path = f"/station/tasks/{town.task_id}/confirmation"
    asked = [(token, path, {}) for token in (town.worker, town.other_worker) for _ in range(10)]
    confirmed = _answers(await town.at_once(*asked))
    assert confirmed[200] == 1, confirmed


async def _orders(town: Town) -> None:
    """100 orders for the last ten pieces, then each fetched, cancelled and fetched again at the same moment."""
    placed = await town.at_once(*(town.order(token) for token in town.tokens))
    while sum(one.is_success for one in placed) < 10 and any(one.status_code == 503 for one in placed):
        again = [token for token, one in zip(town.tokens, placed, strict=True) if one.status_code == 503]
        retried = dict(zip(again, await town.at_once(*(town.order(token) for token in again)), strict=True))
        placed = [retried.get(token, one) for token, one in zip(town.tokens, placed, strict=True)]
    won = [(token, one.json()) for token, one in zip(town.tokens, placed, strict=True) if one.is_success]
    assert len(won) == 10, _answers(placed)
    for token, order in won:
        shown = {"station_id": town.station_id, "code": order["pickup_code"]}
        answers = await town.at_once(
            (town.worker, "/station/orders/hand-over", shown),
            (token, f"/supermarket/orders/{order['id']}/cancellation", {}),
            (town.other_worker, "/station/orders/hand-over", shown),
        )
        assert sum(one.is_success for one in answers) == 1, [one.text for one in answers]


async def _expiry(town: Town) -> None:
    """A counter scans a code again and again while it expires and the job runner looks: exactly one of both wins."""
    async with db.connected(town.url, pool=4):
        good = await Good.get(id=town.good_id)
        await donations.receive(good.id, donations.DonatedPieces(5, "王老板"), by=await town.staff(), now=town.now)
        for token in town.tokens[50:55]:
            [placed] = await town.at_once(town.order(token))
            order = await Order.get(id=placed.json()["id"])
            ends = datetime.now(UTC) + timedelta(milliseconds=150)
            await Order.filter(id=order.id).update(expires_at=ends)
            lines = await OrderLine.filter(order_id=order.id).values_list("hold_id", flat=True)
            await Hold.filter(id__in=[order.hold_id, *lines]).update(expires_at=ends)
            shown = {"station_id": town.station_id, "code": order.pickup_code}

            async def look(order_id: int = order.id, until: datetime = ends) -> None:
                while datetime.now(UTC) < until + timedelta(milliseconds=200):
                    await cancellation.remind_or_expire(order_id, now=datetime.now(UTC))

            _, scanned = await asyncio.gather(
                look(), town.at_once(*[(town.worker, "/station/orders/hand-over", shown)] * 4)
            )
            handed_over = sum(one.is_success for one in scanned)
            await cancellation.remind_or_expire(
                order.id, now=datetime.now(UTC) + timedelta(seconds=1)
            )  # a slow machine may never have looked after its time
            order = await Order.get(id=order.id)
            assert order.status == (OrderStatus.HANDED_OVER if handed_over else OrderStatus.EXPIRED)
            assert handed_over <= 1


async def _pleas(town: Town) -> None:
    """A person asks for help again and again, by new needs and in reminders: each is heard, and five needs are filed."""
    token, person_id = town.tokens[60], town.people[60]
    [first] = await town.at_once((token, "/needs", {"text": "我不想活了", "urgency": "emergency"}))
    reminders = f"/needs/{first.json()['id']}/reminders"
    filed = [(token, "/needs", {"text": f"救命{number}", "urgency": "emergency"}) for number in range(12)]
    written = [(token, reminders, {"message": f"我要跳楼了{number}"}) for number in range(12)]
    answers = await town.at_once(*filed, *written)
    assert all(one.json()["emergency"]["need_id"] for one in answers), _answers(answers)
    assert all(one.is_success for one in answers[:12]), _answers(answers)
    async with db.connected(town.url, pool=2):
        assert await Need.filter(person_id=person_id).count() == await policies.number("crisis_join_after")


async def _verify_ledger(town: Town) -> None:
    async with db.connected(town.url, pool=2):
        report = await ledger.audit()
        assert report.holds, str(report)
        given = [await ledger.get_balance(account_keys.person(one, MINUTES)) for one in town.people[:2]]
        assert [one.balance for one in given] == [0, 60]
        orders = await Order.all().prefetch_related("hold")
        assert {one.status for one in orders} <= {
            OrderStatus.HANDED_OVER,
            OrderStatus.CANCELLED,
            OrderStatus.EXPIRED,
        }
        captured = sum(one.hold.state == HoldState.CAPTURED for one in orders)
        shelf = await ledger.get_balance(account_keys.shelf(town.good_id))
        assert (shelf.balance, shelf.held) == (15 - captured, 0)
