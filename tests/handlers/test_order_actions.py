"""The steps that an order shows are those that succeed: for its household and for staff, in every state."""

import itertools
from datetime import timedelta

import pytest

from miniprogram_contract.orders import OrderAction, StaffOrderAction
from server.domain import households
from server.domain.orders import cancellation, handover
from server.models import Good, HouseholdMember, Order, OrderStatus, Person, Role, RoleKind
from tests import factories
from tests.conftest import NOW
from tests.domain.orders.shop import TOWN, cancel, family, hand_over, order, rice, with_points
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

READERS = ("陈社工", "赵站长", "孙站长", "周社工", "冯科长", "褚科长", "卫处长")
CIRCUMSTANCES = ("nothing", "time is over", "orderer is shut out", "good is past its date")
BODIES = {"cancellation": {"reason": "物品破损"}, "readiness": {}}


@pytest.fixture
async def bag(town) -> Good:
    return await rice(town, 500)


@pytest.fixture
def phone(client):
    async def of_person(person_id: int) -> Phone:
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return of_person


@pytest.fixture
async def phones(town, phone):
    return {name: await phone(town.staff[name].person_id) for name in READERS}


async def bring(town, made: Order, state: OrderStatus) -> None:
    """Bring a placed order into the state."""
    chen = town.staff["陈社工"]
    if state == OrderStatus.READY:
        await handover.mark_ready(made.id, by=chen, now=made.placed_at)
    elif state == OrderStatus.HANDED_OVER:
        await hand_over(made, chen, now=made.placed_at)
    elif state == OrderStatus.CANCELLED:
        await cancel(made, now=made.placed_at)
    elif state == OrderStatus.EXPIRED:
        await cancellation.remind_or_expire(made.id, now=made.expires_at)


async def happen(circumstance: str, made: Order, bag: Good) -> None:
    if circumstance == "time is over":
        await Order.filter(id=made.id).update(expires_at=made.placed_at)
    if circumstance == "orderer is shut out":
        await Person.filter(id=made.person_id).update(disabled_at=NOW)
    if circumstance == "good is past its date":
        await Good.filter(id=bag.id).update(use_by=NOW.date() - timedelta(days=1))


async def act(phone, made: Order, action: str):
    if action == "hand-over":
        body = {"station_id": made.station_id, "code": made.pickup_code}
        return await phone.post("/station/orders/hand-over", body)
    return await phone.post(f"/station/orders/{made.id}/{action}", BODIES[action])


async def shown_to(phone, made: Order) -> list[str]:
    page = await phone.get("/station/orders")
    items = page.json()["items"] if page.status_code == 200 else []
    return next((one["allowed_actions"] for one in items if one["id"] == made.id), [])


async def compare(phone, place, context) -> list[str]:
    """Check that the shown steps of the order that `place` makes succeed and the others are refused; return them."""
    made = await place()
    shown = await shown_to(phone, made)
    # The steps that are not shown are refused, and change nothing: they are tried on one order.
    for action in sorted(StaffOrderAction, key=lambda one: one in shown):
        if action in shown:
            made = await place()

        answer = await act(phone, made, action)

        assert answer.is_success is (action in shown), (context, action, shown, answer.text)
        assert not answer.is_success or answer.json()["allowed_actions"] == await shown_to(phone, made), context
    return shown


@pytest.mark.parametrize("state", list(OrderStatus))
async def test_shown_steps_of_staff_are_those_that_succeed(town, phones, bag, clock, state):
    for reader, circumstance in itertools.product(READERS, CIRCUMSTANCES):

        async def place(circumstance=circumstance) -> Order:
            await Good.filter(id=bag.id).update(use_by=None)
            # A minute later: the order is the newest of the list.
            made = await order(await with_points(town, 50), bag, now=clock.forward(minutes=1))
            await bring(town, made, state)
            await happen(circumstance, made, bag)
            return made

        shown = await compare(phones[reader], place, (state, circumstance, reader))
        assert not shown or reader in {"陈社工", "赵站长"}, (state, circumstance, reader)


