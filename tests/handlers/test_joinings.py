"""One human, one person: joined by the code on the phone, confirmed, followed, undone."""

from datetime import timedelta

import pytest

from server.domain import households, invariants, ledger
from server.domain.complaints import submit
from server.domain.complaints.submit import ComplaintContent
from server.domain.joinings import codes, joining
from server.domain.ledger import POINTS, NewTransfer, account_keys
from server.errors import AlreadyJoined, DeadlinePassed, InvalidPersonCode, NotUndoable
from server.models import (
    Booking,
    ComplaintAbout,
    HouseholdMember,
    Job,
    Joining,
    JoiningStatus,
    Need,
    Notice,
    Person,
    Policy,
    Role,
    TransferKind,
)
from server.models.fields import new_id
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories import activities, supermarket
from tests.people import Phone
from tests.sides import sign_in

WORKER, HEAD = "陈社工", "赵站长"


@pytest.fixture
def phone_at(client, town):
    """Sign in a member of the small city's staff by name."""

    async def sign_in_staff(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return sign_in_staff


@pytest.fixture
async def grandma(town, phone_of) -> Phone:
    """Return the phone of a grandmother who has been served at the counter, and now has a phone of her own."""
    return await phone_of("waipo")


async def entered(town, phone_at, **more) -> int:
    """Have the worker enter a need at the counter for a new person. Return the person's id."""
    worker = await phone_at(WORKER)
    body = {"category": "elder_care", "text": "想请人陪我去医院", "contact_name": "刘桂英", "urgency": "normal"}
    body |= {"contact_phone": "13987654321", "area_id": town.areas["团结村"].id, "channel": "counter"} | more
    answer = await worker.post("/station/needs", body)
    assert answer.status_code == 201, answer.text
    return (await Need.get(id=answer.json()["id"])).person_id


async def points(person_id: int) -> int:
    return (await ledger.get_balance(account_keys.person(person_id, POINTS))).balance


async def give_points(town, person_id: int, amount: int = 60) -> None:
    source = account_keys.issuing(town.stations["邻玉社工站"].id, POINTS)
    target = account_keys.person(person_id, POINTS)
    await ledger.post(NewTransfer(f"deed:{new_id()}", TransferKind.POINTS_DEED, amount, source, target), now=NOW)


async def code_of(phone: Phone) -> str:
    answer = await phone.post("/me/code")
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


async def join(worker: Phone, person_id: int, code: str) -> dict:
    answer = await worker.post(f"/people/{person_id}/joinings", {"code": code})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def nothing_broken() -> bool:
    return (await invariants.check()).holds


async def test_person_entered_at_the_counter_has_her_history_on_her_phone(town, phone_at, grandma):
    person_id, again = await entered(town, phone_at), await entered(town, phone_at, text="想问助餐")
    worker = await phone_at(WORKER)

    for one in (person_id, again):
        made = await join(worker, one, (await code_of(grandma)).lower())
        assert (made["status"], made["account_id"], made["allowed_actions"]) == ("joined", grandma.person_id, [])

    mine = (await grandma.get("/needs")).json()["items"]
    assert {one["text"] for one in mine} == {"想请人陪我去医院", "想问助餐"}
    shown = (await grandma.get("/me/joinings")).json()["items"]
    assert [(one["status_words"], one["station_name"]) for one in shown] == [("已合并", "邻玉社工站")] * 2
    assert await Notice.filter(person_id=grandma.person_id, template="joined").count() == 2
    assert (await worker.post("/station/needs", {"person_id": person_id} | NEXT(town))).status_code == 404


def NEXT(town):  # noqa: N802 - a body
    return {
        "category": "elder_care", "text": "买药", "contact_name": "刘桂英", "urgency": "normal",
        "contact_phone": "13987654321", "area_id": town.areas["团结村"].id, "channel": "counter",
    }  # fmt: skip


@pytest.mark.parametrize("who", [HEAD, "冯科长"])
async def test_joining_with_points_on_file_waits_for_a_head_or_an_officer(town, phone_at, grandma, who):
    person_id = await entered(town, phone_at)
    await give_points(town, person_id)

    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))
    assert (made["status"], await points(grandma.person_id)) == ("asked", 0)
    path = f"/station/joinings/{made['id']}/confirmation"
    assert (await (await phone_at(WORKER)).post(path)).json()["code"] == "role_required"
    decided = await (await phone_at(who)).post(path)

    assert decided.status_code == 200, decided.text
    assert (decided.json()["status"], decided.json()["points"]) == ("joined", 60)
    assert (await points(person_id), await points(grandma.person_id)) == (0, 60)
    statement = (await grandma.get("/points/statement")).json()["items"]
    assert [(one["kind_words"], one["amount"]) for one in statement] == [("档案合并", 60)]


