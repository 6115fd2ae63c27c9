"""Name the steps that a volunteer, or staff, can take now: the conditions of each verb, and four eyes."""

from server.domain.staff import Staff
from server.domain.volunteers.ban_appeals import UndecidedAppeal, is_appealable
from server.domain.volunteers.transitions import ACTIVE, TRANSITIONS, S
from server.models import Ban, Volunteer


def of_volunteer(volunteer: Volunteer, ban: Ban | None, *, has_open_tasks: bool) -> list[str]:
    """Return the steps that the person can take on their own row now; its `person` must be loaded.

    `volunteers` is a new application, which needs a home.
    """
    following = TRANSITIONS[volunteer.status]
    may = {
        "volunteers": S.APPLIED in following and volunteer.person.home_id is not None,
        "changes": volunteer.status in ACTIVE,
        "leaving": S.LEFT in following and not has_open_tasks,
        "ban-appeal": ban is not None and is_appealable(ban),
    }
    return [name for name, allowed in may.items() if allowed]


def of_staff(volunteer: Volunteer, by: Staff, *, is_near: bool) -> list[str]:
    """Return the steps that the caller can take on a volunteer now.

    `is_near`: the caller is the volunteer, or shares or just shared their household. Then only a ban of a family
    member, and reading the contact, are left.
    """
    if volunteer.station_id not in by.station_ids:
        return []
    following, heads = TRANSITIONS[volunteer.status], volunteer.station_id in by.head_of
    is_banned = volunteer.status == S.BANNED
    may = {
        "contact": True,
        "approval": volunteer.status == S.APPLIED and not is_near,
        "refusal": S.DECLINED in following and not is_near,
        "trainings": volunteer.status in ACTIVE and not is_near,
        "ban": heads and S.BANNED in following and volunteer.person_id != by.person_id,
        "ban-lifting": heads and is_banned and not is_near,
    }
    return [name for name, allowed in may.items() if allowed]


def of_decider(one: UndecidedAppeal) -> list[str]:
    """Return the steps that a reader of the list of appeals can take on one."""
    return [] if one.is_near else ["decision"]
