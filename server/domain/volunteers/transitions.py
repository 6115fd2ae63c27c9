"""The states of a volunteer and every move between them, as one table."""

from typing import Any

from server.database import db
from server.errors import InvalidVolunteerState
from server.models import Volunteer, VolunteerStatus

S = VolunteerStatus

MOVES: dict[VolunteerStatus, frozenset[VolunteerStatus]] = {
    S.APPLIED: frozenset({S.APPROVED, S.DECLINED, S.LEFT}),
    S.APPROVED: frozenset({S.BANNED, S.LEFT}),
    S.DECLINED: frozenset({S.APPLIED}),
    # A banned one does not slip out by leaving and come in anew.
    S.BANNED: frozenset({S.APPROVED}),
    S.LEFT: frozenset({S.APPLIED}),
}


async def move(volunteer: Volunteer, to: VolunteerStatus, **changes: Any) -> None:
    """Move a locked volunteer along the table, with other changes; raise InvalidVolunteerState off the table."""
    db.require_transaction()
    held = Volunteer.filter(id=volunteer.id, status=volunteer.status)
    if to not in MOVES[volunteer.status] or not await held.update(status=to, **changes):
        raise InvalidVolunteerState(status=volunteer.status)
    volunteer.update_from_dict({"status": to, **changes})


def must_be(volunteer: Volunteer, *statuses: VolunteerStatus) -> None:
    """Refuse with InvalidVolunteerState unless the volunteer is in one of these states."""
    if volunteer.status not in statuses:
        raise InvalidVolunteerState(status=volunteer.status)