async def complained(town, person_id, about) -> None:
    content = ComplaintContent(ComplaintAbout.STATION, town.stations[about].id, "没有人来")
    await submit.file(content, by=person_id, now=NOW)


async def test_joining_with_a_complaint_is_confirmed_by_nobody_of_the_station_complained_of(town, phone_at, grandma):
    person_id = await entered(town, phone_at)
    await complained(town, person_id, "邻玉社工站")

    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))

    assert made["status"] == "asked"
    refused_ = await (await phone_at(HEAD)).post(f"/station/joinings/{made['id']}/confirmation")
    assert (refused_.status_code, refused_.json()["details"]["rule"]) == (403, "own_joining")
    confirmed = await (await phone_at("冯科长")).post(f"/station/joinings/{made['id']}/confirmation")
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "joined")


async def test_joining_with_an_emergency_waits_for_a_second_person(town, phone_at, grandma):
    person_id = await entered(town, phone_at, urgency="emergency")

    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))

    assert made["status"] == "asked"
    assert (await grandma.get("/needs")).json()["items"] == []


async def test_joining_with_a_secret_elsewhere_is_not_confirmed_here(town, phone_at, grandma):
    person_id = await entered(town, phone_at)
    secret = await town.need(by=person_id, area_id=town.areas["宪桥社区"].id, category="counselling")
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))

    answer = await (await phone_at(HEAD)).post(f"/station/joinings/{made['id']}/confirmation")

    assert secret.station_id != town.stations["邻玉社工站"].id
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")


async def test_head_who_asked_does_not_confirm(town, phone_at, grandma):
    person_id, head = await entered(town, phone_at), await phone_at(HEAD)
    await give_points(town, person_id)

    made = await join(head, person_id, await code_of(grandma))
    answer = await head.post(f"/station/joinings/{made['id']}/confirmation")

    assert (answer.status_code, answer.json()["details"]) == (403, {"rule": "own_request"})
    assert made["allowed_actions"] == []


async def test_joining_of_a_worker_whose_role_has_ended_is_not_confirmed(town, phone_at, grandma):
    person_id, worker, head = await entered(town, phone_at), await phone_at(WORKER), await phone_at(HEAD)
    await give_points(town, person_id)
    made = await join(worker, person_id, await code_of(grandma))
    await Role.filter(person_id=worker.person_id).update(current=None)

    answer = await head.post(f"/station/joinings/{made['id']}/confirmation")

    assert (answer.status_code, answer.json()["details"]["status"]) == (409, "asker_left")
    assert (await head.post(f"/station/joinings/{made['id']}/refusal", {"reason": "请重新办理"})).status_code == 200


async def test_refused_joining_moves_nothing_and_may_be_asked_again(town, phone_at, grandma):
    person_id, head = await entered(town, phone_at), await phone_at(HEAD)
    await give_points(town, person_id)
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))

    answer = await head.post(f"/station/joinings/{made['id']}/refusal", {"reason": "不是同一个人"})

    assert (answer.json()["status"], await points(person_id)) == ("refused", 60)
    assert await Notice.exists(person_id=grandma.person_id, template="joining_refused")
    assert (await join(await phone_at(WORKER), person_id, await code_of(grandma)))["status"] == "asked"


