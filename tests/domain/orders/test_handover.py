"""Handover 核销: the right goods to the right person, once, by uninvolved staff."""

from datetime import date, timedelta

import pytest

from server.domain import households, ledger
from server.domain.ledger import POINTS, account_keys
from server.domain.orders import handover, place_order
from server.errors import (
    InvalidPickupCode,
    NotAllowed,
    NotFound,
    OrderedGoodExpired,
    OrderEnded,
    OrderExpired,
    OrderReady,
    OwnOrder,
    PickupNotAllowed,
)
from server.models import AuditEntry, Hold, HoldState, Notice, Order, OrderStatus, Transfer, TransferKind
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.orders.shop import (
    TOWN,
    cancel,
    family,
    hand_over,
    order,
    pieces_of,
    points_of,
    rice,
    with_points,
)
from tests.factories import timebank
from tests.factories.households import household

S = OrderStatus


@pytest.fixture
def chen(city):
    return city.staff["陈社工"]


async def refused(verb, refusal):
    """Check that the call is refused, and that the ledger and the orders are unchanged."""
    before = await rows(), await Order.all().order_by("id").values()
    with pytest.raises(refusal) as answer:
        await verb
    assert (await rows(), await Order.all().order_by("id").values()) == before
    return answer.value


async def test_handover_moves_points_to_the_station_and_pieces_out(city, chen):
    bag, oil, li = await rice(city), await rice(city, name="菜籽油", points_price=80), await with_points(city, 300)
    made = (await place_order.place(bag.station_id, {bag.id: 2, oil.id: 1}, by=li.id, now=NOW)).order
    station = await ledger.get_balance(account_keys.issuing(bag.station_id, POINTS))

    await hand_over(made, chen)

    assert (await points_of(li), await pieces_of(bag), await pieces_of(oil)) == ((120, 0), (8, 0), (9, 0))
    assert (await ledger.get_balance(account_keys.issuing(bag.station_id, POINTS))).balance == station.balance + 180
    assert (await ledger.get_balance(account_keys.handed_out(bag.id))).balance == 2
    assert set(await Hold.all().values_list("state", flat=True)) == {HoldState.CAPTURED}
    await adds_up()


async def test_transfers_of_an_order_have_their_kind_and_worker(city, chen):
    made = await order(await with_points(city, 300), await rice(city), 2)

    await hand_over(made, chen)

    moved = await Transfer.filter(hold_id__isnull=False).order_by("kind").values("kind", "amount", "by_id", "note")
    assert moved == [
        {"kind": TransferKind.HANDED_OVER, "amount": 2, "by_id": chen.person_id, "note": ""},
        {"kind": TransferKind.REDEEMED, "amount": 100, "by_id": chen.person_id, "note": "大米5公斤 2件"},
    ]


async def test_statement_names_the_first_of_several_goods(city, chen):
    goods = [await rice(city, name=name) for name in ("米" * 40, "油" * 40)]
    li = await with_points(city, 300)
    made = (await place_order.place(goods[0].station_id, {good.id: 1 for good in goods}, by=li.id, now=NOW)).order

    await hand_over(made, chen)

    assert (await Transfer.get(kind=TransferKind.REDEEMED)).note[40:] == " 等2种"


async def test_handover_records_the_worker_and_the_person_who_picked_up(city, chen):
    li = await with_points(city, 100)
    made = await order(li, await rice(city))

    done = await hand_over(made, chen, now=NOW + timedelta(hours=1))

    kept = await Order.get(id=made.id)
    assert (kept.status, kept.open, kept.ended_at) == (S.HANDED_OVER, None, NOW + timedelta(hours=1))
    assert (kept.handed_over_by_id, kept.fetched_by_id) == (chen.person_id, li.id)
    assert (done.status, done.fetched_by_id) == (kept.status, kept.fetched_by_id)
    noted = await AuditEntry.get(action="order.handed_over")
    assert (noted.subject, noted.person_id, noted.facts) == (
        f"order:{made.id}",
        chen.person_id,
        {"fetched_by": li.id},
    )


async def test_family_member_picks_up_and_the_orderer_is_notified(city, chen):
    bag, (li, wang) = await rice(city), await family(city, 100, 0)
    made = await order(li, bag)

    await hand_over(made, chen, fetched_by=wang.id)

    assert (await Order.get(id=made.id)).fetched_by_id == wang.id
    assert await Notice.filter(person_id=li.id, template="order_handed_over").count() == 1


async def test_pickup_by_a_stranger_or_former_member_is_refused(city, chen):
    bag, (li, wang) = await rice(city), await family(city, 200, 0)
    stranger = await with_points(city, 1, "路人")
    made, alone = await order(li, bag), await order(stranger, await rice(city, points_price=1))

    await refused(hand_over(made, chen, fetched_by=stranger.id), PickupNotAllowed)
    await refused(hand_over(alone, chen, fetched_by=li.id), PickupNotAllowed)
    await households.leave(by=wang.id, now=NOW)
    await refused(hand_over(made, chen, fetched_by=wang.id), PickupNotAllowed)
    assert (await hand_over(made, chen, fetched_by=li.id)).fetched_by_id == li.id


