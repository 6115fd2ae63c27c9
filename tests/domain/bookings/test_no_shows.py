"""No-shows: which ones count, the penalty, excuses and forgiveness."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import reference
from server.domain.activities import access as activities
from server.domain.bookings import no_show_queries, no_shows
from server.domain.pagination import Window
from server.errors import AlreadyExcused, NoExcusePending, NoShowNotCounted, NotAllowed, NotFound, OwnNoShow
from server.models import (
    Activity,
    Attendee,
    AuditEntry,
    Booking,
    Channel,
    Exemption,
    NoShow,
    Notice,
    Person,
    Post,
    SeatOffer,
    SeatOfferStatus,
)
from tests.conftest import NOW
from tests.factories.activities import STARTS, activity, post, row
from tests.factories.bookings import book_party, family, give_penalty, resident
from tests.factories.households import household
from tests.factories.waiting_list import (
    S,
    add_waiting,
    cancel_and_serve,
    counts,
    create_person,
    full_activity,
    policy,
    record_statements,
    states,
)

OVER = STARTS + timedelta(hours=2)
DAY = timedelta(days=1)
ALL = Window()


@db.transaction
async def note(one, now=OVER):
    await no_shows.close_bookings(await activities.lock_activity(one.id), now=now)


async def regular(**more):
    """Create a person who has attended an activity before."""
    person = await create_person(**more)
    await row(await Activity.filter(title="以前的活动").get(), person, S.ATTENDED)
    return person


@pytest.fixture
async def earlier(city):
    return await activity(
        city, title="以前的活动", starts_at=NOW - 30 * DAY, booking_opens_at=NOW - 40 * DAY, seats=500
    )


@pytest.fixture
async def one(city, earlier):
    return await activity(city, seats=50)


async def missed_by(person, station, *days, **more):
    """Create no-shows so many days before the present activity."""
    first_of_all = await Activity.filter(title="以前的活动").get()
    for before in days:
        booking = await row(first_of_all, person, S.NO_SHOW)
        facts = {"person": person, "station_id": station.id, "at": STARTS - before * DAY}
        await NoShow.create(booking=booking, **(facts | more))


async def templates(person_id):
    return await Notice.filter(person_id=person_id).values_list("template", flat=True)


async def of(person):
    return await NoShow.get(person=person, at=STARTS)


async def arrived(booking, at=STARTS):
    await Attendee.filter(booking=booking).update(checked_in_at=at, check_in_way="list")


async def test_bookings_end_as_attended_or_no_show(one):
    came, stayed = await row(one, await regular()), await row(one, await regular(), size=2)
    await arrived(came)

    await note(one)

    assert await states(came, stayed) == ["attended", "no_show"]
    assert await counts(one) == (1, 0, 0)
    no_show = await NoShow.get()
    assert (no_show.booking_id, no_show.person_id, no_show.station_id) == (stayed.id, stayed.person_id, one.station_id)
    assert (no_show.at, no_show.exemption) == (one.starts_at, None)
    assert {each.ended_at for each in await Booking.filter(activity=one)} == {OVER}
    assert await Attendee.filter(activity=one, current=1).values_list("booking_id", flat=True) == [came.id]


async def test_party_with_one_present_has_attended(one):
    party = await row(one, await regular(), size=2)
    await Attendee.create(activity=one, booking=party, name="王奶奶", checked_in_at=STARTS, check_in_way="list")

    await note(one)

    assert await states(party) == ["attended"]
    assert await NoShow.all().count() == 0


async def test_waiting_bookings_end_as_not_reached(one):
    waiting, offered = await add_waiting(one), await row(one, await create_person(), S.OFFERED, size=3)
    times = {"offered_at": NOW, "expires_at": STARTS}
    offer = await SeatOffer.create(booking=offered, activity=one, seats=3, **times)

    await note(one)

    assert await states(waiting, offered) == ["not_reached", "not_reached"]
    assert await counts(one) == (0, 0, 0)
    assert (await SeatOffer.get(id=offer.id)).state == SeatOfferStatus.WITHDRAWN
    assert await NoShow.all().count() == 0


async def test_late_cancellation_is_not_a_no_show(one):
    booking = await row(one, await regular())
    await cancel_and_serve(booking, STARTS - timedelta(minutes=1))

    await note(one)

    assert await states(booking) == ["cancelled"]
    assert await NoShow.all().count() == 0


async def test_absent_volunteer_frees_the_post_without_a_no_show(one):
    steward = await post(one, places=2)
    came, stayed = await row(one, await regular(), post=steward), await row(one, await regular(), post=steward)
    await Post.filter(id=steward.id).update(taken=2)
    await arrived(came)

    await note(one)

    assert await states(came, stayed) == ["attended", "no_show"]
    assert (await Post.get(id=steward.id)).taken == 1
    assert (await NoShow.all().count(), await counts(one)) == (0, (0, 0, 0))


@pytest.mark.parametrize(("age", "exemption"), [(70, None), (71, Exemption.AGE)])
async def test_no_show_of_a_person_over_seventy_does_not_count(one, age, exemption):
    person = await regular(birth_year=STARTS.year - age)
    await row(one, person)

    await note(one)

    assert (await of(person)).exemption == exemption


@pytest.mark.parametrize("before", [S.CANCELLED, S.REFUSED, S.LAPSED, S.NOT_REACHED, S.WAITING, S.BOOKED])
async def test_no_show_of_a_first_booking_does_not_count(one, earlier, before):
    person = await create_person()
    await row(earlier, person, before)
    await row(one, person)

    await note(one)

    assert (await of(person)).exemption == Exemption.FIRST_TIME


async def test_second_no_show_counts_although_the_first_was_exempt(one, earlier):
    person = await create_person()
    await row(earlier, person, S.NO_SHOW)
    await row(one, person)

    await note(one)

    assert (await of(person)).exemption is None


@pytest.mark.parametrize(("state", "exemption"), [(None, "late_seat"), ("withdrawn", "late_seat"), ("accepted", None)])
async def test_no_show_of_a_seat_given_late_counts_only_if_it_was_accepted(one, state, exemption):
    given = await row(one, await regular(), seated_at=one.cancellation_until + timedelta(minutes=1))
    if state is not None:
        times = {"offered_at": one.cancellation_until, "expires_at": one.starts_at}
        await SeatOffer.create(booking=given, activity=one, state=state, seats=1, open=None, **times)

    await note(one)

    assert (await NoShow.get()).exemption == exemption


@pytest.mark.parametrize(("minutes", "exemption"), [(61, None), (60, "late_seat"), (1, "late_seat")])
async def test_seat_promoted_in_the_last_hour_makes_no_counted_no_show(one, minutes, exemption):
    await Activity.filter(id=one.id).update(cancellation_until=one.starts_at)
    await row(one, await regular(), seated_at=one.starts_at - timedelta(minutes=minutes))

    await note(one)

    assert (await NoShow.get()).exemption == exemption


async def test_old_first_timer_is_exempt_for_age(one):
    person = await create_person(birth_year=1940)
    await row(one, person)

    await note(one)

    assert (await of(person)).exemption == Exemption.AGE


async def test_person_with_a_no_show_reads_how_to_give_an_excuse(one, city):
    exempt, counted, often = await create_person(), await regular(), await regular()
    await missed_by(often, city.stations["邻玉社工站"], 20, 10)
    for person in (exempt, counted, often):
        await row(one, person)

    await note(one)

    said = {each.person_id: each.body for each in await Notice.filter(template__startswith="no_show")}
    assert "不计入" in said[exempt.id]
    assert "说明原因" in said[counted.id]
    assert "排在后面" not in said[counted.id]
    assert "排在后面" in said[often.id]
    assert (await Notice.first()).subject_id == one.id


async def test_relative_who_booked_on_a_phone_is_notified_and_the_counter_is_not(one, city):
    daughter, clerk = await create_person("女儿"), city.staff["陈社工"].person_id
    await row(one, await regular(), booked_by=daughter)
    await row(one, await regular(), booked_by_id=clerk, channel=Channel.COUNTER)

    await note(one)

    assert (await templates(daughter.id), await templates(clerk)) == (["no_show"], [])


@db.transaction
async def noted(one, monkeypatch):
    held = await activities.lock_activity(one.id)
    sent = record_statements(type(db.connection()), monkeypatch)
    await no_shows.close_bookings(held, now=OVER)
    return sent


@pytest.mark.parametrize("people", [3, 30])
async def test_statements_do_not_grow_with_the_bookings(one, people, monkeypatch):
    for number in range(people):
        booking = await row(one, await (regular() if number % 3 else create_person()))
        await arrived(booking) if number % 3 == 1 else None
        await add_waiting(one)

    await reference.snapshot()
    sent = await noted(one, monkeypatch)

    assert await NoShow.all().count() == people * 2 // 3
    assert len(sent) == 22


async def waiting_elsewhere(city, person):
    return await row(await activity(city, seats=1), person, S.WAITING)


async def behind(booking):
    return (await Booking.get(id=booking.id)).penalty_until


@pytest.mark.parametrize(
    ("days", "more", "expected"),
    [
        ((), {}, None),
        ((10,), {}, None),
        ((20, 10), {}, 30),
        ((90, 1), {}, 30),
        ((91, 1), {}, None),
        ((20, 10), {"exemption": Exemption.FORGIVEN}, None),
        # The earlier penalty is over, and the last no-show brings none.
        ((130, 120, 41), {}, None),
        # The last no-show brings none, but the earlier penalty lasts.
        ((95, 91, 6), {}, 24),
    ],
)
async def test_three_counted_no_shows_in_ninety_days_give_thirty_days_penalty(one, city, days, more, expected):
    person = await regular()
    elsewhere = await waiting_elsewhere(city, person)
    await missed_by(person, city.stations["邻玉社工站"], *days, **more)
    await row(one, person)

    await note(one)

    until = None if expected is None else STARTS + expected * DAY
    assert await behind(elsewhere) == until
    assert await no_shows.penalty_until([person.id], OVER) == until


async def test_penalty_moves_only_waiting_bookings(one, city):
    person = await regular()
    seated = await row(await activity(city), person)
    await missed_by(person, city.stations["邻玉社工站"], 20, 10)
    await row(one, person)

    await note(one)

    assert await behind(seated) is None


async def test_penalty_ends_after_thirty_days(city, earlier):
    person = await regular()
    await missed_by(person, city.stations["邻玉社工站"], 20, 10, 0)

    ends = STARTS + 30 * DAY
    assert await no_shows.penalty_until([person.id], ends - timedelta(seconds=1)) == ends
    assert await no_shows.penalty_until([person.id], ends) is None


async def test_limits_are_policies_of_the_city(city, earlier):
    person = await regular()
    await missed_by(person, city.stations["邻玉社工站"], 0)
    assert await no_shows.penalty_until([person.id], OVER) is None

    await policy("no_show_limit", 1)
    await policy("no_show_penalty_days", 7)

    assert await no_shows.penalty_until([person.id], OVER) == STARTS + 7 * DAY


async def test_penalty_of_zero_days_has_no_effect(city, earlier):
    person = await regular()
    await missed_by(person, city.stations["邻玉社工站"], 20, 10, 0)

    await policy("no_show_penalty_days", 0)

    assert await no_shows.penalty_until([person.id], OVER) is None


@pytest.fixture
async def often(city, earlier):
    """Create a person with three counted no-shows and a waiting booking."""
    person = await regular()
    await missed_by(person, city.stations["邻玉社工站"], 20, 10, 0)
    elsewhere = await waiting_elsewhere(city, person)
    await Booking.filter(id=elsewhere.id).update(penalty_until=STARTS + 30 * DAY)
    return person, elsewhere


async def forgive(city, no_show, by="陈社工", now=OVER):
    return await no_shows.forgive(no_show.id, "已核实当天就医", by=city.staff[by], now=now)


async def test_forgiven_no_show_restores_the_order(city, often):
    person, elsewhere = often
    no_show = await of(person)

    await forgive(city, no_show)

    kept = await of(person)
    assert (kept.exemption, kept.decided_by_id) == (Exemption.FORGIVEN, city.staff["陈社工"].person_id)
    assert (kept.decision, kept.decided_at) == ("已核实当天就医", OVER)
    assert await behind(elsewhere) is None
    told = await Notice.get(person_id=person.id)
    assert told.template == "no_show_forgiven"
    assert told.body == "“以前的活动”：站点已免除这次爽约，原因：已核实当天就医。"
    assert (await AuditEntry.get(action="no_show.forgiven")).subject == f"no_show:{no_show.id}"


async def uphold(city, no_show, by="陈社工"):
    return await no_shows.uphold(no_show.id, "没有就医记录", by=city.staff[by], now=OVER)


async def test_refused_excuse_is_answered_once_and_still_counts(city, often):
    person, elsewhere = often
    no_show = await of(person)
    with pytest.raises(NoExcusePending):
        await uphold(city, no_show)
    await excuse(no_show, person)

    await uphold(city, no_show)

    kept = await of(person)
    assert (kept.exemption, kept.decision, kept.decided_at) == (None, "没有就医记录", OVER)
    assert kept.decided_by_id == city.staff["陈社工"].person_id
    assert await behind(elsewhere) == STARTS + 30 * DAY
    assert "没有就医记录" in (await Notice.get(person_id=person.id, template="no_show_upheld")).body
    with pytest.raises(NoExcusePending):
        await uphold(city, no_show)
    assert (await forgive(city, no_show)).exemption == Exemption.FORGIVEN


async def test_upholding_needs_the_same_rights_as_forgiving(city, often):
    person, _ = often
    no_show = await of(person)
    await excuse(no_show, person)
    await household(person.id, city.staff["陈社工"].person_id, now=NOW)

    for name, refusal in (("陈社工", OwnNoShow), ("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await uphold(city, no_show, by=name)


async def test_penalty_stays_when_three_no_shows_are_left(city, often):
    person, elsewhere = often
    await missed_by(person, city.stations["邻玉社工站"], 5)

    await forgive(city, await of(person))

    assert await behind(elsewhere) == STARTS + 25 * DAY


@pytest.mark.parametrize("exemption", list(Exemption))
async def test_uncounted_no_show_cannot_be_excused_or_forgiven(city, often, exemption):
    no_show = await of(often[0])
    await NoShow.filter(id=no_show.id).update(exemption=exemption)

    with pytest.raises(NoShowNotCounted):
        await forgive(city, no_show)
    with pytest.raises(NoShowNotCounted):
        await excuse(no_show, often[0])


@pytest.mark.parametrize(("by", "answer"), [("周社工", NotFound), ("冯科长", NotAllowed)])
async def test_only_staff_of_the_station_can_forgive(city, often, by, answer):
    with pytest.raises(answer):
        await forgive(city, await of(often[0]), by=by)


async def test_staff_cannot_forgive_themselves_or_family(city, often):
    person, _ = often
    await household(person.id, city.staff["陈社工"].person_id, now=NOW)
    own = await Person.get(id=city.staff["赵站长"].person_id)
    await missed_by(own, city.stations["邻玉社工站"], 0)

    with pytest.raises(OwnNoShow):
        await forgive(city, await of(person))
    with pytest.raises(OwnNoShow):
        await forgive(city, await of(own), by="赵站长")


async def excuse(no_show, by):
    return await no_shows.excuse(no_show.id, "突然发烧", by=by.id, now=OVER)


async def test_excuse_is_given_once_and_the_station_is_notified(city, often):
    person, _ = often
    no_show = await of(person)

    await excuse(no_show, person)

    kept = await of(person)
    assert (kept.excuse, kept.excused_at, kept.exemption) == ("突然发烧", OVER, None)
    assert await templates(city.staff["赵站长"].person_id) == ["no_show_excused"]
    with pytest.raises(AlreadyExcused):
        await excuse(no_show, person)


async def test_family_can_give_the_excuse_and_strangers_cannot(city, often):
    person, _ = often
    daughter, no_show = await create_person(), await of(person)
    await household(daughter.id, person.id, now=NOW)

    for stranger in (await create_person(), await Person.get(id=city.staff["陈社工"].person_id)):
        with pytest.raises(NotFound):
            await excuse(no_show, stranger)
    await excuse(no_show, daughter)

    assert (await of(person)).excuse == "突然发烧"


async def test_person_reads_own_no_shows_with_penalty(city, often):
    person, _ = often
    await missed_by(person, city.stations["邻玉社工站"], 100, exemption=None)
    await missed_by(person, city.stations["邻玉社工站"], 3, exemption=Exemption.FORGIVEN)

    found = [*await no_show_queries.list_of_person(person.id, Window(limit=2))]
    found += await no_show_queries.list_of_person(person.id, Window((found[-1].at, found[-1].id), 9))
    standing = await no_show_queries.get_summary(person.id, OVER)

    assert [(STARTS - each.at).days for each in found] == [0, 3, 10, 20, 100]
    assert found[0].booking.activity.station.name == "邻玉社工站"
    assert (standing.counting, standing.rule.limit, standing.penalty_until) == (3, 3, STARTS + 30 * DAY)


async def at(city, staff, station=None, limit=2):
    """Read a station's list page by page."""
    found, place = [], None
    while page := await no_show_queries.list_of_stations(city.staff[staff], station, Window(place, limit)):
        found += [(STARTS - each.at).days for each in page]
        place = no_show_queries.position_of(page[-1])
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
async def test_station_list_has_undecided_excuses_first(city, often, limit):
    person, _ = often
    await missed_by(person, city.stations["邻玉社工站"], 40, excused_at=NOW - DAY, excuse="住院")
    await missed_by(person, city.stations["邻玉社工站"], 30, excused_at=NOW - 2 * DAY, excuse="住院")
    forgiven = {"excused_at": NOW - 9 * DAY, "exemption": Exemption.FORGIVEN}
    await missed_by(person, city.stations["邻玉社工站"], 15, **forgiven)
    upheld = {"excused_at": NOW - 8 * DAY, "decided_at": NOW}
    await missed_by(person, city.stations["邻玉社工站"], 12, **upheld)

    assert await at(city, "陈社工", limit=limit) == [30, 40, 0, 10, 12, 15, 20]