async def test_undone_joining_gives_back_exactly_what_it_moved(town, phone_at, grandma):
    person_id, head = await entered(town, phone_at), await phone_at(HEAD)
    await give_points(town, person_id)
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))
    await head.post(f"/station/joinings/{made['id']}/confirmation")
    later = await town.need(by=grandma.person_id, area_id=town.areas["团结村"].id)
    # Half of it is spent, and her own come later.
    spent = NewTransfer(
        "spent", TransferKind.REDEEMED, 40, account_keys.person(grandma.person_id, POINTS),
        account_keys.issuing(town.stations["邻玉社工站"].id, POINTS),
    )  # fmt: skip
    await ledger.post(spent, now=NOW)

    answer = await head.post(f"/station/joinings/{made['id']}/undoing", {"reason": "登记错了人"})

    assert (answer.status_code, answer.json()["status"]) == (200, "undone"), answer.text
    assert (await points(person_id), await points(grandma.person_id)) == (60, 0)
    debt = await ledger.get_balance(account_keys.debt(grandma.person_id, POINTS))
    assert debt.balance == -40
    assert (await Need.get(id=later.id)).person_id == grandma.person_id
    assert [one["id"] for one in (await grandma.get("/needs")).json()["items"]] == [later.id]
    assert (await Person.get(id=person_id)).joined_to_id is None
    assert (await ledger.audit()).holds
    assert await nothing_broken()


async def test_joining_cannot_be_undone_after_thirty_days(town, phone_at, grandma):
    person_id = await entered(town, phone_at)
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))

    with pytest.raises(DeadlinePassed):
        await joining.undo(int(made["id"]), reason="登记错了", by=town.staff[HEAD], now=NOW + timedelta(days=30))
    undone = await joining.undo(
        int(made["id"]), reason="登记错了", by=town.staff[HEAD], now=NOW + timedelta(days=30, seconds=-1)
    )
    assert undone.status == JoiningStatus.UNDONE


async def test_open_order_moves_with_its_held_points_and_back(town, phone_at, grandma):
    person_id, head, worker = await entered(town, phone_at), await phone_at(HEAD), await phone_at(WORKER)
    await give_points(town, person_id)
    good = await supermarket.good(town.stations["邻玉社工站"], 3, NOW, points_price=25)
    ordered = await worker.post("/station/orders", order_of(town, person_id, good.id))
    assert ordered.status_code == 201, ordered.text
    made = await join(worker, person_id, await code_of(grandma))
    await head.post(f"/station/joinings/{made['id']}/confirmation")

    hers = (await grandma.get("/supermarket/orders")).json()["items"]
    balance = await ledger.get_balance(account_keys.person(grandma.person_id, POINTS))
    assert [one["id"] for one in hers] == [ordered.json()["id"]]
    assert (balance.balance, balance.held) == (60, 25)
    await head.post(f"/station/joinings/{made['id']}/undoing", {"reason": "登记错了人"})

    back = await ledger.get_balance(account_keys.person(person_id, POINTS))
    assert (back.balance, back.held) == (60, 25)
    assert (await ledger.audit()).holds
    assert await nothing_broken()


def order_of(town, person_id, good_id):
    lines = [{"good_id": good_id, "pieces": 1}]
    return {"station_id": town.stations["邻玉社工站"].id, "person_id": person_id, "lines": lines}


async def test_code_counts_once_and_for_ten_minutes(town, phone_at, grandma, clock):
    person_id, again, worker = await entered(town, phone_at), await entered(town, phone_at), await phone_at(WORKER)
    first, second = await code_of(grandma), await code_of(grandma)
    await join(worker, person_id, second)
    late = await code_of(grandma)

    clock.forward(seconds=600)
    for bad in (first, second, late, "222222"):
        answer = await worker.post(f"/people/{again}/joinings", {"code": bad})
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_person_code")


async def test_people_of_different_households_are_not_joined(town, phone_at, grandma):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)
    for one in (person_id, grandma.person_id):
        await households.create(by=one, now=NOW)

    answer = await worker.post(f"/people/{person_id}/joinings", {"code": await code_of(grandma)})

    assert (answer.status_code, answer.json()["code"]) == (409, "households_differ")
    assert not await Joining.exists()


