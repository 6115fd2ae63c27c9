"""Races at check-in on several connections: each ends as in some order of the two."""

from server.domain.bookings import cancellation
from server.errors import ActivityOver, AlreadyCheckedIn, CheckInCancelled, PostRequired, Refusal
from server.models import AuditEntry, Booking, Notice, Scan, ServiceRecord
from tests import factories
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories import check_ins
from tests.factories.check_ins import (
    ENDS,
    STARTS,
    add_volunteer,
    fresh,
    health_check,
    list_in,
    merge,
    scan_in,
    scanned,
    seat,
)

ROUNDS = 4


async def test_code_scanned_twice_at_once_makes_one_check_in(city):
    """Two phones scan one QR code; there is one row."""
    activity = await health_check(city)
    for number in range(ROUNDS):
        row = await seat(activity, await factories.person(f"居民{number}", NOW))
        seen = scanned(f"{number}", ticket=check_ins.ticket(activity, row), at=STARTS)

        answers = await at_once(
            *(list_in(city, activity, row, by=name) for name in ("林社工", "陈社工", "赵站长")),
            *(scan_in(activity, row.person_id) for _ in range(3)),
            merge(city, activity, seen, by="林社工"),
        )

        assert refused(answers, Refusal) == 0
        now = await fresh(row)
        kept = {(one[0].checked_in_at, one[0].checked_in_by_id) for one in answers[:6]}
        assert kept <= {(now.checked_in_at, now.checked_in_by_id)}
        by_hand = await AuditEntry.filter(action="activity.checked_in").count()
        assert by_hand <= number + 1


async def test_whole_parties_check_in_at_once_in_any_order(city):
    activity = await health_check(city)
    rows = [await seat(activity, await factories.person(f"居民{number}", NOW)) for number in range(6)]

    answers = await at_once(
        *(list_in(city, activity, *rows, by=name) for name in ("林社工", "陈社工")),
        *(list_in(city, activity, *reversed(rows), by=name) for name in ("林社工", "赵站长")),
        *(scan_in(activity, one.person_id) for one in rows),
    )

    assert refused(answers, Refusal) == 0
    told = await AuditEntry.filter(action="activity.checked_in")
    ticked = [one for entry in told for one in entry.facts["attendees"]]
    assert len(ticked) == len(set(ticked))
    assert all([(await fresh(one)).checked_in_at for one in rows])


async def test_check_in_and_cancellation_at_once_end_in_one_of_them(city):
    activity = await health_check(city, booking_closes_at=STARTS)
    before = STARTS - check_ins.minutes(30)
    for number in range(ROUNDS):
        row = await seat(activity, await factories.person(f"居民{number}", NOW))

        answers = await at_once(
            scan_in(activity, row.person_id, at=before),
            cancellation.cancel(row.booking_id, by=row.person_id, now=before),
        )

        now = await fresh(row)
        assert refused(answers, CheckInCancelled, AlreadyCheckedIn) == 1
        came = now.checked_in_at is not None
        assert (now.booking.status, now.current) == (("booked", 1) if came else ("cancelled", None))


async def test_check_in_before_the_finish_counts_as_attended(city):
    for number in range(ROUNDS):
        activity = await health_check(city)
        row = await seat(activity, await factories.person(f"居民{number}", NOW))

        answers = await at_once(check_ins.finish(city, activity, ENDS), scan_in(activity, row.person_id, at=ENDS))

        assert not isinstance(answers[0], Exception)
        # A check-in that comes later finds the activity over or, having read it before, its booking ended.
        assert isinstance(answers[1], list | ActivityOver | CheckInCancelled)
        came = isinstance(answers[1], list)
        now = await fresh(row)
        assert (now.checked_in_at is not None, now.booking.status) == (came, "attended" if came else "no_show")


async def test_check_ins_do_not_wait_for_each_other(city):
    activity = await health_check(city)
    rows = [await seat(activity, await factories.person(f"居民{number}", NOW)) for number in range(8)]

    answers = await at_once(
        *(verb for one in rows for verb in (scan_in(activity, one.person_id), check_ins.lock_and_release(activity)))
    )

    assert refused(answers, Refusal) == 0


