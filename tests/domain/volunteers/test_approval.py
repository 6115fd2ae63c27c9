"""Approval: the station approves, declines, records trainings and reads the contact."""

from datetime import date, datetime, timedelta

import pytest

from server.domain.volunteers import applications, approval
from server.errors import (
    InvalidVolunteerState,
    NotAllowed,
    NotFound,
    OwnVolunteering,
    TrainingExists,
    TrainingInFuture,
)
from server.models import (
    AuditEntry,
    Notice,
    Reading,
    Role,
    RoleKind,
    Training,
    Volunteer,
    VolunteerStatus,
)
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering

S = VolunteerStatus
FIRST_AID = {"title": "急救培训", "day": date(2026, 3, 8), "training_minutes": 120}


async def decline(city, volunteer, by="陈社工"):
    return await approval.decline(volunteer.id, reason="请先参加培训", by=city.staff[by], now=NOW)


async def train(city, volunteer, by="陈社工", now=NOW, **other):
    return await approval.record_training(volunteer.id, **FIRST_AID | other, by=city.staff[by], now=now)


async def test_approved_volunteer_has_the_role(city):
    volunteer = await volunteering.approved(city)

    kept = await Volunteer.get(id=volunteer.id)
    worker, station = city.staff["陈社工"].person_id, city.stations["邻玉社工站"].id
    assert (kept.status, kept.decided_by_id, kept.decided_at) == (S.APPROVED, worker, NOW)
    role = await Role.get(person_id=volunteer.person_id)
    assert (role.kind, role.scope, role.station_id) == (RoleKind.VOLUNTEER, f"station:{station}", station)
    assert (role.granted_by_id, role.granted_at, role.current) == (worker, NOW, 1)


async def test_approval_notifies_the_applicant_and_is_audited(city):
    volunteer = await volunteering.approved(city)

    assert await volunteering.told(volunteer.person_id) == ["volunteer_approved"]
    entry = await AuditEntry.get(action="volunteer.approved")
    assert (entry.subject, entry.person_id) == (f"volunteer:{volunteer.id}", city.staff["陈社工"].person_id)


async def test_second_decision_is_refused(city):
    volunteer = await volunteering.approved(city)

    with pytest.raises(InvalidVolunteerState) as refused:
        await volunteering.approve(city, volunteer, by="林社工")
    with pytest.raises(InvalidVolunteerState):
        await decline(city, volunteer)
    assert refused.value.details == {"status": S.APPROVED}
    assert await Role.filter(kind=RoleKind.VOLUNTEER).count() == 1


async def test_declined_applicant_reads_the_reason_and_gets_no_role(city):
    volunteer = await volunteering.applied(city)

    await decline(city, volunteer)

    kept = await Volunteer.get(id=volunteer.id)
    assert (kept.status, kept.decision) == (S.DECLINED, "请先参加培训")
    assert await volunteering.told(volunteer.person_id) == ["volunteer_declined"]
    assert not await Role.exists(kind=RoleKind.VOLUNTEER)


@pytest.mark.parametrize(
    ("by", "refusal"), [("冯科长", NotAllowed), ("卫处长", NotAllowed), ("褚科长", NotFound), ("周社工", NotFound)]
)
async def test_decision_by_staff_of_another_station_is_refused(city, by, refusal):
    volunteer = await volunteering.applied(city)

    for verb in (volunteering.approve, decline, train):
        with pytest.raises(refusal):
            await verb(city, volunteer, by=by)
    assert (await Volunteer.get()).status == S.APPLIED


async def test_decision_on_the_own_application_is_refused(city):
    worker = await factories.Person.get(id=city.staff["陈社工"].person_id)
    await factories.Person.filter(id=worker.id).update(home_id=city.areas["团结村"].id)
    volunteer = await volunteering.apply(worker)

    for verb in (volunteering.approve, decline, train):
        with pytest.raises(OwnVolunteering):
            await verb(city, volunteer)
    assert (await volunteering.approve(city, volunteer, by="赵站长")).status == S.APPROVED