@pytest.mark.parametrize("both", [False, True])
async def test_place_in_a_household_is_hers_once_and_comes_back(town, phone_at, grandma, both):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)
    household_id = await households.create(by=person_id, now=NOW)
    if both:
        await HouseholdMember.create(
            household_id=household_id, person_id=grandma.person_id, joined_at=NOW, entered_by_id=grandma.person_id
        )
    made = await join(worker, person_id, await code_of(grandma))
    # The account comes to read what the household shares.
    confirmed = await (await phone_at(HEAD)).post(f"/station/joinings/{made['id']}/confirmation")
    assert (made["status"], confirmed.status_code) == ("asked", 200), confirmed.text

    assert await households.members(household_id) == [grandma.person_id]
    await (await phone_at(HEAD)).post(f"/station/joinings/{made['id']}/undoing", {"reason": "登记错了人"})

    assert set(await households.members(household_id)) == {person_id, *([grandma.person_id] if both else [])}
    assert await nothing_broken()


@pytest.mark.parametrize("hers_first", [True, False])
async def test_earlier_of_two_seats_at_one_activity_stays(town, phone_at, grandma, hers_first):
    person_id, activity = await entered(town, phone_at), await activities.activity(town, seats=5)
    two = [await Person.get(id=one) for one in (grandma.person_id, person_id)]
    first, second = [await activities.row(activity, one) for one in (two if hers_first else reversed(two))]

    await join(await phone_at(WORKER), person_id, await code_of(grandma))

    left = {one.id: one.status for one in await Booking.filter(activity_id=activity.id)}
    assert left == {first.id: "booked", second.id: "cancelled"}
    assert (await activities.fresh(activity)).seats_taken == 1
    assert await Notice.exists(template="booking_cancelled", subject_id=second.id)
    mine = (await grandma.get("/bookings")).json()["items"]
    assert [one["id"] for one in mine if one["status"] == "booked"] == [first.id]


async def test_worker_joins_neither_herself_nor_her_household(town, phone_at, grandma):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)

    own = await worker.post(f"/people/{person_id}/joinings", {"code": await code_of(worker)})

    assert (own.status_code, own.json()["details"]) == (403, {"rule": "own_joining"})


async def test_person_whom_the_station_does_not_know_is_not_found(town, phone_at, grandma):
    person_id, other = await entered(town, phone_at), await phone_at("周社工")

    answer = await other.post(f"/people/{person_id}/joinings", {"code": await code_of(grandma)})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    mine = await grandma.get("/me")
    assert mine.status_code == 200


async def test_account_on_a_phone_is_not_joined_to_another(town, phone_at, grandma):
    await town.need()
    worker = await phone_at(WORKER)

    answer = await worker.post(f"/people/{town.grandma.id}/joinings", {"code": await code_of(grandma)})

    assert (answer.status_code, answer.json()["details"]) == (409, {"status": "joined"})


async def test_need_entered_while_she_is_joined_follows(town, phone_at, grandma):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)
    made = await join(worker, person_id, await code_of(grandma))
    # A verb that had begun before.
    late = await town.need(by=grandma.person_id, area_id=town.areas["团结村"].id)
    await Need.filter(id=late.id).update(person_id=person_id)
    assert await Job.exists(kind=joining.JOB_KIND, subject=str(made["id"]))

    for _ in range(2):
        await joining.follow(int(made["id"]), now=NOW + timedelta(minutes=1))

    assert (await Need.get(id=late.id)).person_id == grandma.person_id


async def test_person_for_whom_three_workers_ask_at_once_is_joined_once(town, phone_at, grandma, phone_of):
    person_id = await entered(town, phone_at)
    await give_points(town, person_id)
    others = [grandma, await phone_of("biaomei"), await phone_of("linju")]
    shown = [(await codes.make(of=one.person_id, now=NOW))[0] for one in others]
    by = [town.staff[name] for name in (WORKER, "林社工", HEAD)]

    results = await at_once(
        *(joining.ask(person_id, code, by=who, now=NOW) for code, who in zip(shown, by, strict=True))
    )

    assert refused(results, AlreadyJoined) == 2
    assert await Joining.filter(person_id=person_id, open=1).count() == 1