async def test_check_out_twice_at_once_makes_one_record(city):
    activity = await health_check(city)
    for number in range(ROUNDS):
        li = await add_volunteer(city, activity, f"志愿者{number}")
        await scan_in(activity, li.person_id)

        answers = await at_once(
            *(check_ins.scan_out(activity, li.person_id) for _ in range(3)),
            *(check_ins.list_out(city, activity, li, by=name) for name in ("林社工", "陈社工")),
            merge(city, activity, scanned(f"{number}", li, at=ENDS, out=True)),
        )

        assert refused(answers, Refusal) == 0
        record = await ServiceRecord.get(volunteer_id=li.person_id)
        assert (record.minutes, (await fresh(li)).service_record_id) == (120, record.id)
        assert await Notice.filter(person_id=li.person_id, template="post_checked_out").count() <= 1


async def test_volunteers_checked_out_at_once_get_a_record_each(city):
    activity = await health_check(city)
    rows = [await add_volunteer(city, activity, f"志愿者{number}") for number in range(5)]
    await list_in(city, activity, *rows)

    answers = await at_once(
        *(check_ins.list_out(city, activity, *order, by=name)
          for order, name in ((rows, "林社工"), (rows[::-1], "陈社工"), (rows[2:], "赵站长")))
    )  # fmt: skip

    assert refused(answers, Refusal) == 0
    assert await ServiceRecord.all().count() == 5


async def test_check_out_and_cancellation_of_a_post_at_once_make_no_empty_record(city):
    activity = await health_check(city)
    for number in range(ROUNDS):
        li = await add_volunteer(city, activity, f"志愿者{number}")

        answers = await at_once(
            scan_in(activity, li.person_id, at=STARTS - check_ins.minutes(1)),
            cancellation.cancel(li.booking_id, by=li.person_id, now=STARTS - check_ins.minutes(1)),
        )
        left = (await at_once(check_ins.scan_out(activity, li.person_id)))[0]

        assert refused(answers, Refusal) == 1
        came = (await Booking.get(id=li.booking_id)).status == "booked"
        assert isinstance(left, PostRequired) is not came
        assert await ServiceRecord.filter(volunteer_id=li.person_id).count() == came


async def test_scans_merged_twice_at_once_are_stored_once(city):
    activity = await health_check(city)
    for number in range(ROUNDS):
        row, li = (
            await seat(activity, await factories.person("居民", NOW)),
            await add_volunteer(city, activity, f"志愿者{number}"),
        )
        seen = [
            scanned(f"{number}-a", row),
            scanned(f"{number}-b", li),
            scanned(f"{number}-c", li, at=ENDS, out=True),
            scanned(f"{number}-d", ticket="ABCD2345"),
        ]

        answers = await at_once(
            *(merge(city, activity, *order, by=name)
              for order, name in ((seen, "林社工"), (seen[::-1], "林社工"), (seen, "陈社工")))
        )  # fmt: skip

        assert refused(answers, Refusal) == 0
        assert answers[0] == answers[1] == answers[2]
        assert await Scan.all().count() == 4 * (number + 1)
        assert await ServiceRecord.filter(volunteer_id=li.person_id).count() == 1


async def test_phones_with_the_same_people_merge_at_once(city):
    activity = await health_check(city)
    rows = [await seat(activity, await factories.person(f"居民{number}", NOW)) for number in range(10)]
    phones = [[scanned(f"{phone}-{one.id}", one) for one in rows[:: 1 if phone % 2 else -1]] for phone in range(3)]

    answers = await at_once(*(merge(city, activity, *seen) for seen in phones))

    assert refused(answers, Refusal) == 0
    outcomes = [one for answer in answers for one in answer.values()]
    assert sorted(outcomes) == ["already_recorded"] * 20 + ["checked_in"] * 10
