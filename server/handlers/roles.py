"""Roles of staff and officers."""

from datetime import datetime
from typing import Any

from miniprogram_contract.base import Empty, Page, PageQuery
from miniprogram_contract.roles import (
    OFFER_STATUS_WORDS,
    AcceptedRoleOffer,
    NewRoleOffer,
    RoleAcceptance,
    RoleDetail,
    RoleFilter,
    RoleOfferAction,
    RoleOfferCode,
    RoleOfferDetail,
    RoleOfferStatus,
    StaffRole,
)
from server.adapters.clock import Moment
from server.domain import role_offers, roles
from server.domain.masking import mask_name
from server.domain.pagination import Window
from server.domain.roles import RolePlace
from server.domain.staff import Staff
from server.errors import (
    HeadExists,
    InvalidRoleCode,
    InvalidStationState,
    NotFound,
    OwnRole,
    OwnRoleOffer,
    RoleEnded,
    RoleHeld,
    RoleNotConfirmable,
    RoleNotGrantable,
    RoleOfferDecided,
    RoleOfferNotAccepted,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.models import Role, RoleKind, RoleOffer

# A code is one of 850 thousand million: at this pace nobody guesses one while it is good.
ACCEPTING = RateLimit(most=10, seconds=600)
APPOINTING = (RoleNotGrantable, RoleHeld, HeadExists, InvalidStationState)


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
    "/role-offers",
    body=NewRoleOffer,
    reply=RoleOfferCode,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, RoleNotGrantable, InvalidStationState),
    idempotent=False,  # an answer under a key is stored, but only the hash of a code may be
)
async def offer_role(body: NewRoleOffer, caller: Caller, now: Moment) -> RoleOfferCode:
    """Offer a role. The invitee enters the code on their phone within a week, and a third person confirms it."""
    wanted = RolePlace(RoleKind(body.kind), body.station_id, body.county_id)
    made, code = await role_offers.offer(wanted, name=body.name, by=caller.scope, now=now)
    return RoleOfferCode(id=made.id, code=code, expires_at=made.expires_at)


@endpoint(
    "POST",
    "/role-offers/acceptance",
    body=RoleAcceptance,
    reply=AcceptedRoleOffer,
    subject=subjects.ACCEPTED_ROLE,
    limit=ACCEPTING,
    refuses=(InvalidRoleCode, OwnRole),
)
async def accept_role(body: RoleAcceptance, caller: Caller, now: Moment) -> AcceptedRoleOffer:
    """Accept the role that the code offers. It begins when a third person confirms it."""
    return AcceptedRoleOffer(**_accepted(await role_offers.accept(body.code, by=caller.person_id, now=now)))


@endpoint("GET", "/role-offers", query=PageQuery, reply=Page[RoleOfferDetail], roles=Roles.STAFF)
async def list_role_offers(query: PageQuery, caller: Caller, now: Moment) -> Page[RoleOfferDetail]:
    """List offers of roles: heads those of their station, officers those of their counties; the latest first."""
    found = await role_offers.list_visible(caller.scope, Window(cursor.after(query.after), query.limit))
    following = cursor.following(found, query.limit, lambda one: (one.offered_at, one.id))
    return Page[RoleOfferDetail](items=[_offer(one, caller.scope, now) for one in found], next=following)


@endpoint(
    "POST",
    "/role-offers/<offer_id:int>/confirmation",
    reply=RoleOfferDetail,
    subject=subjects.ROLE_OFFER,
    roles=Roles.STAFF,
    refuses=(
        NotFound,
        RoleNotConfirmable,
        OwnRoleOffer,
        RoleOfferNotAccepted,
        RoleOfferDecided,
        RoleNotGrantable,
        *APPOINTING,
    ),
)
async def confirm_role(offer_id: int, caller: Caller, now: Moment) -> RoleOfferDetail:
    """Confirm an accepted role, as an officer who neither offered nor accepted it. It counts from now on."""
    return _offer(await role_offers.confirm(offer_id, by=caller.scope, now=now), caller.scope, now)


@endpoint(
    "POST",
    "/role-offers/<offer_id:int>/ending",
    reply=RoleOfferDetail,
    subject=subjects.ROLE_OFFER,
    roles=Roles.STAFF,
    refuses=(NotFound, RoleNotConfirmable, RoleOfferDecided),
)
async def end_role_offer(offer_id: int, caller: Caller, now: Moment) -> RoleOfferDetail:
    """End an offer that has not been confirmed: withdraw it, or refuse to confirm it."""
    return _offer(await role_offers.end(offer_id, by=caller.scope, now=now), caller.scope, now)


def _accepted(one: RoleOffer) -> dict[str, Any]:
    status = RoleOfferStatus(one.status)
    return {
        "id": one.id,
        "kind": StaffRole(one.kind),
        "station_name": one.station.name if one.station_id and one.station else None,
        "area_name": one.area.name if one.area_id and one.area else None,
        "offered_by": one.offered_by.name or "工作人员",
        "status": status,
        "status_words": OFFER_STATUS_WORDS[status],
    }


def _offer(one: RoleOffer, by: Staff, now: datetime) -> RoleOfferDetail:
    return RoleOfferDetail(
        **_accepted(one),
        name=one.name,
        accepted_name=mask_name(one.accepted_by.name or "") if one.accepted_by else None,
        offered_at=one.offered_at,
        expires_at=one.expires_at,
        accepted_at=one.accepted_at,
        decided_by=(one.decided_by.name or "工作人员") if one.decided_by else None,
        decided_at=one.decided_at,
        allowed_actions=[RoleOfferAction(action) for action in role_offers.allowed_actions(one, by, now)],
    )


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
