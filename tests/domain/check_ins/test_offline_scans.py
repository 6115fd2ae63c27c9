"""Offline scans: they count from the time of the scan, and each conflict has an outcome."""

from datetime import timedelta

import pytest

from server.domain.check_ins import offline_scans, roster
from server.domain.check_ins.roster import RosterProof
from server.errors import Busy, CheckInNotOpen, InvalidRoster, NotFound
from server.models import AuditEntry, BookingStatus, CheckInWay, Notice, Person, Scan, ServiceRecord
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins, volunteers
from tests.factories.check_ins import ENDS, STARTS, add_volunteer, fresh, health_check, merge, minutes, scanned, seat
from tests.factories.tasks import household


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def outcome(city, activity, *args, by="林社工", now=ENDS, **more):
    """Return the outcome of one scan, sent when the activity is over."""
    return (await merge(city, activity, scanned("1", *args, **more), by=by, at=now))["1"]


async def test_scan_checks_in_at_the_time_of_the_scan(city, activity):
    row, other = await seat(activity), await seat(activity, city.grandma)
    ticket = check_ins.ticket(activity, other)

    found = await merge(city, activity, scanned("a", row), scanned("b", ticket=ticket.lower(), at=STARTS + minutes(3)))

    assert found == {"a": "checked_in", "b": "checked_in"}
    first, second = await fresh(row), await fresh(other)
    assert (first.checked_in_at, second.checked_in_at) == (STARTS, STARTS + minutes(3))
    assert (first.check_in_way, first.checked_in_by_id) == (CheckInWay.SCAN, city.staff["林社工"].person_id)


async def test_repeated_scans_change_nothing_and_get_the_same_answer(city, activity):
    row, li = await seat(activity), await add_volunteer(city, activity)
    seen = [scanned("a", row), scanned("b", li), scanned("c", li, at=ENDS, out=True), scanned("d", 7)]
    first = await merge(city, activity, *seen)
    rows = await Scan.all().order_by("id").values()

    again = await merge(city, activity, *seen, by="陈社工", at=ENDS + minutes(30))

    assert first == again == {"a": "checked_in", "b": "checked_in", "c": "checked_out", "d": "unknown_ticket"}
    assert await Scan.all().order_by("id").values() == rows
    assert await ServiceRecord.all().count() == 1
    assert await Notice.filter(template="post_checked_out").count() == 1


async def test_stored_scans_come_back_with_new_ones(city, activity):
    rows = [await seat(activity), await seat(activity, city.grandma)]
    await merge(city, activity, scanned("a", rows[0]))

    found = await merge(city, activity, scanned("b", rows[1]), scanned("a", rows[0]))

    assert list(found.items()) == [("b", "checked_in"), ("a", "checked_in")]


async def test_person_checked_in_elsewhere_keeps_that_time(city, activity):
    row = await seat(activity)
    await check_ins.scan_in(activity, row.person_id, at=STARTS + minutes(9))

    assert await outcome(city, activity, row) == "already_recorded"
    assert (await fresh(row)).checked_in_at == STARTS + minutes(9)


async def test_second_phone_reports_the_same_person_as_already_there(city, activity):
    row = await seat(activity)

    found = await merge(city, activity, scanned("a", row, at=STARTS + minutes(1)), scanned("b", row))

    assert found == {"a": "already_recorded", "b": "checked_in"}
    assert (await fresh(row)).checked_in_at == STARTS


async def test_scans_count_in_the_order_of_their_times(city, activity):
    li = await add_volunteer(city, activity)

    found = await merge(city, activity, scanned("out", li, at=STARTS + minutes(50), out=True), scanned("in", li))

    assert found == {"out": "checked_out", "in": "checked_in"}
    record = await check_ins.record_of(li)
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
async def test_ended_or_waiting_booking_is_a_conflict(city, activity, status, said):
    row = await seat(activity, status=status)

    assert await outcome(city, activity, row) == said
    assert (await fresh(row)).checked_in_at is None


async def test_unknown_tickets_and_other_activities_are_conflicts(city, activity):
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
async def test_scans_count_during_check_in_and_check_out(city, activity, after, out, said):
    li = await add_volunteer(city, activity)
    at = STARTS + minutes(after)

    assert await outcome(city, activity, li, at=at, out=out, now=ENDS + timedelta(hours=30)) == said


@pytest.mark.parametrize(("ahead", "said"), [(120, "checked_in"), (121, "clock_ahead")])
async def test_phone_clock_may_be_two_minutes_fast(city, activity, ahead, said):
    row, at = await seat(activity), STARTS + timedelta(seconds=ahead)

    assert await outcome(city, activity, row, at=at, now=STARTS) == said
    assert (await fresh(row)).checked_in_at == (STARTS if said == "checked_in" else None)


