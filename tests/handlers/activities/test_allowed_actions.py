"""The steps that an activity shows to staff are those that succeed: in every phase, for every reader."""

from datetime import timedelta

import pytest

from miniprogram_contract.activities_staff import StaffActivityAction
from server.domain.check_ins import roster
from server.models import Activity, ActivitySeries, Attendee, Category, Person, Role, Station, Venue, VenueUse
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins, drafts, volunteers
from tests.factories.check_ins import ENDS, STARTS, seat
from tests.factories.households import household
from tests.factories.waiting_list import activity_with_offer
from tests.people import Phone
from tests.sides import sign_in

HERE = "邻玉社工站"
READERS = ("林社工", "赵站长", "孙站长", "周社工", "冯科长", "褚科长", "卫处长")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SERIES = {"every_weeks": 52, "times": 1}
# The state of an activity, and the moment at which it is read.
PHASES = {
    "draft": ({"status": "draft", "listed": 0, "published_at": None}, NOW),
    "draft of the past": ({"status": "draft", "listed": 0, "published_at": None}, ENDS + HOUR),
    "draft without places": ({"status": "draft", "listed": 0, "published_at": None, "seats": 0}, NOW),
    "booking not open": ({"booking_opens_at": NOW + DAY}, NOW),
    "booking open": ({}, NOW),
    "without seats": ({"seats": 0}, NOW),
    "booking closed": ({}, STARTS - 31 * MINUTE),
    "check-in open": ({}, STARTS - 30 * MINUTE),
    "running": ({}, STARTS),
    "over": ({}, ENDS),
    "long over": ({}, ENDS + 366 * DAY),
    "finished": ({"status": "finished", "ended_at": ENDS}, ENDS + HOUR),
    "cancelled": ({"status": "cancelled", "listed": 0, "ended_at": NOW}, NOW + HOUR),
}
Scene = tuple[Activity, dict[str, int]]
SEATED = {"finished": "attended", "cancelled": "cancelled"}


@pytest.fixture
async def phones(client, town, clock):
    return {
        name: Phone(client, await sign_in(scope.person_id, NOW + 400 * DAY), scope.person_id)
        for name, scope in town.staff.items()
    }


async def people_of(town, one: Activity, phase: str) -> dict[str, int]:
    """Seat a resident and a volunteer; the volunteer is checked in once it has begun. Return their attendees."""
    if one.status == "draft":
        return {}
    status = SEATED.get(phase, "booked")
    found = {"volunteer": await check_ins.add_volunteer(town, one)}
    if one.seats:
        found["resident"] = await seat(one, await factories.person("王大爷", NOW))
    for row in found.values():
        await check_ins.set_status(row, status)
    if phase in {"over", "finished"}:
        found["volunteer"].checked_in_at = STARTS
        await found["volunteer"].save(update_fields=["checked_in_at"])
    return {name: row.id for name, row in found.items()}


async def made(town, phase: str, **more) -> Scene:
    one = await check_ins.health_check(town, **(PHASES[phase][0] | more))
    return one, await people_of(town, one, phase)


def body_of(action: str, scene: Scene, town, now) -> dict:
    one, people = scene
    when = max(one.starts_at, now) + 30 * DAY
    newcomer = {"name": "刘大爷", "phone": "0830-2345678", "area_id": town.areas["团结村"].id, "birth_year": 1948}
    times = {
        "starts_at": when.isoformat(),
        "ends_at": (when + HOUR).isoformat(),
        "booking_closes_at": (when + HOUR).isoformat(),
    }
    bodies = {
        "changes": times if one.status == "draft" else {"title": "健康讲座", "seats": min(one.seats, 19)},
        "cancellation": {"reason": "当天有暴雨"},
        "copy": {"starts_at": when.isoformat(), "with_venue": False},
        "series": SERIES,
        "posts": {"title": "讲解", "places": 2},
        "bookings": {"newcomer": newcomer, "channel": "counter"},
        "check-ins": {"attendee_ids": [people.get("resident") or people.get("volunteer") or 7]},
        "check-outs": {"attendee_ids": [people.get("volunteer") or 7]},
        "scans": {
            "roster": proof_of(one),
            "scans": [{"client_id": "a81f-0001", "scanned_at": now.isoformat(), "ticket": "AB"}],
        },
        "attendance": {"reason": "存档"},
    }
    return bodies.get(action, {})


def proof_of(one: Activity) -> dict:
    """Return the signature of an empty roster that a phone got before."""
    digest = "00" * 32
    return {"issued_at": NOW.isoformat(), "signature": roster._signature(one, NOW, digest)}


async def check(phone, town, clock, make) -> list[str]:
    """Try each step and return what is shown. Steps that are not shown change nothing: one activity does for them."""
    scene = await make()
    page = await phone.get(f"/station/activities/{scene[0].id}")
    shown = page.json()["allowed_actions"] if page.status_code == 200 else []
    for action in sorted(StaffActivityAction, key=lambda step: step in shown):
        if action in shown:
            scene = await make()
        path = f"/station/activities/{scene[0].id}/{action}"

        answer = await phone.post(path, body_of(action, scene, town, clock.now()))

        assert answer.is_success is (action in shown), (action, shown, answer.text)
    return shown


@pytest.mark.parametrize("phase", PHASES)
async def test_shown_steps_of_an_activity_are_those_that_succeed(town, phones, clock, phase):
    for reader in READERS:
        clock.set(PHASES[phase][1])
        await check(phones[reader], town, clock, lambda: made(town, phase))