async def relate(relation: str, orderer: Person, worker: int, now) -> None:
    if relation == "never shared a household":
        return
    await household(orderer.id, worker, now=now - timedelta(days=90))
    await HouseholdMember.filter(person_id__in=[orderer.id, worker]).update(joined_at=now - timedelta(days=90))
    if relation != "shares the household":
        days = 29 if relation == "left it lately" else 31
        await HouseholdMember.filter(person_id=worker).update(current=None, left_at=now - timedelta(days=days))


RELATIONS = ("never shared a household", "shares the household", "left it lately", "left it long ago")


@pytest.mark.parametrize("state", [OrderStatus.PLACED, OrderStatus.READY])
async def test_order_of_the_own_household_shows_staff_no_step(town, phone, bag, clock, state):
    for is_head, relation in itertools.product((False, True), RELATIONS):
        worker = await factories.worker("何社工", town.stations[TOWN], NOW, head=is_head)

        async def place(relation=relation, worker=worker) -> Order:
            now, orderer = clock.forward(minutes=1), await with_points(town, 50)
            await HouseholdMember.filter(person_id=worker.person_id).delete()
            await relate(relation, orderer, worker.person_id, now)
            made = await order(orderer, bag, now=now)
            await bring(town, made, state)
            return made

        shown = await compare(await phone(worker.person_id), place, (state, relation, is_head))
        assert bool(shown) is (relation in {"never shared a household", "left it long ago"}), relation


async def test_own_order_shows_staff_no_step(town, phones, bag, clock):
    zhao = await Person.get(id=town.staff["赵站长"].person_id)
    await factories.timebank.points(500, zhao.id, town.stations[TOWN], NOW)

    async def place() -> Order:
        return await order(zhao, bag, now=clock.forward(minutes=1))

    assert await compare(phones["赵站长"], place, "own") == []


async def test_stand_ins_are_shown_steps_where_nobody_works(town, phones, bag, clock):
    theirs = Role.filter(station_id=town.stations[TOWN].id, kind__not=RoleKind.VOLUNTEER)
    await theirs.update(current=None, ended_at=NOW)

    async def place() -> Order:
        return await order(await with_points(town, 50), bag, now=clock.forward(minutes=1))

    for reader in READERS:
        shown = await compare(phones[reader], place, reader)
        assert bool(shown) is (reader in {"孙站长", "冯科长"}), reader


PATH = "/supermarket/orders"


async def tried_by(reader, made: Order, action: str, link: str | None) -> bool:
    """Return whether the step succeeds; `link` is the one to the pickup code that the reader once got."""
    if action == OrderAction.CANCELLATION:
        return (await reader.post(f"{PATH}/{made.id}/cancellation", {"reason": "不要了"})).is_success
    return link is not None and (await reader.client.get(link)).is_success


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("state", list(OrderStatus))
async def test_shown_steps_of_a_household_are_those_that_succeed(town, phone, bag, state, is_late):
    li, wang, he = await family(town, 500, 0, 0)
    for person in (li, wang, he, await with_points(town, 0, "路人")):
        reader, made = await phone(person.id), await order(li, bag)
        page = await reader.get(f"{PATH}/{made.id}")
        link = page.json()["pickup_code_image"] if page.is_success else None
        if person == he:
            await households.leave(by=he.id, now=NOW)
        await bring(town, made, state)
        await happen("time is over" if is_late else "nothing", made, bag)
        page = await reader.get(f"{PATH}/{made.id}")
        shown = page.json()["allowed_actions"] if page.is_success else []
        # The code is only read: it is tried first.
        for action in sorted(OrderAction, reverse=True):
            assert await tried_by(reader, made, action, link) is (action in shown), (person.name, action, shown)


async def test_family_member_is_shown_the_pickup_code_alone(town, phone, bag):
    li, wang = await family(town, 500, 0)
    made = await order(li, bag)

    shown = [
        (await (await phone(person.id)).get(f"/supermarket/orders/{made.id}")).json()["allowed_actions"]
        for person in (li, wang)
    ]

    assert shown == [["cancellation", "pickup-code"], ["pickup-code"]]
