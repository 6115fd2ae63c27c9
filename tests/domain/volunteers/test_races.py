"""Races about volunteers on several connections: role, ban and teams stay consistent."""

from server.database import db
from server.domain.volunteers import applications, approval, ban_appeals, bans, lock_approved, teams
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
    """Return how many calls were refused in this way, after checking that no call failed in another way."""
    refusals = [one for one in answers if isinstance(one, Refusal)]
    assert all(isinstance(one, kind) for one in refusals), answers
    return len(refusals)


async def whole(volunteer_id):
    """Check that the volunteer has the role only while approved, an open ban only while banned, and teams only then."""
    volunteer = await Volunteer.get(id=volunteer_id)
    roles = await Role.filter(person_id=volunteer.person_id, kind=RoleKind.VOLUNTEER, current=1).count()
    assert roles == (volunteer.status == S.APPROVED)
    assert await Ban.filter(volunteer=volunteer, open=1).count() == (volunteer.status == S.BANNED)
    if volunteer.status != S.APPROVED:
        assert not await TeamMember.filter(volunteer=volunteer, current=1).exists()
    return volunteer


async def test_applications_at_once_make_one(city):
    for round_ in range(ROUNDS):
        person = await volunteering.neighbour(city, f"申请人{round_}")

        answers = await at_once(*(volunteering.apply(person) for _ in range(5)))

        assert refused(answers, AlreadyApplied) == 4
        assert await Volunteer.filter(person=person).count() == 1
    assert len(await volunteering.told(city.staff["陈社工"].person_id)) == ROUNDS


async def test_renewed_applications_at_once_make_one(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"回归者{round_}")
        await applications.leave(volunteer.person_id, now=NOW)
        person = await volunteer.person

        answers = await at_once(*(volunteering.apply(person) for _ in range(4)))

        assert refused(answers, AlreadyApplied) == 3
        assert (await whole(volunteer.id)).status == S.APPLIED