async def test_lists_are_limited_to_the_station_or_county(city, often):
    person, _ = often
    await missed_by(person, city.stations["蓝田社工站"], 7)

    assert await at(city, "周社工") == [7]
    assert await at(city, "冯科长") == [0, 7, 10, 20]
    assert await at(city, "冯科长", city.stations["蓝田社工站"].id) == [7]
    assert await at(city, "周社工", city.stations["邻玉社工站"].id) == []


async def test_activity_with_five_hundred_bookings_is_closed(city, one):
    await Activity.filter(id=one.id).update(seats=600)
    people = [Person(name="居民", created_at=NOW) for _ in range(500)]
    await Person.bulk_create(people)
    usual = {"status": S.BOOKED, "channel": Channel.PHONE_APP, "size": 1, "booked_at": NOW, "activity_id": one.id}
    await Booking.bulk_create(
        Booking(person_id=each.id, booked_by_id=each.id, number=number, **usual)
        for number, each in enumerate(people, start=1)
    )
    await Activity.filter(id=one.id).update(seats_taken=500, last_number=500)

    await note(one)

    assert await NoShow.filter(exemption=Exemption.FIRST_TIME).count() == 500
    assert await Notice.filter(template="no_show_exempt").count() == 500
    assert await counts(one) == (0, 0, 0)


