"""How often a request waits for the database: a number that may only become smaller."""

import re

import pytest

from server.domain.check_ins import codes
from server.domain.satisfaction import need_rating
from server.models import SeatOffer
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import activities, ratings, records, supermarket, tasks
from tests.factories import points as points_
from tests.factories.timebank import minutes, points
from tests.factories.waiting_list import add_waiting, cancel_and_serve, full_activity
from tests.round_trips import listening
from tests.services import chosen_database
from tests.set_up_reads import SESSION

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no round trips")


async def sent_by(act) -> list[str]:
    """Do it once so that everything is prepared, then again, and return the commands of the second time."""
    await act(1)
    with listening() as sent:
        await act(2)
    return sent


async def at_home(phone, town):
    assert (await phone.put("/me/home", {"area_id": town.areas["团结村"].id})).status_code == 200
    return phone


async def test_own_page(town, phone_of):
    grandma = await phone_of("grandma")

    sent = await sent_by(lambda _: grandma.get("/me"))

    assert len(sent) <= 2, sent


async def test_order_placed_and_handed_over(town, phone_of, phone_of_staff, clock):
    station, li, worker = (
        town.stations["邻玉社工站"],
        await phone_of("xiaoli"),
        await phone_of_staff("周", "邻玉社工站"),
    )
    await points(300, li.person_id, station, clock.now())
    good = await supermarket.good(station, 10, clock.now())

    async def place_and_hand_over(_):
        wish = {"station_id": station.id, "lines": [{"good_id": good.id, "pieces": 1}]}
        order = (await li.post("/supermarket/orders", wish)).json()
        code = {"station_id": station.id, "code": order["pickup_code"]}
        assert (await worker.post("/station/orders/hand-over", code)).status_code == 200

    sent = await sent_by(place_and_hand_over)

    assert len(sent) <= 31, sent


@pytest.mark.parametrize("path", ["/timebank/balance", "/timebank/statement", "/points/balance", "/points/statement"])
async def test_balances_and_statements(town, phone_of, clock, path):
    li = await phone_of("xiaoli")
    for give in (minutes, points):
        for _ in range(20):
            await give(1, li.person_id, town.stations["邻玉社工站"], clock.now())

    sent = await sent_by(lambda _: li.get(path))

    assert len(sent) <= 2, sent


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/stations?longitude=105.44&latitude=28.89&coordinates=gcj02", 1),
        ("/stations?county={county}", 1),
        ("/stations?covering={village}&category=elder_care", 1),
        ("/stations/{station}", 3),  # the roster of duty is no set-up: it changes every day
        ("/categories", 1),
        ("/areas?parent={county}", 1),
        ("/areas?query=团结", 4),
        ("/timebank/pools/{station}", 2),
        ("/points/rules?station={station}", 3),
        ("/supermarket/goods?station={station}", 3),
    ],
)
async def test_set_up_is_read_from_memory(town, client, clock, path, most):
    await supermarket.good(town.stations["邻玉社工站"], 10, clock.now())
    ids = {
        "county": town.areas["江阳区"].id,
        "village": town.areas["团结村"].id,
        "station": town.stations["邻玉社工站"].id,
    }

    sent = await sent_by(lambda _: client.get(f"/api/v1{path.format(**ids)}"))

    assert len(sent) <= most, sent


@pytest.mark.parametrize("path", ["/me/notifications", "/household"])
async def test_inbox_and_household(town, phone_of, path):
    li = await phone_of("xiaoli")
    assert (await li.post("/household")).status_code == 201

    sent = await sent_by(lambda _: li.get(path))

    assert len(sent) <= 2, sent


NEED = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "王秀英", "contact_phone": "13812345678"}