async def test_approvals_at_once_approve_once(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(
            *(volunteering.approve(city, volunteer, by=by) for by in ("陈社工", "林社工", "赵站长"))
        )

        assert refused(answers, InvalidVolunteerState) == 2
        assert (await whole(volunteer.id)).status == S.APPROVED
        assert await volunteering.told(volunteer.person_id) == ["volunteer_approved"]


async def test_approval_and_refusal_at_once_leave_one_of_them(city):
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


async def test_approval_and_withdrawal_at_once_leave_no_volunteer(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(volunteering.approve(city, volunteer), applications.leave(volunteer.person_id, now=NOW))

        # If approved first, they leave as a volunteer; if they leave first, the approval is refused.
        assert refused(answers, InvalidVolunteerState) <= 1
        assert (await whole(volunteer.id)).status == S.LEFT


async def test_ban_and_approval_at_once_leave_a_consistent_state(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.applied(city, f"申请人{round_}")

        answers = await at_once(volunteering.approve(city, volunteer), volunteering.ban(city, volunteer))

        banned = refused(answers, InvalidVolunteerState) == 0
        assert (await whole(volunteer.id)).status == (S.BANNED if banned else S.APPROVED)


async def test_ban_and_leaving_at_once_leave_one_of_them(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(volunteering.ban(city, volunteer), applications.leave(volunteer.person_id, now=NOW))

        assert refused(answers, InvalidVolunteerState) == 1
        assert (await whole(volunteer.id)).status in {S.BANNED, S.LEFT}


async def test_bans_at_once_make_one(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(*(volunteering.ban(city, volunteer) for _ in range(3)))

        assert refused(answers, InvalidVolunteerState) == 2
        assert (await whole(volunteer.id)).status == S.BANNED


async def test_appeals_at_once_make_one(city):
    for round_ in range(ROUNDS):
        ban = await volunteering.banned(city, f"志愿者{round_}")
        volunteer = await ban.volunteer

        answers = await at_once(
            *(ban_appeals.submit(volunteer.person_id, reason=f"理由{n}", now=NOW) for n in range(3))
        )

        assert refused(answers, AlreadySubmitted) == 2
    assert len(await volunteering.told(city.staff["孙站长"].person_id)) == ROUNDS


async def test_decisions_on_an_appeal_at_once_decide_once(city):
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


async def test_granted_appeal_and_lifting_at_once_give_the_role_once(city):
    for round_ in range(ROUNDS):
        ban = await volunteering.appealed(city, f"志愿者{round_}")

        answers = await at_once(
            volunteering.decide(city, ban), bans.lift(ban.volunteer_id, by=city.staff["赵站长"], now=NOW)
        )

        assert refused(answers, AlreadyDecided | InvalidVolunteerState) == 1
        assert (await whole(ban.volunteer_id)).status == S.APPROVED


async def test_additions_to_a_team_at_once_make_one_membership(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")
        team = await teams.create(station, name=f"队{round_}", about="", by=head, now=NOW)

        answers = await at_once(
            *(teams.add_member(team.id, volunteer_id=volunteer.id, is_leader=False, by=head, now=NOW) for _ in range(4))
        )

        assert refused(answers, AlreadyMember) == 3
        assert await TeamMember.filter(team=team).count() == 1


async def test_ban_while_joining_a_team_leaves_no_membership(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    team = await teams.create(station, name="互助队", about="", by=head, now=NOW)
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(
            teams.add_member(team.id, volunteer_id=volunteer.id, is_leader=False, by=head, now=NOW),
            volunteering.ban(city, volunteer),
        )

        assert refused(answers, VolunteerRequired) <= 1
        assert (await whole(volunteer.id)).status == S.BANNED


async def test_end_of_a_team_while_joining_leaves_no_membership(city):
    head, station = city.staff["赵站长"], city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        team = await teams.create(station, name=f"队{round_}", about="", by=head, now=NOW)
        volunteers = [await volunteering.approved(city, f"志愿者{round_}-{n}") for n in range(3)]

        await at_once(
            *(teams.add_member(team.id, volunteer_id=one.id, is_leader=False, by=head, now=NOW) for one in volunteers),
            teams.end(team.id, by=head, now=NOW),
        )

        assert not await TeamMember.filter(team=team, current=1).exists()


async def test_teams_of_the_same_name_at_once_make_one(city):
    station = city.stations["邻玉社工站"].id
    for round_ in range(ROUNDS):
        answers = await at_once(
            *(
                teams.create(station, name=f"队{round_}", about="", by=city.staff[by], now=NOW)
                for by in ("陈社工", "林社工", "赵站长")
            )
        )

        assert refused(answers, TeamNameTaken) == 2
        assert await Team.filter(name=f"队{round_}").count() == 1


async def test_same_trainings_at_once_make_one(city):
    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")
        what = {"title": "急救", "day": NOW.date(), "training_minutes": 60, "now": NOW}

        answers = await at_once(
            *(approval.record_training(volunteer.id, **what, by=city.staff[by]) for by in ("陈社工", "林社工"))
        )

        assert sum(isinstance(one, Training) for one in answers) == 1
        assert await Training.filter(volunteer=volunteer).count() == 1


async def test_leaving_and_claiming_at_once_leave_one_of_them(city):
    @db.transaction
    async def take(volunteer):
        """Lock the volunteer and then give them the task, as a claim does."""
        held = await lock_approved(volunteer.person_id)
        return await volunteering.task_of(city, await held.person)

    for round_ in range(ROUNDS):
        volunteer = await volunteering.approved(city, f"志愿者{round_}")

        answers = await at_once(take(volunteer), applications.leave(volunteer.person_id, now=NOW))

        assert refused(answers, VolunteerRequired | VolunteerTasksOpen) == 1
        left = (await whole(volunteer.id)).status == S.LEFT
        assert await Task.filter(volunteer_id=volunteer.person_id).count() == (not left)
