"""Applications: apply, change the profile, leave, and apply again."""

from datetime import timedelta

import pytest

from server.domain import station_lifecycle
from server.domain.volunteers import applications, approval
from server.errors import (
    AlreadyApplied,
    CategoryNotAvailable,
    HomeRequired,
    InvalidVolunteerState,
    NotFound,
    VolunteerBanned,
    VolunteerRequired,
    VolunteerTasksOpen,
)
from server.models import (
    AuditEntry,
    Category,
    Coverage,
    Notice,
    Role,
    RoleKind,
    Station,
    StationCategory,
    TaskStatus,
    Volunteer,
    VolunteerStatus,
)
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.domain.volunteers.volunteering import SATURDAY, held

S = VolunteerStatus
LATER = NOW + timedelta(days=3)


async def test_application_goes_to_the_station_of_the_home(city):
    volunteer = await volunteering.applied(city)

    kept = await Volunteer.get(person_id=volunteer.person_id)
    assert (kept.status, kept.station_id) == (S.APPLIED, city.stations["邻玉社工站"].id)
    assert (kept.about, kept.skills, kept.free_times) == ("会量血压", ["elder_care"], [SATURDAY])
    assert (kept.applied_at, kept.served_minutes, kept.show_in_rankings) == (NOW, 0, False)


async def test_application_notifies_everyone_of_the_station_only(city):
    await volunteering.applied(city)

    for name in ("陈社工", "林社工", "赵站长"):
        assert await volunteering.told(city.staff[name].person_id) == ["volunteer_applied"]
    assert await Notice.all().count() == 3


@pytest.mark.parametrize(
    ("home", "station"), [("和平社区", "和平社工室"), ("宪桥社区", "蓝田社工站"), ("码头社区", "龙马潭总站")]
)
async def test_application_goes_to_the_deepest_open_station(city, home, station):
    volunteer = await volunteering.applied(city, home=home)

    assert volunteer.station_id == city.stations[station].id


async def test_application_ignores_the_categories_of_the_station(city):
    await StationCategory.all().delete()

    assert (await volunteering.applied(city)).station_id == city.stations["邻玉社工站"].id


async def test_application_from_an_uncovered_home_goes_to_the_city_desk(city):
    await Coverage.all().delete()

    volunteer = await volunteering.applied(city)

    assert volunteer.station_id == city.stations["市级服务台"].id
    assert await volunteering.told(city.staff["卫处长"].person_id) == ["volunteer_applied"]
    assert "目前没有工作人员" in (await Notice.get()).body


async def test_application_without_a_home_is_refused(city):
    visitor = await factories.person("路人", NOW)

    with pytest.raises(HomeRequired):
        await volunteering.apply(visitor)
    assert not await Volunteer.exists()


@pytest.mark.parametrize("skill", ["nonsense", "not_sure", "culture"])
async def test_skill_that_is_no_active_category_is_refused(city, skill):
    await Category.filter(code="culture").update(active=False)
    person = await volunteering.neighbour(city)

    with pytest.raises(CategoryNotAvailable) as refused:
        await volunteering.apply(person, skills=["elder_care", skill])
    assert refused.value.details == {"categories": [skill]}
    assert not await Volunteer.exists()


async def test_second_application_while_undecided_is_refused(city):
    volunteer = await volunteering.applied(city)

    with pytest.raises(AlreadyApplied) as refused:
        await volunteering.apply(await volunteer.person, about="再来一次")
    assert refused.value.details == {"status": S.APPLIED}
    assert (await Volunteer.get()).about == "会量血压"


async def test_application_of_a_volunteer_is_refused(city):
    volunteer = await volunteering.approved(city)

    with pytest.raises(AlreadyApplied):
        await volunteering.apply(await volunteer.person)
    assert (await Volunteer.get()).status == S.APPROVED


async def test_application_of_a_banned_volunteer_is_refused(city):
    ban = await volunteering.banned(city)
    volunteer = await Volunteer.get(id=ban.volunteer_id)

    with pytest.raises(VolunteerBanned):
        await volunteering.apply(await volunteer.person)
    with pytest.raises(InvalidVolunteerState):
        await applications.leave(volunteer.person_id, now=NOW)
    assert (await Volunteer.get()).status == S.BANNED


async def test_declined_applicant_applies_again_at_the_new_home(city):
    volunteer = await volunteering.applied(city)
    await approval.decline(volunteer.id, reason="请先参加培训", by=city.staff["陈社工"], now=NOW)
    person = await volunteer.person
    await factories.Person.filter(id=person.id).update(home_id=city.areas["宪桥社区"].id)

    again = await volunteering.apply(person, now=LATER, about="已参加培训", skills=["culture"])

    kept = await Volunteer.get(person_id=person.id)
    assert (kept.id, again.id) == (volunteer.id, volunteer.id)
    assert (kept.status, kept.station_id, kept.applied_at) == (S.APPLIED, city.stations["蓝田社工站"].id, LATER)
    assert (kept.about, kept.skills) == ("已参加培训", ["culture"])
    assert (kept.decision, kept.decided_at, kept.decided_by_id) == ("", None, None)


async def test_returning_volunteer_keeps_the_served_hours(city):
    volunteer = await volunteering.approved(city)
    await Volunteer.filter(id=volunteer.id).update(served_minutes=1200)
    await applications.leave(volunteer.person_id, now=NOW)

    await volunteering.apply(await volunteer.person, now=LATER)

    assert (await Volunteer.get()).served_minutes == 1200


