"""Scans of a phone that had no network: what can count counts as of when it was seen, each conflict is named."""

from datetime import timedelta

import pytest

from server.domain.check_ins import offline_scans, roster
from server.domain.check_ins.roster import RosterProof
from server.errors import Busy, CheckInNotOpen, InvalidRoster, NotFound
from server.models import AuditEntry, BookingStatus, CheckInWay, Notice, Person, Scan, ServiceRecord
from tests import factories
from tests.conftest import NOW
from tests.domain.check_ins import door
from tests.domain.check_ins.door import ENDS, STARTS, at_post, fresh, health_check, merge, minutes, scanned, seat
from tests.factories import activities, volunteers
from tests.factories.tasks import household


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def outcome(city, activity, *args, by="林社工", now=ENDS, **more):
    """How one scan ends that is merged when the activity is over."""
    return (await merge(city, activity, scanned("1", *args, **more), by=by, at=now))["1"]


async def test_who_was_scanned_offline_came_when_they_were_scanned(city, activity):
    row, other = await seat(activity), await seat(activity, city.grandma)
    ticket = door.ticket(activity, other)

    found = await merge(city, activity, scanned("a", row), scanned("b", ticket=ticket.lower(), at=STARTS + minutes(3)))

    assert found == {"a": "checked_in", "b": "checked_in"}
    first, second = await fresh(row), await fresh(other)
    assert (first.checked_in_at, second.checked_in_at) == (STARTS, STARTS + minutes(3))
    assert (first.check_in_way, first.checked_in_by_id) == (CheckInWay.SCAN, city.staff["林社工"].person_id)


async def test_the_same_again_changes_nothing_and_is_answered_the_same(city, activity):
    row, li = await seat(activity), await at_post(city, activity)
    seen = [scanned("a", row), scanned("b", li), scanned("c", li, at=ENDS, out=True), scanned("d", 7)]
    first = await merge(city, activity, *seen)
    rows = await Scan.all().order_by("id").values()

    again = await merge(city, activity, *seen, by="陈社工", at=ENDS + minutes(30))

    assert first == again == {"a": "checked_in", "b": "checked_in", "c": "checked_out", "d": "unknown_ticket"}
    assert await Scan.all().order_by("id").values() == rows
    assert await ServiceRecord.all().count() == 1
    assert await Notice.filter(template="post_checked_out").count() == 1


async def test_what_was_sent_before_comes_back_with_what_is_new(city, activity):
    rows = [await seat(activity), await seat(activity, city.grandma)]
    await merge(city, activity, scanned("a", rows[0]))

    found = await merge(city, activity, scanned("b", rows[1]), scanned("a", rows[0]))

    assert list(found.items()) == [("b", "checked_in"), ("a", "checked_in")]


async def test_who_came_in_at_another_gate_is_there_already_and_keeps_that_time(city, activity):
    row = await seat(activity)
    await door.scan_in(activity, row.person_id, at=STARTS + minutes(9))

    assert await outcome(city, activity, row) == "already"
    assert (await fresh(row)).checked_in_at == STARTS + minutes(9)


async def test_two_phones_that_saw_the_same_person_say_so(city, activity):
    row = await seat(activity)

    found = await merge(city, activity, scanned("a", row, at=STARTS + minutes(1)), scanned("b", row))

    assert found == {"a": "already", "b": "checked_in"}
    assert (await fresh(row)).checked_in_at == STARTS


async def test_scans_count_in_the_order_they_were_made_whatever_order_they_are_sent_in(city, activity):
    li = await at_post(city, activity)

    found = await merge(city, activity, scanned("out", li, at=STARTS + minutes(50), out=True), scanned("in", li))

    assert found == {"out": "checked_out", "in": "checked_in"}
    record = await door.record_of(li)
    assert (record.started_at, record.ended_at, record.minutes) == (STARTS, STARTS + minutes(50), 50)
    assert record.claimed_at == ENDS


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (BookingStatus.CANCELLED, "booking_cancelled"),
        (BookingStatus.REFUSED, "booking_cancelled"),
        (BookingStatus.WAITING, "not_seated"),
        (BookingStatus.OFFERED, "not_seated"),
    ],
)
async def test_whose_booking_ended_or_waits_is_a_conflict(city, activity, status, said):
    row = await seat(activity, status=status)

    assert await outcome(city, activity, row) == said
    assert (await fresh(row)).checked_in_at is None


async def test_whom_nobody_knows_and_who_is_of_elsewhere(city, activity):
    row, foreign = await seat(activity), await seat(await health_check(city), city.grandma)

    seen = [scanned("a", 7), scanned("b", ticket="ABCD2345"), scanned("c", foreign), scanned("d", row)]
    found = await merge(city, activity, *seen)

    assert found == {"a": "unknown_ticket", "b": "unknown_ticket", "c": "other_activity", "d": "checked_in"}
    assert (await fresh(foreign)).checked_in_at is None
    assert (await Scan.get(client_id="c")).attendee_id is None


@pytest.mark.parametrize(
    ("after", "out", "said"),
    [
        (-61, False, "outside_hours"),
        (-60, False, "checked_in"),
        (120, False, "checked_in"),
        (121, False, "outside_hours"),
        (120 + 1440, True, "not_checked_in"),
        (121 + 1440, True, "outside_hours"),
    ],
)
async def test_scans_count_while_people_come_and_go(city, activity, after, out, said):
    li = await at_post(city, activity)
    at = STARTS + minutes(after)

    assert await outcome(city, activity, li, at=at, out=out, now=ENDS + timedelta(hours=30)) == said


