"""Volunteers and teams as contract types."""

from miniprogram_contract.teams import StaffTeamDetail, TeamMemberDetail, TeamSummary
from miniprogram_contract.volunteers import (
    STATUS_WORDS,
    BanAppealAction,
    BanAppealRow,
    BanDetail,
    FreeTime,
    StaffVolunteerAction,
    StaffVolunteerDetail,
    TeamMembership,
    TrainingDetail,
    VolunteerAction,
    VolunteerDetail,
    VolunteerRow,
)
from server.domain.crisis_words import find_crisis_words
from server.domain.masking import mask_name, mask_phone
from server.domain.volunteers import allowed_actions
from server.domain.volunteers.ban_appeals import UndecidedAppeal, is_appealable
from server.domain.volunteers.queries import Profile
from server.handlers.needs.serializers import station_reference
from server.models import Ban, Team, TeamMember, Training, Volunteer


def volunteer_detail(profile: Profile) -> VolunteerDetail:
    volunteer = profile.volunteer
    return VolunteerDetail(
        id=volunteer.id,
        status=volunteer.status,
        status_words=STATUS_WORDS[volunteer.status],
        station=station_reference(volunteer.station),
        skills=volunteer.skills,
        show_in_rankings=volunteer.show_in_rankings,
        served_minutes=volunteer.served_minutes,
        applied_at=volunteer.applied_at,
        decided_at=volunteer.decided_at,
        **_profile_fields(profile),
        allowed_actions=[VolunteerAction(action) for action in profile.may],
    )


def _profile_fields(profile: Profile) -> dict[str, object]:
    return {
        "stars": profile.stars,
        "about": profile.volunteer.about,
        "free_times": [FreeTime(**one) for one in profile.volunteer.free_times],
        "decision": profile.volunteer.decision,
        "trainings": [training_detail(one) for one in profile.trainings],
        "teams": [
            TeamMembership(id=one.team_id, name=one.team.name, is_leader=one.is_leader) for one in profile.memberships
        ],
        "ban": ban_detail(profile.ban) if profile.ban else None,
    }


def training_detail(one: Training) -> TrainingDetail:
    return TrainingDetail(id=one.id, title=one.title, day=one.day, training_minutes=one.training_minutes)


def ban_detail(one: Ban) -> BanDetail:
    return BanDetail(
        id=one.id,
        reason=one.reason,
        banned_at=one.banned_at,
        may_appeal=is_appealable(one),
        appeal=one.appeal,
        appealed_at=one.appealed_at,
        decision=one.decision,
        decided_at=one.decided_at,
        lifted_at=one.lifted_at,
    )


def volunteer_row(volunteer: Volunteer) -> VolunteerRow:
    return VolunteerRow(**_row_fields(volunteer))


def staff_volunteer_detail(profile: Profile) -> StaffVolunteerDetail:
    # Words of crisis are a need of their own, read by those whom it alarms: the worker may live with them.
    about = "" if find_crisis_words(profile.volunteer.about) else profile.volunteer.about
    return StaffVolunteerDetail(
        **_row_fields(profile.volunteer),
        **_profile_fields(profile) | {"about": about},
        allowed_actions=[StaffVolunteerAction(action) for action in profile.may],
    )


def _row_fields(volunteer: Volunteer) -> dict[str, object]:
    return {
        "id": volunteer.id,
        "person_id": volunteer.person_id,
        "status": volunteer.status,
        "status_words": STATUS_WORDS[volunteer.status],
        "station": station_reference(volunteer.station),
        "name": _name(volunteer),
        "phone": mask_phone(volunteer.person.phone) if volunteer.person.phone else None,
        "skills": volunteer.skills,
        "served_minutes": volunteer.served_minutes,
        "applied_at": volunteer.applied_at,
        "decided_at": volunteer.decided_at,
    }


def _name(volunteer: Volunteer) -> str | None:
    """Return the masked name. The contact, an act with a reason, has the whole one."""
    name = volunteer.person.name
    return name if name is None else mask_name(name)


def ban_appeal_row(undecided: UndecidedAppeal) -> BanAppealRow:
    one = undecided.ban
    assert one.appealed_at is not None
    return BanAppealRow(
        ban_id=one.id,
        volunteer_id=one.volunteer_id,
        name=_name(one.volunteer),
        station=station_reference(one.volunteer.station),
        served_minutes=one.volunteer.served_minutes,
        reason=one.reason,
        banned_by=one.banned_by.name or "工作人员",
        banned_at=one.banned_at,
        appeal=one.appeal,
        appealed_at=one.appealed_at,
        allowed_actions=[BanAppealAction(action) for action in allowed_actions.of_decider(undecided)],
    )


def team_summary(team: Team) -> TeamSummary:
    return TeamSummary(**_team_fields(team))


def _team_fields(team: Team) -> dict[str, object]:
    members: int = team.number  # type: ignore[attr-defined]
    return {"id": team.id, "name": team.name, "about": team.about, "members": members}


def staff_team_detail(one: Team) -> StaffTeamDetail:
    return StaffTeamDetail(
        **_team_fields(one), station=station_reference(one.station), created_at=one.created_at, ended_at=one.ended_at
    )


def team_member_detail(one: TeamMember) -> TeamMemberDetail:
    return TeamMemberDetail(
        volunteer_id=one.volunteer_id,
        name=_name(one.volunteer),
        is_leader=one.is_leader,
        joined_at=one.joined_at,
        left_at=one.left_at,
    )