async def test_new_home_does_not_move_a_volunteer(city):
    volunteer = await volunteering.approved(city)

    await factories.Person.filter(id=volunteer.person_id).update(home_id=city.areas["码头社区"].id)

    assert (await held(volunteer.person_id)).station_id == city.stations["邻玉社工站"].id


async def test_volunteer_of_a_closed_station_stays_a_volunteer(city):
    volunteer = await volunteering.approved(city)

    await station_lifecycle.close(city.stations["邻玉社工站"].id, reason="合并", by=city.staff["冯科长"], now=NOW)

    assert (await held(volunteer.person_id)).station_id == city.stations["邻玉社工站"].id


async def test_change_writes_given_fields_only(city):
    volunteer = await volunteering.approved(city)

    changed = await applications.change_profile(
        volunteer.person_id, changes={"skills": ["culture"], "show_in_rankings": True}, now=NOW
    )

    kept = await Volunteer.get(id=volunteer.id)
    assert (kept.skills, kept.show_in_rankings) == (changed.skills, changed.show_in_rankings) == (["culture"], True)
    assert (kept.about, kept.free_times) == ("会量血压", [SATURDAY])
    assert (await AuditEntry.get(action="volunteer.changed")).facts == {"fields": ["show_in_rankings", "skills"]}


async def test_change_of_nothing_is_not_audited(city):
    volunteer = await volunteering.applied(city)

    await applications.change_profile(volunteer.person_id, changes={}, now=NOW)

    assert not await AuditEntry.exists(action="volunteer.changed")


async def test_change_to_an_unknown_skill_is_refused(city):
    volunteer = await volunteering.applied(city)

    with pytest.raises(CategoryNotAvailable):
        await applications.change_profile(volunteer.person_id, changes={"skills": ["nonsense"]}, now=NOW)
    assert (await Volunteer.get()).skills == ["elder_care"]


async def test_change_or_leaving_after_leaving_is_refused(city):
    volunteer = await volunteering.approved(city)
    await applications.leave(volunteer.person_id, now=NOW)

    with pytest.raises(InvalidVolunteerState):
        await applications.change_profile(volunteer.person_id, changes={"show_in_rankings": True}, now=NOW)
    with pytest.raises(InvalidVolunteerState) as refused:
        await applications.leave(volunteer.person_id, now=NOW)
    assert refused.value.details == {"status": S.LEFT}


async def test_change_or_leaving_without_an_application_is_not_found(city):
    for verb in (
        applications.change_profile(city.grandma.id, changes={}, now=NOW),
        applications.leave(city.grandma.id, now=NOW),
    ):
        with pytest.raises(NotFound):
            await verb


async def test_leaving_ends_the_role_and_notifies_the_station(city):
    volunteer = await volunteering.approved(city)

    await applications.leave(volunteer.person_id, now=LATER)

    assert (await Volunteer.get()).status == S.LEFT
    role = await Role.get(kind=RoleKind.VOLUNTEER)
    assert (role.current, role.ended_at, role.ended_by_id) == (None, LATER, volunteer.person_id)
    assert "volunteer_left" in await volunteering.told(city.staff["赵站长"].person_id)
    with pytest.raises(VolunteerRequired):
        await held(volunteer.person_id)


async def test_applicant_withdraws_by_leaving(city):
    volunteer = await volunteering.applied(city)

    await applications.leave(volunteer.person_id, now=NOW)

    with pytest.raises(InvalidVolunteerState):
        await volunteering.approve(city, volunteer)


@pytest.mark.parametrize("status", [TaskStatus.CLAIMED, TaskStatus.CONFIRMED, TaskStatus.STARTED])
async def test_leaving_with_an_open_task_is_refused(city, status):
    volunteer = await volunteering.approved(city)
    await volunteering.task_of(city, await volunteer.person, status)

    with pytest.raises(VolunteerTasksOpen) as refused:
        await applications.leave(volunteer.person_id, now=NOW)
    assert refused.value.details == {"tasks": 1}
    assert (await held(volunteer.person_id)).status == S.APPROVED


@pytest.mark.parametrize("status", [TaskStatus.FINISHED, TaskStatus.APPROVED, TaskStatus.CANCELLED])
async def test_leaving_after_a_finished_task_is_accepted(city, status):
    volunteer = await volunteering.approved(city)
    await volunteering.task_of(city, await volunteer.person, status)

    assert (await applications.leave(volunteer.person_id, now=NOW)).status == S.LEFT


async def test_leaving_ignores_tasks_of_other_volunteers(city):
    volunteer = await volunteering.approved(city)
    await volunteering.task_of(city, await volunteering.neighbour(city, "小王"))

    assert (await applications.leave(volunteer.person_id, now=NOW)).status == S.LEFT


async def test_lock_requires_an_approved_volunteer(city):
    volunteer = await volunteering.applied(city)
    for person_id in (volunteer.person_id, city.grandma.id):
        with pytest.raises(VolunteerRequired):
            await held(person_id)

    await volunteering.approve(city, volunteer)

    assert (await held(volunteer.person_id)).id == volunteer.id


async def test_worker_who_volunteers_at_their_station_is_not_notified_of_themselves(city):
    worker = await factories.Person.get(id=city.staff["陈社工"].person_id)
    await factories.Person.filter(id=worker.id).update(home_id=city.areas["团结村"].id)

    await volunteering.apply(worker)

    assert await volunteering.told(worker.id) == []
    assert await volunteering.told(city.staff["赵站长"].person_id) == ["volunteer_applied"]


async def test_suspended_station_gets_no_applications(city):
    await Station.filter(name="邻玉社工站").update(status="suspended")

    assert (await volunteering.applied(city)).station_id == city.stations["江阳总站"].id