async def test_decision_by_a_relative_is_refused(city):
    volunteer = await volunteering.applied(city)
    await volunteering.live_together(volunteer.person_id, city.staff["陈社工"].person_id)

    for verb in (volunteering.approve, decline, train):
        with pytest.raises(OwnVolunteering):
            await verb(city, volunteer)
    assert (await volunteering.approve(city, volunteer, by="林社工")).status == S.APPROVED


@pytest.mark.parametrize("step", [volunteering.applied, volunteering.approved])
async def test_training_of_volunteers_and_applicants_is_recorded(city, step):
    volunteer = await step(city)

    made = await train(city, volunteer)

    kept = await Training.get(id=made.id)
    assert (kept.volunteer_id, kept.title, kept.day, kept.training_minutes) == (volunteer.id, *FIRST_AID.values())
    assert (kept.recorded_by_id, kept.recorded_at) == (city.staff["陈社工"].person_id, NOW)
    assert "training_recorded" in await volunteering.told(volunteer.person_id)


async def test_same_training_on_one_day_is_recorded_once(city):
    volunteer = await volunteering.approved(city)
    await train(city, volunteer)

    with pytest.raises(TrainingExists):
        await train(city, volunteer, by="林社工", training_minutes=60)
    await train(city, volunteer, day=date(2026, 3, 9))
    await train(city, volunteer, title="沟通培训")

    assert await Training.filter(volunteer=volunteer).count() == 3


async def test_training_in_the_future_is_refused(city):
    volunteer = await volunteering.approved(city)

    with pytest.raises(TrainingInFuture):
        await train(city, volunteer, day=date(2026, 3, 11))
    assert await train(city, volunteer, day=date(2026, 3, 10))


async def test_training_day_is_a_day_in_shanghai(city):
    volunteer = await volunteering.approved(city)
    after_midnight_there = datetime.combine(date(2026, 3, 10), NOW.time(), NOW.tzinfo) + timedelta(hours=15)

    assert await train(city, volunteer, day=date(2026, 3, 11), now=after_midnight_there)


async def test_training_of_a_former_volunteer_is_refused(city):
    volunteer = await volunteering.approved(city)
    await applications.leave(volunteer.person_id, now=NOW)

    with pytest.raises(InvalidVolunteerState):
        await train(city, volunteer)


async def test_reading_of_the_phone_is_logged_and_notifies_the_volunteer(city):
    volunteer = await volunteering.applied(city)
    worker = city.staff["陈社工"]

    person = await approval.reveal_contact(volunteer.id, reason="约时间面谈", by=worker, now=NOW)

    assert (person.name, person.phone) == ("小李", "13912345678")
    reading = await Reading.get()
    assert (reading.subject, reading.what) == (f"volunteer:{volunteer.id}", "contact")
    assert (reading.reader_id, reading.person_id, reading.reason) == (worker.person_id, person.id, "约时间面谈")
    assert await volunteering.told(person.id) == ["volunteer_contact_read"]


@pytest.mark.parametrize(("by", "refusal"), [("冯科长", NotAllowed), ("周社工", NotFound)])
async def test_reading_of_the_phone_by_other_staff_is_refused(city, by, refusal):
    volunteer = await volunteering.applied(city)

    with pytest.raises(refusal):
        await approval.reveal_contact(volunteer.id, reason="好奇", by=city.staff[by], now=NOW)
    assert not await Reading.exists()


async def test_notices_contain_no_name(city):
    volunteer = await volunteering.applied(city, "李雷")
    await approval.reveal_contact(volunteer.id, reason="李雷约面谈", by=city.staff["陈社工"], now=NOW)
    await decline(city, volunteer)

    for notice in await Notice.all():
        assert "李雷" not in notice.title + notice.body
        assert "139" not in notice.title + notice.body
