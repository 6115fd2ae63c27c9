"""Races about volunteers, on several connections: one world, and it holds together."""

from server.database import db
from server.domain.volunteers import applications, approval, ban_appeals, bans, hold_approved, teams
from server.errors import (
    AlreadyApplied,
    AlreadyDecided,
    AlreadyMember,
    AlreadySubmitted,
    InvalidVolunteerState,
    Refusal,
    TeamNameTaken,
    VolunteerRequired,
    VolunteerTasksOpen,
)
from server.models import Ban, Role, RoleKind, Task, Team, TeamMember, Training, Volunteer, VolunteerStatus
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.domain.volunteers import volunteering

ROUNDS = 5
S = VolunteerStatus


def refused(answers, kind):
    """How many were refused so; nobody was refused otherwise."""
    refusals = [one for one in answers if isinstance(one, Refusal)]
    assert all(isinstance(one, kind) for one in refusals), answers
    return len(refusals)


async def whole(volunteer_id):
    """A volunteer has the role exactly while approved, an open ban exactly while banned, and teams only then."""
    volunteer = await Volunteer.get(id=volunteer_id)
    roles = await Role.filter(person_id=volunteer.person_id, kind=RoleKind.VOLUNTEER, current=1).count()
    assert roles == (volunteer.status == S.APPROVED)
    assert await Ban.filter(volunteer=volunteer, open=1).count() == (volunteer.status == S.BANNED)
    if volunteer.status != S.APPROVED:
        assert not await TeamMember.filter(volunteer=volunteer, current=1).exists()
    return volunteer


async def test_the_same_application_many_times_at_once_is_one(city):
    for round_ in range(ROUNDS):
        person = await volunteering.neighbour(city, f"申请人{round_}")

        answers = await at_once(*(volunteering.apply(person) for _ in range(5)))

        assert refused(answers, AlreadyApplied) == 4
        assert await Volunteer.filter(person=person).count() == 1
    assert len(await volunteering.told(city.staff["陈社工"].person_id)) == ROUNDS


async def test_who_left_and_applies_anew_many_times_at_once_does_so_once(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"回归者{round_}")
        await applications.leave(volunteer.person_id, now=NOW)
        person = await volunteer.person

        answers = await at_once(*(volunteering.apply(person) for _ in range(4)))

        assert refused(answers, AlreadyApplied) == 3
        assert (await whole(volunteer.id)).status == S.APPLIED


