"""Invariants, checked on a live database by an administrator."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from server.domain import accounts, invariants
from server.models import (
    Activity,
    Attendee,
    BookingStatus,
    Coverage,
    Job,
    Need,
    NeedEvent,
    Person,
    Referral,
    Role,
    Station,
    Task,
    Urgency,
    Venue,
    VenueKind,
    VenueUse,
)
from server.models.needs import DueRank
from tests.conftest import NOW
from tests.factories import SINCE, activities, duty, points, tasks
from tests.sides import sign_in

NOTHING_DUE = {"next_due_at": None, "due_rank": DueRank.NOTHING_DUE.value}


async def broken() -> list[str]:
    return list((await invariants.check()).broken)


def checked(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.check_data"]
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)


async def test_city_made_by_verbs_keeps_every_invariant(city):
    await city.need()
    await tasks.confirmed(city)
    activity = await activities.activity(city)
    await activities.row(activity, city.grandma)

    report = await invariants.check()

    assert str(report) == f"All {len(invariants.INVARIANTS)} invariants hold."


async def test_broken_invariant_is_printed_with_its_rows(city, database):
    need = await city.need()
    await Need.filter(id=need.id).update(event_count=9)

    said = checked(database)

    assert said.returncode == 1
    assert said.stdout.splitlines()[0] == f"BROKEN: the timeline of a need has no gap: {need.id}"


async def test_unbroken_data_is_printed_as_such(city, database):
    said = checked(database)

    assert said.returncode == 0
    assert said.stdout.splitlines()[1].startswith("The ledger holds")


def test_where_there_is_no_database_it_says_so(tmp_path):
    said = checked(f"sqlite:///{tmp_path}/empty.db")

    assert (said.returncode, said.stdout) == (2, "")


async def test_account_disabled_by_hand_is_found(city):
    await Person.filter(id=city.grandma.id).update(disabled_at=NOW)

    assert await broken() == ["an account is disabled exactly while its person is shut out"]


async def test_session_and_role_of_a_person_who_is_shut_out_are_found(city):
    worker = city.staff["陈社工"].person_id
    await accounts.shut_out(worker, reason="冒用身份", by=accounts.ADMINISTRATOR, now=NOW)
    assert await broken() == []

    await sign_in(worker, NOW)
    await Role.filter(person_id=worker).update(current=1)

    assert await broken() == [
        "a person who is shut out has no session",
        "a person who is shut out has no role of staff",
    ]


async def test_a_need_at_a_closed_station_is_found(city):
    need = await city.need()
    await Station.filter(id=need.station_id).update(status="closed")

    assert await broken() == ["the station of an open need is open, or a job is about to move the need"]


async def test_a_status_written_by_hand_is_found(city):
    need = await city.need()
    await Need.filter(id=need.id).update(status="resolved", **NOTHING_DUE)

    assert await broken() == ["the status of a need is the last one of its timeline"]


async def test_a_next_deadline_written_by_hand_is_found(city):
    first, second = await city.need(), await city.need()
    await Need.filter(id=first.id).update(next_due_at=first.completion_due_at)
    await Need.filter(id=second.id).update(due_rank=DueRank.EMERGENCY.value)

    report = await invariants.check()

    assert {name: sorted(ids) for name, ids in report.broken.items()} == {
        "the next deadline of a need is that of its state": sorted([first.id, second.id])
    }


async def test_a_move_off_the_table_is_found(city):
    need = await city.need()
    await Need.filter(id=need.id).update(status="closed", event_count=need.event_count + 1, **NOTHING_DUE)
    await NeedEvent.create(
        need=need, number=need.event_count + 1, at=NOW, kind="closed", from_status="submitted", to_status="closed"
    )

    assert await broken() == ["every status change of a need is allowed"]


async def test_a_referral_that_nobody_answers_for_is_found(city):
    need = await city.need()
    other = city.stations["蓝田社工站"]
    await Referral.create(
        need=need, from_station_id=need.station_id, to_station=other, status_before="submitted",
        reason="", referred_by=city.grandma, referred_at=NOW, answer_due_at=NOW,
    )  # fmt: skip

    assert await broken() == ["a need has one open referral exactly while it is referred"]


async def test_an_area_covered_twice_is_found(city):
    lived_in = city.areas["邻玉街道"]
    await Coverage.create(
        station=city.stations["蓝田社工站"], area=lived_in, level="town_station", valid_from=SINCE, current=None
    )

    assert await broken() == ["an area has one station for each level at any time"]


async def test_minutes_held_for_an_ended_task_are_found(city):
    task = await tasks.paid_by_grandma(city)
    await Task.filter(id=task.id).update(open=None)

    assert await broken() == ["an ended task has no open hold"]


async def test_a_volunteer_in_two_places_at_once_is_found(city):
    record = await points.served(city, 60)
    later = record.started_at + timedelta(minutes=59)
    await points.served(city, 60, began=later)

    assert await broken() == ["service records of a volunteer do not overlap"]


@pytest.mark.parametrize("count", ["seats_taken", "seats_held", "waiting"])
async def test_a_wrong_count_of_seats_is_found(city, count):
    activity = await activities.activity(city)
    await Activity.filter(id=activity.id).update(**{count: 1})

    assert await broken() == ["the seat count of an activity matches its bookings"]


async def test_a_number_nobody_has_is_found(city):
    activity = await activities.activity(city)
    await Activity.filter(id=activity.id).update(last_number=1)

    assert await broken() == ["the numbers of a waiting list have no gap"]


async def test_booking_at_the_end_without_a_reason_is_found(city):
    activity = await activities.activity(city)
    await activities.row(activity, city.grandma, BookingStatus.WAITING, penalty_until=activities.STARTS)

    assert await broken() == ["a booking at the end of the waiting list has a reason for it"]


async def test_a_seat_nobody_offered_is_found(city):
    activity = await activities.activity(city)
    await activities.row(activity, city.grandma, BookingStatus.OFFERED)

    assert await broken() == ["a booking has one open offer exactly while it is offered"]


async def test_a_booking_that_lost_its_person_is_found(city):
    activity = await activities.activity(city)
    booking = await activities.row(activity, city.grandma)
    await Attendee.filter(booking_id=booking.id).update(current=None)

    assert await broken() == ["the seat count of a booking matches its people"]


async def test_venue_used_twice_is_found(city):
    venue = await Venue.create(
        station=city.stations["邻玉社工站"], kind=VenueKind.ACTIVITY, name="活动室", capacity=30, created_at=NOW
    )
    for _ in range(2):
        await VenueUse.create(
            venue=venue,
            starts_at=NOW,
            ends_at=activities.STARTS,
            purpose="会议",
            reserved_by=city.grandma,
            reserved_at=NOW,
        )

    assert await broken() == ["no venue is used twice at the same time"]


async def test_every_invariant_is_checked_on_many_rows(city, monkeypatch):
    monkeypatch.setattr(invariants, "ROWS_AT_ONCE", 2)
    needs = [await city.need() for _ in range(5)]
    await Need.filter(id__in=[needs[0].id, needs[4].id]).update(status="resolved")

    report = await invariants.check()

    assert sorted(report.broken["the status of a need is the last one of its timeline"]) == sorted(
        [needs[0].id, needs[4].id]
    )


async def test_long_list_is_printed_with_its_first_ids(city):
    report = invariants.Report(checked=1, broken={"a name": [1, 2, 3, 4, 5, 6, 7]})

    assert str(report) == "BROKEN: a name: 1, 2, 3, 4, 5 and 2 more"


async def test_alert_that_does_not_ring_and_person_on_duty_twice_are_found(city):
    await city.need(urgency=Urgency.EMERGENCY)
    for hours in (0, 6):
        await duty.shift(city.stations["邻玉社工站"], city.staff["陈社工"], NOW + timedelta(hours=hours))
    assert await broken() == ["a person is never on duty twice at a time"]

    await Job.filter(kind="sound_crisis").update(state="done")

    assert "an alert that nobody acknowledged rings" in await broken()