async def test_only_volunteers_who_stayed_can_check_out(city, activity):
    row, li, other = (
        await seat(activity),
        await add_volunteer(city, activity),
        await add_volunteer(city, activity, "赵敏"),
    )

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
        "not_a_volunteer", "not_checked_in", "checked_in", "too_early", "checked_out", "already_recorded",
    ]  # fmt: skip
    assert (await check_ins.record_of(li)).minutes == 60


async def test_finished_activity_takes_check_outs_but_no_check_ins(city, activity):
    row, li = await seat(activity), await add_volunteer(city, activity)
    await check_ins.list_in(city, activity, li)
    await check_ins.finish(city, activity)

    found = await merge(city, activity, scanned("a", row), scanned("b", li), scanned("c", li, at=ENDS, out=True))

    assert found == {"a": "activity_over", "b": "already_recorded", "c": "checked_out"}
    assert (await fresh(row)).booking.status == "no_show"


async def test_steward_cannot_scan_hours_for_themselves_or_family(city, activity):
    lin = await Person.get(id=city.staff["林社工"].person_id)
    await volunteers.approved(lin, city.stations[check_ins.HERE], NOW)
    own = await seat(activity, lin, post=await activities.post(activity, title="引导"))
    wife = await add_volunteer(city, activity)
    await household(lin, wife.person_id)

    found = await merge(city, activity, scanned("a", own), scanned("b", wife), scanned("c", wife, out=True))

    assert set(found.values()) == {"own_check_in"}
    assert await outcome(city, activity, own, by="陈社工") == "checked_in"


async def test_merge_is_audited_once(city, activity):
    row = await seat(activity)
    seen = [scanned("a", row), scanned("b", row), scanned("c", 7)]
    for _ in range(2):
        await merge(city, activity, *seen)

    entry = await AuditEntry.get(action="activity.scans_merged")

    assert (entry.subject, entry.facts) == (f"activity:{activity.id}", {"scans": 3, "conflicts": 1})


async def test_scans_with_a_foreign_roster_are_refused(city, activity, monkeypatch):
    row, held = await seat(activity), check_ins.record_locks(monkeypatch)
    person_id = city.staff["林社工"].person_id

    with pytest.raises(InvalidRoster):
        await offline_scans.merge(activity.id, RosterProof(STARTS, "0.0"), [scanned("a", row)], by=person_id, now=ENDS)

    assert not held
    assert not await Scan.all().exists()


async def test_scan_before_the_booking_is_a_conflict(city, activity):
    """A phone's clock may be two minutes slow; a person whom it scanned then had just booked."""
    late, early = await seat(activity, seated_at=STARTS), await seat(activity, city.grandma, seated_at=STARTS)

    found = await merge(
        city, activity, scanned("a", late, at=STARTS - minutes(2)), scanned("b", early, at=STARTS - minutes(3))
    )

    assert found == {"a": "checked_in", "b": "before_booking"}
    assert (await fresh(late)).checked_in_at == STARTS
    assert (await fresh(early)).checked_in_at is None


async def test_volunteers_can_send_scans_from_check_in_and_strangers_cannot(city, activity):
    li, row, stranger = await add_volunteer(city, activity), await seat(activity), await factories.person("路人", NOW)
    _, proof = await roster.issue(activity.id, by=li.person_id, now=STARTS)

    for person_id, now, refusal in ((li.person_id, NOW, CheckInNotOpen), (stranger.id, STARTS, NotFound)):
        with pytest.raises(refusal):
            await offline_scans.merge(activity.id, proof, [scanned("a", row)], by=person_id, now=now)
    found = await offline_scans.merge(activity.id, proof, [scanned("a", row)], by=li.person_id, now=STARTS)

    assert found == [offline_scans.MergedScan("a", "checked_in")]


async def test_duplicate_scan_ids_at_once_store_nothing(city, activity):
    """Two phones send the same scans at one moment: the second gets Busy."""
    row = await seat(activity)

    with pytest.raises(Busy):
        await merge(city, activity, scanned("a", row), scanned("a", 7))

    assert (await fresh(row)).checked_in_at is None


async def test_scan_ids_are_separate_for_each_activity(city, activity):
    other = await health_check(city)
    rows = [await seat(activity), await seat(other, city.grandma)]

    assert await outcome(city, activity, rows[0]) == await outcome(city, other, rows[1]) == "checked_in"