async def test_activity_without_bookings_is_closed(city, one):
    _, seated = await full_activity(city)

    await note(one)

    assert await states(seated) == ["booked"]
    assert await Notice.all().count() == 0


async def test_party_has_the_place_of_its_last_member(city):
    missing, good = await resident(city, "常缺席"), await resident(city)
    await family(missing, good)
    until = await give_penalty(city, missing)
    full_one = await activity(city, seats=2)
    await row(full_one, city.grandma, size=2)

    together = await book_party(full_one, good, None, missing.id)

    assert together.penalty_until == until
    assert (await Booking.get(id=together.id)).penalty_until == until


async def test_third_no_show_moves_every_shared_booking_and_forgiveness_restores_it(city):
    missing, good = await resident(city, "常缺席"), await resident(city)
    await family(missing, good)
    full_one = await activity(city, seats=2)
    await row(full_one, city.grandma, size=2)
    shared = await book_party(full_one, good, None, missing.id)
    await give_penalty(city, missing)
    no_show = await NoShow.filter(person=missing).first()

    await put_in_place(missing)
    assert (await Booking.get(id=shared.id)).penalty_until is not None
    await no_shows.forgive(no_show.id, "生病", by=city.staff["赵站长"], now=NOW)
    assert (await Booking.get(id=shared.id)).penalty_until is None


@db.transaction
async def put_in_place(person):
    await no_shows._update_waiting_list([person.id], NOW)
