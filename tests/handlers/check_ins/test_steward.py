"""Stewards through HTTP: tickets, rosters, offline scans, and the list as a file."""

import hashlib
from datetime import timedelta

import pytest

from server.models import Person, Reading, Role, RoleKind
from tests.adapters.test_spreadsheet import opened
from tests.conftest import NOW
from tests.factories import activities, check_ins, volunteers
from tests.factories.check_ins import ENDS, STARTS, minutes, seat
from tests.factories.stations import phone_with_role


@pytest.fixture
async def activity(town):
    return await check_ins.health_check(town)


@pytest.fixture
async def worker(phone_of_staff):
    return await phone_of_staff("吴社工", check_ins.HERE)


@pytest.fixture
async def officer(phone_of, town):
    return await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"])


@pytest.fixture
async def li(phone_of, town, activity):
    """Return 小李, a volunteer and steward."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    person = await Person.get(id=phone.person_id)
    await volunteers.approved(person, town.stations[check_ins.HERE], NOW)
    phone.row = await seat(activity, person, post=await activities.post(activity))
    return phone


def path(activity, verb):
    return f"/station/activities/{activity.id}/{verb}"


def scan(client_id, at=STARTS, **more):
    return {"client_id": client_id, "scanned_at": at.isoformat(), **more}


async def merged(phone, activity, roster, *scans):
    proof = {name: roster[name] for name in ("issued_at", "signature")}
    return await phone.post(path(activity, "scans"), {"roster": proof, "scans": list(scans)})


async def test_ticket_check_in_returns_name_and_time(worker, activity, town, clock):
    row = await seat(activity, town.grandma)
    clock.set(STARTS)

    answer = await worker.post(path(activity, "check-ins"), {"ticket": check_ins.ticket(activity, row)})

    there = answer.json()["people"][0]
    assert (there["attendee_id"], there["name"], there["checked_in_at"]) == (
        row.id,
        "王**",
        "2026-03-13T10:00:00+08:00",
    )


@pytest.mark.parametrize(
    "body", [{}, {"ticket": "ABCD2345", "attendee_ids": [7]}, {"attendee_ids": []}, {"ticket": ""}]
)
async def test_selection_needs_either_attendees_or_a_ticket(worker, activity, body):
    answer = await worker.post(path(activity, "check-ins"), body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_each_refusal_has_its_code(worker, li, activity, town, clock):
    row = await seat(activity, town.grandma)
    asked = [
        (worker, "check-ins", {"ticket": "ABCD2345"}, 409, "invalid_ticket"),
        (worker, "check-ins", {"attendee_ids": [7]}, 404, "not_found"),
        (worker, "check-outs", {"attendee_ids": [row.id]}, 403, "role_required"),
        (worker, "check-outs", {"attendee_ids": [li.row.id]}, 409, "not_checked_in"),
        (li, "check-ins", {"attendee_ids": [li.row.id]}, 403, "conflict_of_interest"),
        (li, "check-outs", {"attendee_ids": [li.row.id]}, 403, "conflict_of_interest"),
    ]
    clock.set(STARTS)

    for phone, verb, body, status, said in asked:
        answer = await phone.post(path(activity, verb), body)
        assert (answer.status_code, answer.json()["code"]) == (status, said)


async def test_staff_check_out_a_volunteer(worker, li, activity, clock):
    clock.set(STARTS)
    await worker.post(path(activity, "check-ins"), {"attendee_ids": [li.row.id]})
    clock.set(ENDS)

    left = (await worker.post(path(activity, "check-outs"), {"attendee_ids": [li.row.id]})).json()["people"][0]

    assert (left["post"], left["minutes"], left["name"]) == ("签到", 120, "李**")
    waiting = (await worker.get("/station/service-records")).json()["items"]
    assert [(one["id"], one["activity_id"]) for one in waiting] == [(left["service_record_id"], activity.id)]


async def test_approver_reads_who_vouched_for_the_hours(worker, officer, li, activity, clock):
    clock.set(STARTS)
    await li.post(f"/activities/{activity.id}/check-ins", {"code": check_ins.code(activity)})
    clock.set(ENDS)
    left = (await worker.post(path(activity, "check-outs"), {"attendee_ids": [li.row.id]})).json()["people"][0]
    record = f"/station/service-records/{left['service_record_id']}"

    shown, masked = (await worker.get(record)).json(), (await officer.get(record)).json()

    came = {"at": "2026-03-13T10:00:00+08:00", "by": "李志强", "is_self": True, "method": "own_phone"}
    went = {"at": "2026-03-13T12:00:00+08:00", "by": "吴社工", "is_self": False, "method": "manual"}
    assert (shown["checked_in"], shown["checked_out"]) == (came, went)
    assert (masked["checked_in"]["by"], masked["checked_out"]["by"]) == ("李**", "吴**")


async def test_volunteers_phone_works_offline_and_sends_scans_later(li, activity, town, clock):
    row, late = await seat(activity, town.grandma), await seat(activity)
    clock.set(STARTS - minutes(30))
    roster = (await li.get(path(activity, "roster"))).json()
    ticket = check_ins.ticket(activity, row)
    known = {one["ticket_sha256"]: one for one in roster["people"]}
    assert known[hashlib.sha256(ticket.encode()).hexdigest()]["name"] == "王**"
    await check_ins.set_status(late, "cancelled")
    clock.set(ENDS)

    scans = [scan("p-1", ticket=ticket), scan("p-2", attendee_id=late.id), scan("p-3", ticket="ABCD2345")]
    report = (await merged(li, activity, roster, *scans)).json()

    assert [(one["client_id"], one["outcome"], one["conflict"]) for one in report["results"]] == [
        ("p-1", "checked_in", False),
        ("p-2", "booking_cancelled", True),
        ("p-3", "unknown_ticket", True),
    ]
    assert (report["conflicts"], report["results"][1]["outcome_words"]) == (2, "报名已经取消")
    assert (await check_ins.fresh(row)).checked_in_at == STARTS


async def test_repeated_scans_get_the_same_answer(worker, activity, town, clock):
    row = await seat(activity, town.grandma)
    roster = (await worker.get(path(activity, "roster"))).json()
    clock.set(ENDS)

    first, again = [await merged(worker, activity, roster, scan("p-1", attendee_id=row.id)) for _ in range(2)]

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["conflicts"] == 0


async def test_scans_without_a_valid_roster_are_refused(worker, activity):
    answer = await merged(worker, activity, {"issued_at": NOW.isoformat(), "signature": "x"}, scan("a", ticket="A"))

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_roster")


@pytest.mark.parametrize(
    "scans",
    [
        [],
        [scan("a", ticket="A"), scan("a", ticket="B")],
        [scan("a")],
        [scan("a", ticket="A", attendee_id=7)],
        [scan("", ticket="A")],
        [scan("a b", ticket="A")],
        [scan("a" * 41, ticket="A")],
        [scan(f"a{number}", ticket="A") for number in range(501)],
        [{"client_id": "a", "scanned_at": "2026-03-13T10:00:00", "ticket": "A"}],
    ],
)
async def test_malformed_scans_are_refused(worker, activity, scans):
    roster = (await worker.get(path(activity, "roster"))).json()

    answer = await merged(worker, activity, roster, *scans)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_five_hundred_scans_are_merged_at_once(worker, activity, clock):
    row = await seat(activity)
    roster = (await worker.get(path(activity, "roster"))).json()
    clock.set(ENDS)

    answer = await merged(worker, activity, roster, *(scan(f"a{n}", attendee_id=row.id) for n in range(500)))

    assert [one["outcome"] for one in answer.json()["results"]] == ["checked_in"] + ["already_recorded"] * 499


async def test_exported_file_runs_no_formulas(worker, li, activity, town, clock):
    await Person.filter(id=town.grandma.id).update(name="=HYPERLINK(1)")
    row = await seat(activity, town.grandma)
    clock.set(STARTS)
    await worker.post(path(activity, "check-ins"), {"attendee_ids": [row.id, li.row.id]})
    clock.set(ENDS + timedelta(hours=3))
    await worker.post(path(activity, "check-outs"), {"attendee_ids": [li.row.id]})

    answer = await worker.post(path(activity, "attendance"), {"reason": "归档"})

    assert answer.headers["content-disposition"] == 'attachment; filename="attendance.xlsx"'
    lines, files = opened(answer.content)
    assert lines[0] == ["免费体检"]
    assert lines[1] == ["2026-03-13 10:00 至 2026-03-13 12:00"]
    assert lines[4:] == [
        ["1", "李志强", "志愿者（签到）", "2026-03-13 10:00", "名单登记", "2026-03-13 15:00", "是", "180"],
        ["2", "=HYPERLINK(1)", "居民", "2026-03-13 10:00", "名单登记", "", "是", ""],
    ]
    assert "<f>" not in files["xl/worksheets/sheet1.xml"]


async def test_approver_sees_the_planned_length_of_the_activity(worker, li, activity, clock):
    clock.set(STARTS - timedelta(minutes=40))
    await worker.post(path(activity, "check-ins"), {"attendee_ids": [li.row.id]})
    clock.set(ENDS + timedelta(hours=3))
    await worker.post(path(activity, "check-outs"), {"attendee_ids": [li.row.id]})

    [listed] = (await worker.get("/station/service-records")).json()["items"]
    shown = (await worker.get(f"/station/service-records/{listed['id']}")).json()

    for one in (listed, shown):
        assert (one["minutes"], one["planned_minutes"], one["planned_starts_at"]) == (
            220,
            120,
            "2026-03-13T10:00:00+08:00",
        )


async def test_export_needs_a_reason_that_the_listed_people_can_read(worker, activity, town):
    await seat(activity, town.grandma)
    await seat(activity, await Person.create(name="", created_at=NOW))

    for body in ({}, {"reason": " "}, {"reason": "归档", "more": "1"}):
        assert (await worker.post(path(activity, "attendance"), body)).status_code == 400
    assert not await Reading.all().exists()
    lines, _ = opened((await worker.post(path(activity, "attendance"), {"reason": "归档"})).content)

    assert [line[1] for line in lines[4:]] == ["王秀英", "未留姓名"]
    assert lines[-1][3:] == ["", "", "", "否", ""]
    reading = await Reading.get(person_id=town.grandma.id)
    assert (reading.reader_id, reading.reason) == (worker.person_id, "归档")


async def test_stand_in_checks_volunteers_in_and_out_and_reads_the_stored_answer(officer, li, activity, town, clock):
    await Role.filter(station_id=town.stations[check_ins.HERE].id).exclude(kind=RoleKind.VOLUNTEER).update(current=None)
    for verb, moment in (("check-ins", STARTS), ("check-outs", ENDS)):
        clock.set(moment)
        first, again = [
            await officer.post(path(activity, verb), {"attendee_ids": [li.row.id]}, key=verb) for _ in range(2)
        ]
        assert (first.status_code, again.status_code) == (200, 200), (verb, first.text, again.text)
        assert first.json() == again.json()


async def test_volunteer_whom_a_stand_in_checked_in_vouches_for_others(officer, li, activity, town, clock):
    await Role.filter(station_id=town.stations[check_ins.HERE].id).exclude(kind=RoleKind.VOLUNTEER).update(current=None)
    other = await check_ins.add_volunteer(town, activity, "王小妹")
    clock.set(STARTS)
    assert (await officer.post(path(activity, "check-ins"), {"attendee_ids": [li.row.id]})).is_success

    assert (await li.post(path(activity, "check-ins"), {"attendee_ids": [other.id]})).is_success