async def submitted(phone, **changes) -> str:
    answer = await phone.post("/needs", NEED | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


# An emergency also notifies the station above, and has a second entry in its timeline. It reads who is on duty and who
# lives with the resident, and writes its ring and whom it reached: these decide which phone rings, and what is promised.
@pytest.mark.parametrize(("urgency", "most"), [("normal", 11), ("emergency", 25)])
async def test_submitting_a_need(town, phone_of, urgency, most):
    grandma = await at_home(await phone_of("wangnainai"), town)

    sent = await sent_by(lambda _: submitted(grandma, urgency=urgency))

    assert len(sent) <= most, sent


async def test_need_and_list_of_its_owner(town, phone_of):
    grandma = await at_home(await phone_of("wangnainai"), town)
    need = await submitted(grandma)

    for path, most in ((f"/needs/{need}", 3), ("/needs", 2)):
        sent = await sent_by(lambda _, path=path: grandma.get(path))
        assert len(sent) <= most, sent


async def test_list_and_need_of_staff(town, phone_of, phone_of_staff):
    grandma, worker = await at_home(await phone_of("wangnainai"), town), await phone_of_staff("陈社工", "邻玉社工站")
    head = await phone_of_staff("赵站长", "邻玉社工站", head=True)
    need = [await submitted(grandma, category=one) for one in ("counselling", "elder_care", "elder_care")][-1]
    following = (await worker.get("/station/needs", params={"limit": 1})).json()["next"]

    for path in ("/station/needs", f"/station/needs?limit=1&after={following}"):
        for phone in (worker, head):
            sent = await sent_by(lambda _, phone=phone, path=path: phone.get(path))
            assert len(sent) <= 2, sent
    sent = await sent_by(lambda _: worker.get(f"/station/needs/{need}"))
    assert len(sent) <= 6, sent


async def test_steps_of_staff(town, phone_of, phone_of_staff):
    grandma, worker = await at_home(await phone_of("wangnainai"), town), await phone_of_staff("陈社工", "邻玉社工站")
    needs = {number: await submitted(grandma) for number in (1, 2)}
    steps = {
        "acceptance": ({}, 10),
        "assignment": ({"worker_id": worker.person_id}, 12),
        "start": ({}, 7),
        "note": ({"message": "明天上门"}, 8),
        "resolution": ({"outcome": "已修好"}, 10),  # it plans the draw of a call-back
    }

    for name, (body, most) in steps.items():
        sent = await sent_by(lambda number, name=name, body=body: stepped(worker, needs[number], name, body))
        assert len(sent) <= most, sent


async def stepped(phone, need, name, body):
    answer = await phone.post(f"/station/needs/{need}/{name}", body)
    assert answer.status_code == 200, answer.text


async def test_referral_and_its_acceptance(town, phone_of, phone_of_staff):
    grandma, worker = await at_home(await phone_of("wangnainai"), town), await phone_of_staff("陈社工", "邻玉社工站")
    receiver = await phone_of_staff("孙站长", "江阳总站", head=True)
    needs = {number: await submitted(grandma) for number in (1, 2)}
    body = {"station_id": town.stations["江阳总站"].id, "reason": "搬家"}

    sent = await sent_by(lambda number: stepped(worker, needs[number], "referral", body))
    assert len(sent) <= 12, sent  # it plans the recall of a referral that nobody answers
    sent = await sent_by(lambda number: stepped(receiver, needs[number], "referral-acceptance", {}))
    assert len(sent) <= 14, sent


# The tables of the set-up, which is in memory.
SET_UP = re.compile(
    r"(FROM|JOIN) `?(area|station|station_category|coverage|category|policy|calendar_day|wording)`?( |$)"
)


def asserted(sent, most):
    assert len(sent) <= most, sent
    assert not [one for one in sent if SET_UP.search(one) and not SESSION.search(one)], sent


async def booked(phone, one, **body):
    answer = await phone.post(f"/activities/{one.id}/bookings", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_booking_of_a_seat(town, phone_of):
    phones = {number: await phone_of(f"resident-{number}") for number in (1, 2)}
    one = await activities.activity(town)

    asserted(await sent_by(lambda number: booked(phones[number], one)), most=8)


@pytest.mark.parametrize("waiting", [1, 40])
async def test_place_in_line_takes_few_trips_under_the_lock(town, phone_of, waiting):
    phones = {number: await phone_of(f"resident-{number}") for number in (1, 2)}
    one, _ = await full_activity(town)
    for _ in range(waiting):
        await add_waiting(one)

    sent = await sent_by(lambda number: booked(phones[number], one))

    asserted(sent, most=8)
    [lock] = [place for place, command in enumerate(sent) if "FOR UPDATE" in command]
    # Counts, booking, attendee and place together; the stored answer; COMMIT.
    assert len(sent[lock + 1 :]) <= 3, sent


async def test_activities_in_the_public_list_and_on_their_pages(town, client):
    for number in range(20):
        one = await activities.activity(town, title=f"第{number}期")
    await activities.post(one)

    for path, most in (("/activities", 3), (f"/activities/{one.id}", 4)):
        asserted(await sent_by(lambda _, path=path: client.get(f"/api/v1{path}")), most)


async def test_activity_and_its_bookings_as_staff_read_them(town, phone_of_staff):
    lin, one = await phone_of_staff("林社工", "邻玉社工站"), await activities.activity(town, seats=20)
    await activities.post(one)
    for _ in range(20):
        await activities.row(one, await factories.person("居民", NOW))

    path = f"/station/activities/{one.id}"
    for asked, most in ((path, 6), (f"{path}/bookings", 4), (f"{path}/bookings?sort=waiting_list", 4)):
        asserted(await sent_by(lambda _, asked=asked: lin.get(asked)), most)


async def test_list_of_call_backs(town, phone_of_staff):
    zhao = await phone_of_staff("赵站长", "邻玉社工站", head=True)
    for _ in range(3):
        need = await steps.resolve_need(town, await town.need(), NOW)
        await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)

    asserted(await sent_by(lambda _: zhao.get("/station/call-backs")), most=3)


async def test_cancelled_booking(town, phone_of):
    phones = {number: await phone_of(f"resident-{number}") for number in (1, 2)}
    one = await activities.activity(town, seats=2)
    made = {number: (await booked(phone, one))["id"] for number, phone in phones.items()}

    async def cancel(number):
        answer = await phones[number].post(f"/bookings/{made[number]}/cancellation")
        assert answer.status_code == 200, answer.text

    asserted(await sent_by(cancel), most=9)


async def test_accepted_offer(town, phone_of):
    phones = {number: await phone_of(f"resident-{number}") for number in (1, 2)}
    offered = {}
    for number, phone in phones.items():
        one, seated = await full_activity(town)
        waiting = await booked(phone, one)
        await cancel_and_serve(seated)
        offered[number] = (await SeatOffer.get(booking_id=waiting["id"])).id

    async def accept(number):
        answer = await phones[number].post(f"/seat-offers/{offered[number]}/acceptance")
        assert answer.status_code == 200, answer.text

    asserted(await sent_by(accept), most=11)


async def test_check_in_by_an_own_phone(town, phone_of, clock):
    phones = {number: await phone_of(f"resident-{number}") for number in (1, 2)}
    one = await activities.activity(town, seats=4)
    for phone in phones.values():
        await booked(phone, one, attendees=[{"me": True}, {"name": "李小明", "birth_year": 2018}])
    clock.set(one.starts_at)
    for phone in phones.values():
        await phone.get("/me")  # once in a while this prolongs the session

    async def check_in(number):
        code = codes.current_code(one, clock.now()).text
        answer = await phones[number].post(f"/activities/{one.id}/check-ins", {"code": code})
        assert answer.status_code == 200, answer.text

    asserted(await sent_by(check_in), most=9)


async def test_record_and_task_of_staff(town, phone_of_staff):
    head = await phone_of_staff("站长", "邻玉社工站", head=True)
    record, claimed = await records.helped(town), await tasks.claimed(town)

    for path, most in ((f"/station/service-records/{record.id}", 5), (f"/station/tasks/{claimed.id}", 8)):
        sent = await sent_by(lambda _, path=path: head.get(path))
        assert len(sent) <= most, sent


@pytest.mark.parametrize("deeds", [1, 20])
async def test_list_of_deeds_takes_the_same_trips_for_any_number(town, phone_of_staff, deeds):
    worker, rule = await phone_of_staff("社工", "邻玉社工站"), await points_.rule(town, daily_cap=200, monthly_cap=200)
    for _ in range(deeds):
        await points_.claimed(town, rule)

    sent = await sent_by(lambda _: worker.get("/station/deeds"))

    assert len(sent) <= 5, sent