@pytest.mark.parametrize(("ahead", "said"), [(120, "checked_in"), (121, "from_the_future")])
async def test_a_phones_clock_may_go_two_minutes_ahead(city, activity, ahead, said):
    row, at = await seat(activity), STARTS + timedelta(seconds=ahead)

    assert await outcome(city, activity, row, at=at, now=STARTS) == said
    assert (await fresh(row)).checked_in_at == (STARTS if said == "checked_in" else None)


async def test_only_volunteers_who_came_and_stayed_a_while_go(city, activity):
    row, li, other = await seat(activity), await at_post(city, activity), await at_post(city, activity, "赵敏")

    found = await merge(
        city,
        activity,
        scanned("resident", row, out=True),
        scanned("absent", other, out=True),
        scanned("in", li),
        scanned("at once", li, at=STARTS + timedelta(seconds=59), out=True),
        scanned("out", li, at=STARTS + minutes(60), out=True),
        scanned("again", li, at=STARTS + minutes(61), out=True),
    )

    assert list(found.values()) == [
        "not_a_volunteer", "not_checked_in", "checked_in", "too_early", "checked_out", "already",
    ]  # fmt: skip
    assert (await door.record_of(li)).minutes == 60


async def test_after_it_is_finished_nobody_comes_any_more_but_volunteers_go(city, activity):
    row, li = await seat(activity), await at_post(city, activity)
    await door.list_in(city, activity, li)
    await door.finish(city, activity)

    found = await merge(city, activity, scanned("a", row), scanned("b", li), scanned("c", li, at=ENDS, out=True))

    assert found == {"a": "activity_over", "b": "already", "c": "checked_out"}
    assert (await fresh(row)).booking.status == "no_show"


async def test_nobody_scans_hours_for_themselves_or_whom_they_live_with(city, activity):
    lin = await Person.get(id=city.staff["林社工"].person_id)
    await volunteers.approved(lin, city.stations[door.HERE], NOW)
    own = await seat(activity, lin, post=await activities.post(activity, title="引导"))
    wife = await at_post(city, activity)
    await household(lin, wife.person_id)

    found = await merge(city, activity, scanned("a", own), scanned("b", wife), scanned("c", wife, out=True))

    assert set(found.values()) == {"own_check_in"}
    assert await outcome(city, activity, own, by="陈社工") == "checked_in"


async def test_how_it_went_is_on_record_once(city, activity):
    row = await seat(activity)
    seen = [scanned("a", row), scanned("b", row), scanned("c", 7)]
    for _ in range(2):
        await merge(city, activity, *seen)

    entry = await AuditEntry.get(action="activity.scans_merged")

    assert (entry.subject, entry.facts) == (f"activity:{activity.id}", {"scans": 3, "conflicts": 1})


async def test_a_list_that_was_not_ours_takes_nobody_in(city, activity, monkeypatch):
    row, held = await seat(activity), door.holding(monkeypatch)
    person_id = city.staff["林社工"].person_id

    with pytest.raises(InvalidRoster):
        await offline_scans.merge(activity.id, RosterProof(STARTS, "0.0"), [scanned("a", row)], by=person_id, now=ENDS)

    assert not held
    assert not await Scan.all().exists()


async def test_nobody_was_seen_before_they_had_booked(city, activity):
    """A phone's clock may be two minutes late; whoever it saw then had just booked."""
    late, early = await seat(activity, seated_at=STARTS), await seat(activity, city.grandma, seated_at=STARTS)

    found = await merge(
        city, activity, scanned("a", late, at=STARTS - minutes(2)), scanned("b", early, at=STARTS - minutes(3))
    )

    assert found == {"a": "checked_in", "b": "before_booking"}
    assert (await fresh(late)).checked_in_at == STARTS
    assert (await fresh(early)).checked_in_at is None


async def test_volunteers_send_theirs_from_check_in_on_and_strangers_none(city, activity):
    li, row, stranger = await at_post(city, activity), await seat(activity), await factories.person("路人", NOW)
    _, proof = await roster.issue(activity.id, by=li.person_id, now=STARTS)

    for person_id, now, refusal in ((li.person_id, NOW, CheckInNotOpen), (stranger.id, STARTS, NotFound)):
        with pytest.raises(refusal):
            await offline_scans.merge(activity.id, proof, [scanned("a", row)], by=person_id, now=now)
    found = await offline_scans.merge(activity.id, proof, [scanned("a", row)], by=li.person_id, now=STARTS)

    assert found == [offline_scans.MergedScan("a", "checked_in")]


async def test_an_id_used_twice_at_once_takes_nothing_in(city, activity):
    """As when two phones send the same at the same moment: the second is told to try again."""
    row = await seat(activity)

    with pytest.raises(Busy):
        await merge(city, activity, scanned("a", row), scanned("a", 7))

    assert (await fresh(row)).checked_in_at is None


async def test_a_phone_with_the_same_ids_at_another_activity_is_another_phone(city, activity):
    other = await health_check(city)
    rows = [await seat(activity), await seat(other, city.grandma)]

    assert await outcome(city, activity, rows[0]) == await outcome(city, other, rows[1]) == "checked_in"