async def test_of_those_who_approve_at_once_one_does(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(
            *(volunteering.approve(city, volunteer, by=by) for by in ("陈社工", "林社工", "赵站长"))
        )

        assert refused(answers, InvalidVolunteerState) == 2
        assert (await whole(volunteer.id)).status == S.APPROVED
        assert await volunteering.told(volunteer.person_id) == ["volunteer_approved"]


async def test_approval_and_refusal_at_once_leave_one_of_both_worlds(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(
            volunteering.approve(city, volunteer, by="陈社工"),
            approval.decline(volunteer.id, reason="再等等", by=city.staff["林社工"], now=NOW),
        )

        assert refused(answers, InvalidVolunteerState) == 1
        kept = await whole(volunteer.id)
        assert (kept.status, kept.decision) in {(S.APPROVED, ""), (S.DECLINED, "再等等")}
        assert len(await volunteering.told(volunteer.person_id)) == 1


async def test_approval_and_withdrawal_of_the_application_at_once_end_in_a_world_without_them(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(volunteering.approve(city, volunteer), applications.leave(volunteer.person_id, now=NOW))

        # Approved first, they leave as a volunteer; left first, nobody is there to approve.
        assert refused(answers, InvalidVolunteerState) <= 1
        assert (await whole(volunteer.id)).status == S.LEFT


async def test_a_ban_while_they_are_being_approved_finds_them_or_does_not(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(volunteering.approve(city, volunteer), volunteering.ban(city, volunteer))

        banned = refused(answers, InvalidVolunteerState) == 0
        assert (await whole(volunteer.id)).status == (S.BANNED if banned else S.APPROVED)


async def test_who_is_banned_and_leaves_at_once_did_one_of_it(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(volunteering.ban(city, volunteer), applications.leave(volunteer.person_id, now=NOW))

        assert refused(answers, InvalidVolunteerState) == 1
        assert (await whole(volunteer.id)).status in {S.BANNED, S.LEFT}


async def test_of_two_bans_at_once_one_is_spoken(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(*(volunteering.ban(city, volunteer) for _ in range(3)))

        assert refused(answers, InvalidVolunteerState) == 2
        assert (await whole(volunteer.id)).status == S.BANNED


async def test_two_appeals_at_once_are_one(city):
    for round_ in range(ROUNDS):
        ban = await volunteering.banned(city, f"志愿者{round_}")
        volunteer = await ban.volunteer

        answers = await at_once(*(ban_appeals.make(volunteer.person_id, reason=f"理由{n}", now=NOW) for n in range(3)))

        assert refused(answers, AlreadySubmitted) == 2
    assert len(await volunteering.told(city.staff["孙站长"].person_id)) == ROUNDS


async def test_an_appeal_granted_and_refused_at_once_is_decided_once(city):
    for round_ in range(ROUNDS):
        ban = await volunteering.appealed(city, f"志愿者{round_}")

        answers = await at_once(
            volunteering.decide(city, ban, by="孙站长", grant=True),
            volunteering.decide(city, ban, by="冯科长", grant=False),
        )

        assert refused(answers, AlreadyDecided) == 1
        kept = await Ban.get(id=ban.id)
        granted = kept.decided_by_id == city.staff["孙站长"].person_id
        assert (await whole(ban.volunteer_id)).status == (S.APPROVED if granted else S.BANNED)


async def test_an_appeal_granted_while_the_station_lifts_the_ban_gives_the_role_once(city):
    for round_ in range(ROUNDS):
        ban = await volunteering.appealed(city, f"志愿者{round_}")

        answers = await at_once(
            volunteering.decide(city, ban), bans.lift(ban.volunteer_id, by=city.staff["赵站长"], now=NOW)
        )

        assert refused(answers, AlreadyDecided | InvalidVolunteerState) == 1
        assert (await whole(ban.volunteer_id)).status == S.APPROVED


async def test_the_same_volunteer_taken_into_a_team_many_times_at_once_is_in_it_once(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")
        team = await teams.found(station, name=f"队{round_}", about="", by=head, now=NOW)

        answers = await at_once(
            *(teams.add(team.id, volunteer_id=volunteer.id, leads=False, by=head, now=NOW) for _ in range(4))
        )

        assert refused(answers, AlreadyMember) == 3
        assert await TeamMember.filter(team=team).count() == 1


async def test_nobody_is_in_a_team_who_was_banned_while_joining(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    team = await teams.found(station, name="互助队", about="", by=head, now=NOW)
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(
            teams.add(team.id, volunteer_id=volunteer.id, leads=False, by=head, now=NOW),
            volunteering.ban(city, volunteer),
        )

        assert refused(answers, VolunteerRequired) <= 1
        assert (await whole(volunteer.id)).status == S.BANNED


async def test_nobody_is_in_a_team_that_was_dissolved_while_they_joined(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        team = await teams.found(station, name=f"队{round_}", about="", by=head, now=NOW)
        volunteers = [await volunteering.approved(city, f"志愿者{round_}-{n}") for n in range(3)]

        await at_once(
            *(teams.add(team.id, volunteer_id=one.id, leads=False, by=head, now=NOW) for one in volunteers),
            teams.end(team.id, by=head, now=NOW),
        )

        assert not await TeamMember.filter(team=team, current=1).exists()


async def test_of_two_teams_founded_at_once_with_one_name_one_is(city):
    station = city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        answers = await at_once(
            *(
                teams.found(station, name=f"队{round_}", about="", by=city.staff[by], now=NOW)
                for by in ("陈社工", "林社工", "赵站长")
            )
        )

        assert refused(answers, TeamNameTaken) == 2
        assert await Team.filter(name=f"队{round_}").count() == 1


async def test_the_same_training_recorded_twice_at_once_is_one(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")
        what = {"title": "急救", "day": NOW.date(), "training_minutes": 60, "now": NOW}

        answers = await at_once(
            *(approval.train(volunteer.id, **what, by=city.staff[by]) for by in ("陈社工", "林社工"))
        )

        assert sum(isinstance(one, Training) for one in answers) == 1
        assert await Training.filter(volunteer=volunteer).count() == 1


async def test_nobody_leaves_with_a_task_they_took_at_that_moment(city):
    @db.transaction
    async def take(volunteer):
        """As a claim does: the volunteer is held before the task becomes theirs."""
        held = await hold_approved(volunteer.person_id)
        return await volunteering.task_of(city, await held.person)

    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(take(volunteer), applications.leave(volunteer.person_id, now=NOW))

        assert refused(answers, VolunteerRequired | VolunteerTasksOpen) == 1
        left = (await whole(volunteer.id)).status == S.LEFT
        assert await Task.filter(volunteer_id=volunteer.person_id).count() == (not left)