@pytest.mark.parametrize("status", ["planned", "suspended", "closed"])
@pytest.mark.parametrize("phase", ["draft", "booking open"])
async def test_station_that_is_not_open_shows_nothing_new(town, phones, clock, phase, status):
    await Station.filter(id=town.stations[HERE].id).update(status=status)

    await check(phones["林社工"], town, clock, lambda: made(town, phase))


@pytest.mark.parametrize("phase", ["draft", "running", "over", "finished"])
async def test_stand_in_sees_the_steps_that_succeed(town, phones, clock, phase):
    await Role.filter(station_id=town.stations[HERE].id).update(current=None)
    for reader in ("孙站长", "冯科长", "卫处长"):
        clock.set(PHASES[phase][1])
        await check(phones[reader], town, clock, lambda: made(town, phase))


async def test_category_out_of_use_is_not_copied(town, phones, clock):
    await Category.filter(code="culture").update(active=False)

    shown = await check(phones["林社工"], town, clock, lambda: made(town, "booking open"))
    assert not {"copy", "series"} & set(shown)


@pytest.mark.parametrize("venue", [{"capacity": 20}, {"active": False}, {"capacity": 19}])
async def test_series_needs_the_venue(town, phones, clock, venue):
    hall = await drafts.venue(town)
    await Venue.filter(id=hall.id).update(**venue)
    by = town.staff["林社工"].person_id

    async def make() -> Scene:
        await Activity.filter(venue_use_id__not_isnull=True).update(venue_use_id=None)
        await VenueUse.all().delete()
        told = {"purpose": "体检", "reserved_at": NOW, "reserved_by_id": by}
        use = await VenueUse.create(venue=hall, starts_at=STARTS, ends_at=ENDS, **told)
        return await made(town, "booking open", venue_use=use)

    shown = await check(phones["林社工"], town, clock, make)
    assert ("series" in shown) is (venue == {"capacity": 20})


async def test_activity_of_a_series_begins_no_other(town, phones, clock):
    facts = {"station": town.stations[HERE], "every_weeks": 1, "created_at": NOW, "created_by": town.grandma}
    series = await ActivitySeries.create(**facts)

    shown = await check(phones["林社工"], town, clock, lambda: made(town, "booking open", series=series))
    assert "series" not in shown


async def here(row: Attendee) -> Scene:
    """Check the person in at the begin, and return the activity with them as its volunteer or resident."""
    await Attendee.filter(id=row.id).update(checked_in_at=STARTS)
    return await row.activity, dict.fromkeys(("resident", "volunteer"), row.id)


@pytest.mark.parametrize("came", [False, True])
async def test_running_activity_is_finished_only_when_everybody_came(town, phones, clock, came):
    async def make() -> Scene:
        row = await seat(await check_ins.health_check(town))
        return await here(row) if came else (await row.activity, {"resident": row.id})

    clock.set(STARTS)
    assert ("finish" in await check(phones["林社工"], town, clock, make)) is came


async def test_open_offer_keeps_an_activity_from_being_finished(town, phones, clock):
    async def make() -> Scene:
        return (await activity_with_offer(town))[0], {}

    clock.set(STARTS)
    assert "finish" not in await check(phones["林社工"], town, clock, make)


async def test_serving_volunteer_keeps_an_activity_from_being_cancelled(town, phones, clock):
    async def make() -> Scene:
        return await here(await check_ins.add_volunteer(town, await check_ins.health_check(town)))

    for seconds in (0, 59, 60):
        clock.set(STARTS + timedelta(seconds=seconds))
        shown = await check(phones["林社工"], town, clock, make)
        assert ("cancellation" in shown, "check-outs" in shown) == (False, seconds == 60)


@pytest.mark.parametrize("is_near", [False, True])
async def test_own_post_and_relatives_are_not_checked_in_or_out(town, phones, clock, is_near):
    lin = await Person.get(id=phones["林社工"].person_id)
    person = await factories.person("李志强", NOW) if is_near else lin
    await volunteers.approved(person, town.stations[HERE], NOW)
    if is_near:
        await household(lin.id, person.id, now=NOW - 40 * DAY)

    async def make() -> Scene:
        one = await check_ins.health_check(town)
        return await here(await seat(one, person, post=await activities.post(one)))

    clock.set(STARTS + MINUTE)
    for reader in ("林社工", "赵站长"):
        shown = await check(phones[reader], town, clock, make)
        assert {"check-ins", "check-outs"}.isdisjoint(shown) is (reader == "林社工")


async def test_volunteer_who_checked_in_the_worker_is_not_checked_in_by_them(town, phones, clock):
    lin = await Person.get(id=phones["林社工"].person_id)
    await volunteers.approved(lin, town.stations[HERE], NOW)

    async def make() -> Scene:
        one = await check_ins.health_check(town)
        other = await check_ins.add_volunteer(town, one)
        own = await seat(one, lin, post=await activities.post(one, title="引导"))
        await Attendee.filter(id=own.id).update(checked_in_at=STARTS, checked_in_by_id=other.person_id)
        return one, {"volunteer": other.id}

    clock.set(STARTS + MINUTE)
    assert "check-ins" not in await check(phones["林社工"], town, clock, make)


async def test_twenty_posts_are_enough(town, phones, clock):
    async def make() -> Scene:
        one = await check_ins.health_check(town)
        for number in range(20):
            await activities.post(one, title=f"岗位{number}")
        return one, {}

    assert "posts" not in await check(phones["林社工"], town, clock, make)