async def test_code_that_is_typed_for_four_people_at_once_joins_one(town, phone_at, grandma):
    people = [await entered(town, phone_at) for _ in range(4)]
    code, _ = await codes.make(of=grandma.person_id, now=NOW)

    results = await at_once(*(joining.ask(one, code, by=town.staff[WORKER], now=NOW) for one in people))

    assert refused(results, InvalidPersonCode) == 3
    assert await Need.filter(person_id=grandma.person_id).count() == 1


async def test_confirmed_and_refused_at_once_is_decided_once(town, phone_at, grandma):
    person_id = await entered(town, phone_at)
    await give_points(town, person_id)
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))
    head, officer = town.staff[HEAD], town.staff["冯科长"]

    await at_once(
        joining.confirm(int(made["id"]), by=head, now=NOW),
        joining.refuse(int(made["id"]), reason="不是", by=officer, now=NOW),
        joining.confirm(int(made["id"]), by=officer, now=NOW),
    )

    one = await Joining.get(id=made["id"])
    moved = one.status == JoiningStatus.JOINED
    assert (await points(person_id), await points(grandma.person_id)) == ((0, 60) if moved else (60, 0))
    assert (await ledger.audit()).holds


async def test_joining_undone_three_times_at_once_while_she_spends_gives_back_once(town, phone_at, grandma):
    person_id, head, officer = await entered(town, phone_at), town.staff[HEAD], town.staff["冯科长"]
    await give_points(town, person_id)
    made = await join(await phone_at(WORKER), person_id, await code_of(grandma))
    await joining.confirm(int(made["id"]), by=head, now=NOW)
    good = await supermarket.good(town.stations["邻玉社工站"], 9, NOW, points_price=25)
    order = {"station_id": town.stations["邻玉社工站"].id, "lines": [{"good_id": good.id, "pieces": 1}]}

    results = await at_once(
        *(grandma.post("/supermarket/orders", order) for _ in range(3)),
        *(joining.undo(int(made["id"]), reason="登记错了", by=by, now=NOW) for by in (head, officer, head)),
    )

    spent = 25 * sum(one.status_code == 201 for one in results if not isinstance(one, Joining | Exception))
    debt = await ledger.get_balance(account_keys.debt(grandma.person_id, POINTS))
    assert refused(results, NotUndoable) == 2
    assert (await points(person_id), await points(grandma.person_id) + debt.balance) == (60, 0)
    assert spent <= 50
    assert (await ledger.audit()).holds
    assert await nothing_broken()


async def test_needs_entered_while_she_is_joined_are_all_hers(town, phone_at, grandma):
    person_id = await entered(town, phone_at)
    await Policy.create(name="crisis_join_after", scope="city", value=20, source="test")
    code, _ = await codes.make(of=grandma.person_id, now=NOW)
    worker = await phone_at(WORKER)

    await at_once(
        joining.ask(person_id, code, by=town.staff[HEAD], now=NOW),
        *(worker.post("/station/needs", {"person_id": person_id} | NEXT(town)) for _ in range(6)),
    )
    one = await Joining.get(person_id=person_id)
    await joining.follow(one.id, now=NOW + timedelta(minutes=1))

    assert not await Need.exists(person_id=person_id)
    assert await nothing_broken()


LOOK_UP, WHY = "/station/people/look-ups", "居民到柜台登记"


@pytest.mark.parametrize("typed", ["139-8765-4321", "+86 13987654321", "１３９８７６５４３２１"])
async def test_whole_phone_number_finds_the_person_on_file(town, phone_at, typed):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)

    answer = await worker.post(LOOK_UP, {"phone": typed, "reason": WHY})

    assert answer.status_code == 200, answer.text
    [found] = answer.json()["items"]
    assert (found["person_id"], found["name"], found["phone"]) == (person_id, "刘**", "139****4321")
    assert (found["home_name"], found["has_phone"]) == ("团结村", False)


