"""Names of staff and volunteers: who appoints or approves them changes the name, with a reason.

What they did before keeps the name that it was done under.
"""

from collections.abc import Sequence
from datetime import datetime

from server.database import db
from server.domain import audit, notifications, people, reference, roles
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.errors import NotFound, OwnName
from server.models import Certificate, Role, RoleKind

NAME_CHANGED = NoticeTemplate(
    "name_changed",
    title="您的姓名已更改",
    body="{station}更改了您的姓名。以前开具的服务证明写着原来的姓名，已经作废，请重新开具。",
)


@db.transaction
async def change(person_id: int, *, name: str, reason: str, by: Staff, now: datetime) -> None:
    """Change the name of staff whom the caller could appoint, or of a volunteer of the caller's station.

    Certificates under the former name are revoked. Raises `NotFound` for everybody else, and `OwnName`.
    """
    if person_id == by.person_id:
        raise OwnName
    held = await Role.filter(person_id=person_id, current=1).order_by("id").select_for_update()
    if not await _may_name(held, by):
        raise NotFound(kind="person", ids=[person_id])
    former = await people.set_name(person_id, name, by=by.person_id, reason=reason, now=now)
    if former != name:
        await Certificate.filter(person_id=person_id, revoked_at=None).exclude(name=name).update(revoked_at=now)
        await notifications.notify([person_id], NAME_CHANGED, now=now, station=await roles.place_name(held[0]))
        await audit.note("person.renamed", f"person:{person_id}", by=by.person_id, now=now, reason=reason)


async def _may_name(held: Sequence[Role], by: Staff) -> bool:
    """Return whether the caller could appoint the person to all their roles; volunteers are of their station."""
    of_staff = [one for one in held if one.kind != RoleKind.VOLUNTEER]
    if of_staff:
        return all([roles.may_grant(one.kind, await reference.station(one.station_id), by) for one in of_staff])
    return any(one.station_id in by.station_ids for one in held)
