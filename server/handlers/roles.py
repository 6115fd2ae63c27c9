"""Roles of staff and officers."""

from miniprogram_contract.base import Empty, Page
from miniprogram_contract.roles import NewRole, RoleDetail, RoleFilter, StaffRole
from server.adapters.clock import Moment
from server.domain import roles
from server.domain.roles import Appointment
from server.errors import HeadExists, InvalidStationState, NotFound, OwnRole, RoleEnded, RoleHeld, RoleNotGrantable
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.models import Role, RoleKind


@endpoint("GET", "/roles", query=RoleFilter, reply=Page[RoleDetail], roles=Roles.STAFF)
async def list_roles(query: RoleFilter, caller: Caller) -> Page[RoleDetail]:
    """List colleagues, and for officers the staff of their counties, with when each role began and ended."""
    found = await roles.list_visible(
        caller.scope,
        station_id=query.station,
        area_id=query.area,
        with_ended=query.with_ended,
        after=query.after or 0,
        limit=query.limit,
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[RoleDetail](items=[_role(one) for one in found], next=following)


@endpoint(
    "POST",
    "/roles",
    body=NewRole,
    reply=RoleDetail,
    subject=subjects.ROLE,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, RoleNotGrantable, OwnRole, RoleHeld, HeadExists, InvalidStationState),
)
async def grant_role(body: NewRole, caller: Caller, now: Moment) -> RoleDetail:
    """Appoint a person; it counts from their next request on."""
    wanted = Appointment(body.person_id, RoleKind(body.kind), body.station_id, body.county_id)
    return _role(await roles.grant(wanted, by=caller.scope, now=now))


@endpoint(
    "POST",
    "/roles/<role_id:int>/ending",
    body=Empty,
    reply=RoleDetail,
    subject=subjects.ROLE,
    roles=Roles.STAFF,
    refuses=(RoleNotGrantable, OwnRole, RoleEnded),
)
async def end_role(role_id: int, body: Empty, caller: Caller, now: Moment) -> RoleDetail:  # noqa: ARG001
    """End a role; it no longer counts from the next request on."""
    return _role(await roles.end(role_id, by=caller.scope, now=now))


def _role(role: Role) -> RoleDetail:
    return RoleDetail(
        id=role.id,
        person_id=role.person_id,
        person_name=role.person.name or "工作人员",
        kind=StaffRole(role.kind),
        station_id=role.station_id,
        station_name=role.station.name if role.station_id and role.station else None,  # type: ignore[attr-defined]
        area_id=role.area_id,
        area_name=role.area.name if role.area_id and role.area else None,
        granted_at=role.granted_at,
        ended_at=role.ended_at,
    )