async def test_slip_and_code_find_their_people_who_see_it(town, phone_at, grandma):
    need, worker = await town.need(by=grandma.person_id, area_id=town.areas["团结村"].id), await phone_at(WORKER)
    spaced = f"{need.slip_code[:5]}—{need.slip_code[5:]}".lower()

    for wanted in ({"slip_code": spaced}, {"person_code": await code_of(grandma)}):
        answer = await worker.post(LOOK_UP, wanted | {"reason": WHY})
        assert [one["person_id"] for one in answer.json()["items"]] == [grandma.person_id], wanted

    read = (await grandma.get("/me/readings")).json()["items"]
    assert [(one["reader"], one["kind"], one["reason"], one["reference"]) for one in read] == [
        (WORKER, "found", WHY, None)
    ] * 2


@pytest.mark.parametrize("wrong", [{}, {"phone": "1398765"}, {"phone": "13987654321", "slip_code": "ABCDE23456"}])
async def test_look_up_takes_one_whole_number(phone_at, wrong):
    worker = await phone_at(WORKER)

    answer = await worker.post(LOOK_UP, wrong | {"reason": WHY})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_person_who_was_found_is_served_at_another_counter_for_a_day(town, phone_at, clock):
    person_id, other = await entered(town, phone_at), await phone_at("周社工")
    body = {"person_id": person_id} | NEXT(town)
    assert (await other.post("/station/needs", body)).status_code == 404
    await other.post(LOOK_UP, {"phone": "13987654321", "reason": WHY})

    entered_there = await other.post("/station/needs", body)
    clock.forward(seconds=timedelta(days=1).total_seconds())
    later = await other.post("/station/needs", body | {"text": "再来一次"})

    assert entered_there.status_code == 201, entered_there.text
    assert (await Need.get(id=entered_there.json()["id"])).person_id == person_id
    assert later.status_code == 404


async def test_joined_person_is_found_as_the_account_alone(town, phone_at, grandma):
    person_id, worker = await entered(town, phone_at), await phone_at(WORKER)
    await join(worker, person_id, await code_of(grandma))
    await Person.filter(id=grandma.person_id).update(phone="13987654321")

    answer = await worker.post(LOOK_UP, {"phone": "13987654321", "reason": WHY})

    assert [one["person_id"] for one in answer.json()["items"]] == [grandma.person_id]


async def test_look_ups_of_people_and_needs_share_a_limit(town, phone_at):
    worker = await phone_at(WORKER)
    await Policy.create(name="look_ups_per_hour", scope="city", value=2, source="test")

    answers = [await worker.post(LOOK_UP, {"phone": "13987654321", "reason": WHY})]
    answers += [await worker.post("/station/needs/look-ups", {"phone": "13987654321", "reason": WHY}) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200, 409]


async def test_slip_of_a_confidential_need_finds_nobody_for_who_may_not_read_it(town, phone_at):
    need = await town.need(category="counselling")

    found = {}
    for name in (WORKER, HEAD):
        answer = await (await phone_at(name)).post(LOOK_UP, {"slip_code": need.slip_code, "reason": WHY})
        found[name] = [one["person_id"] for one in answer.json()["items"]]

    assert found == {WORKER: [], HEAD: [town.grandma.id]}


async def test_account_without_a_name_gets_that_of_the_file_and_gives_it_back(town, phone_at, phone_of):
    account, head = await phone_of("xinshouji"), await phone_at(HEAD)
    await account.put("/me/home", {"area_id": town.areas["团结村"].id})
    await Person.filter(id=account.person_id).update(name=None, phone=None)
    person_id = await entered(town, phone_at)
    home = (await account.get("/me")).json()["home"]
    made = await join(await phone_at(WORKER), person_id, await code_of(account))

    me = (await account.get("/me")).json()
    assert (me["name"], me["phone"]) == ("刘桂英", "13987654321")
    assert (await head.post(f"/station/joinings/{made['id']}/undoing", {"reason": "登记错了人"})).status_code == 200
    me = (await account.get("/me")).json()
    assert (me["name"], me["phone"], me["home"]) == (None, None, home)