async def test_order_of_a_former_member_stays_theirs(city, chen):
    bag, (li, wang) = await rice(city), await family(city, 200, 0)
    made = await order(li, bag)
    await households.leave(by=li.id, now=NOW)

    await refused(hand_over(made, chen, fetched_by=wang.id), PickupNotAllowed)


async def test_code_is_valid_once(city, chen):
    li = await with_points(city, 100)
    made = await order(li, await rice(city))
    await hand_over(made, chen)

    await refused(hand_over(made, chen), InvalidPickupCode)
    await refused(hand_over(made, city.staff["林社工"]), InvalidPickupCode)

    assert await points_of(li) == (50, 0)


async def test_wrong_code_cancelled_order_or_other_station_is_refused(city, chen):
    li = await with_points(city, 100)
    bag = await rice(city)
    made, cancelled = await order(li, bag), await order(li, bag)
    await cancel(cancelled)
    wrong = f"{(int(made.pickup_code) + 1) % 10**6:06d}"

    await refused(hand_over(cancelled, chen), InvalidPickupCode)
    await refused(handover.hand_over(bag.station_id, wrong, fetched_by=None, by=chen, now=NOW), InvalidPickupCode)
    elsewhere = city.stations["蓝田社工站"].id
    code, zhou = made.pickup_code, city.staff["周社工"]
    await refused(handover.hand_over(elsewhere, code, fetched_by=None, by=zhou, now=NOW), InvalidPickupCode)


@pytest.mark.parametrize("name", ["周社工", "冯科长", "褚科长", "卫处长"])
async def test_handover_by_other_staff_is_refused(city, name):
    made = await order(await with_points(city, 100), await rice(city))

    await refused(hand_over(made, city.staff[name]), NotAllowed)


async def test_handover_of_own_or_family_order_is_refused(city, chen):
    bag, li = await rice(city), await with_points(city, 100)
    await timebank.points(100, chen.person_id, city.stations[TOWN], NOW)
    own = (await place_order.place(bag.station_id, {bag.id: 1}, by=chen.person_id, now=NOW)).order
    familys = await order(li, bag)
    await household(li.id, chen.person_id, now=NOW)

    await refused(hand_over(own, chen), OwnOrder)
    await refused(hand_over(familys, chen), OwnOrder)
    assert (await hand_over(own, city.staff["林社工"])).fetched_by_id == chen.person_id


async def test_handover_after_expiry_is_refused_before_the_job_runs(city, chen):
    made = await order(await with_points(city, 100), await rice(city))

    answer = await refused(hand_over(made, chen, now=made.expires_at), OrderExpired)

    assert answer.details == {"until": made.expires_at}
    await hand_over(made, chen, now=made.expires_at - timedelta(seconds=1))


async def test_handover_of_a_good_past_its_date_is_refused(city, chen):
    li = await with_points(city, 200)
    milk = await rice(city, name="酸奶", use_by=date(2026, 3, 11))
    made, another = await order(li, milk), await order(li, milk)

    await hand_over(made, chen, now=NOW + timedelta(days=1))
    await refused(hand_over(another, chen, now=NOW + timedelta(days=2)), OrderExpired)
    # An order that was placed before orders expired by the dates of their goods.
    await Order.filter(id=another.id).update(expires_at=NOW + timedelta(days=7))
    answer = await refused(hand_over(another, chen, now=NOW + timedelta(days=2)), OrderedGoodExpired)

    assert answer.details == {"goods": [milk.id]}


async def test_code_that_passes_to_another_order_meanwhile_is_refused(city, chen, monkeypatch):
    monkeypatch.setattr(place_order, "draw_code", lambda: "123456")
    bag, (li, _) = await rice(city), await family(city, 200, 0)
    made, hold = await order(li, bag), households.lock

    async def hold_too_late(household_id):
        monkeypatch.setattr(households, "lock", hold)
        await cancel(made)
        await order(li, bag)
        await hold(household_id)

    monkeypatch.setattr(households, "lock", hold_too_late)
    with pytest.raises(InvalidPickupCode):
        await hand_over(made, chen)


async def test_order_is_marked_ready_once_and_the_orderer_notified(city, chen):
    li = await with_points(city, 100)
    made = await order(li, await rice(city))

    ready = await handover.mark_ready(made.id, by=chen, now=NOW)

    assert (ready.status, ready.ready_at, ready.open) == (S.READY, NOW, 1)
    assert await Notice.filter(person_id=li.id, template="order_ready").count() == 1
    await refused(handover.mark_ready(made.id, by=chen, now=NOW), OrderReady)
    await hand_over(made, chen)
    await refused(handover.mark_ready(made.id, by=chen, now=NOW), OrderEnded)


async def test_marking_an_expired_order_ready_is_refused(city, chen):
    made = await order(await with_points(city, 100), await rice(city))

    await refused(handover.mark_ready(made.id, by=chen, now=made.expires_at), OrderExpired)
    await refused(handover.mark_ready(made.id, by=city.staff["周社工"], now=NOW), NotFound)
