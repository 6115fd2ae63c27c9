"""The states of a volunteer and the transitions between them, as one table."""

from typing import Any

from server.database import db
from server.errors import InvalidVolunteerState
from server.models import Volunteer, VolunteerStatus

S = VolunteerStatus

TRANSITIONS: dict[VolunteerStatus, frozenset[VolunteerStatus]] = {
    S.APPLIED: frozenset({S.APPROVED, S.DECLINED, S.LEFT}),
    S.APPROVED: frozenset({S.BANNED, S.LEFT}),
    S.DECLINED: frozenset({S.APPLIED}),
    # A banned volunteer cannot leave and apply again.
    S.BANNED: frozenset({S.APPROVED}),
    S.LEFT: frozenset({S.APPLIED}),
}
# Profiles are changed, and trainings recorded, in these states.
ACTIVE = frozenset({S.APPLIED, S.APPROVED})


async def move(volunteer: Volunteer, to: VolunteerStatus, **changes: Any) -> None:
    """Move a locked volunteer to another state with further changes.

    Raises `InvalidVolunteerState` for a transition that is not in the table.
    """
    db.require_transaction()
    held = Volunteer.filter(id=volunteer.id, status=volunteer.status)
    if to not in TRANSITIONS[volunteer.status] or not await held.update(status=to, **changes):
        raise InvalidVolunteerState(status=volunteer.status)
    volunteer.update_from_dict({"status": to, **changes})


def require_status(volunteer: Volunteer, *statuses: VolunteerStatus) -> None:
    """Refuse with `InvalidVolunteerState` unless the volunteer is in one of these states."""
    if volunteer.status not in statuses:
        raise InvalidVolunteerState(status=volunteer.status)
