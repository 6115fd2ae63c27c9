"""Offers of roles: offered by a code, accepted on the invitee's phone, confirmed by a third person.

Nobody is appointed by a number that somebody types. City officers offer every role, county officers those at their
stations, heads that of a social worker. Officers of the county or the city confirm: for officers, those of the city.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, households, notifications, people, reference, roles, staff
from server.domain.notifications import NoticeTemplate
from server.domain.pagination import Window, older
from server.domain.roles import Appointment, RolePlace
from server.domain.slip_codes import hash_of, new_code
from server.domain.staff import Staff
from server.errors import (
    InvalidRoleCode,
    NotFound,
    OwnRole,
    OwnRoleOffer,
    RoleNotConfirmable,
    RoleOfferDecided,
    RoleOfferNotAccepted,
)
from server.models import RoleOffer, RoleOfferStatus

ROLE_ACCEPTED = NoticeTemplate(
    "role_accepted", title="有一份任职待确认", body="有人接受了{place}的任职邀请，请核对本人后确认。"
)
ROLE_BEGUN = NoticeTemplate("role_begun", title="您的任职已确认", body="您在{place}的职务从现在开始，可以进入工作台。")
ROLE_NOT_CONFIRMED = NoticeTemplate("role_not_confirmed", title="任职没有确认", body="{place}的任职没有得到确认。")

# Read aloud or sent by a message: one of 850 thousand million, for a week.
CODE_LENGTH = 8
OPEN_FOR = timedelta(days=7)
S = RoleOfferStatus
NAMED = ("offered_by", "accepted_by", "decided_by")


@db.transaction
async def offer(place: RolePlace, *, name: str, by: Staff, now: datetime) -> tuple[RoleOffer, str]:
    """Offer a role to the person who will enter the code. Return the offer and its code, of which the hash is kept.

    `name` is how colleagues and residents will read the person. Raises `RoleNotGrantable`, `NotFound`,
    `InvalidStationState`.
    """
    await roles.require_grantable(place, by)
    code = new_code(CODE_LENGTH)
    made = await RoleOffer.create(
        kind=place.kind,
        station_id=place.station_id,
        area_id=place.county_id,
        name=name,
        code_hash=hash_of(code),
        status=S.OFFERED,
        offered_by_id=by.person_id,
        offered_at=now,
        expires_at=now + OPEN_FOR,
    )
    await audit.note("role.offered", f"role_offer:{made.id}", by=by.person_id, now=now, kind=place.kind)
    return await get(made.id), code


@db.transaction
async def accept(code: str, *, by: int, now: datetime) -> RoleOffer:
    """Accept the role that the code offers; it begins when a third person confirms it.

    Raises `InvalidRoleCode`, and `OwnRole` for the person who offered it.
    """
    found = await RoleOffer.filter(code_hash=hash_of(code)).select_for_update().first()
    if found is None or found.status != S.OFFERED or now >= found.expires_at:
        raise InvalidRoleCode
    if found.offered_by_id == by:
        raise OwnRole
    await RoleOffer.filter(id=found.id).update(status=S.ACCEPTED, accepted_by_id=by, accepted_at=now)
    await audit.note("role.accepted", f"role_offer:{found.id}", by=by, now=now)
    await notifications.notify(
        await _confirmers(found, by), ROLE_ACCEPTED, now=now, place=await roles.place_name(found)
    )
    return await get(found.id)


async def _confirmers(found: RoleOffer, accepted_by: int) -> set[int]:
    """Return the officers who confirm the offer: those of its county, else of the city."""
    neither = {found.offered_by_id, accepted_by}
    station = await reference.station(found.station_id)
    of_county = await staff.officers(county_id=station.county_id) if station is not None else []
    return set(of_county) - neither or set(await staff.officers(county_id=None)) - neither


@db.transaction
async def confirm(offer_id: int, *, by: Staff, now: datetime) -> RoleOffer:
    """Confirm an accepted offer: the role counts from the next request on, and the person has the offered name.

    Raises `RoleNotConfirmable`, `OwnRoleOffer`, `RoleOfferNotAccepted`, `RoleOfferDecided`, and as `roles.appoint`, and
    `RoleNotGrantable` if the person who offered it may not do so any more.
    """
    found = await _lock(offer_id, by)
    if not _may_confirm(found, by):
        raise RoleNotConfirmable
    if found.status == S.OFFERED or found.accepted_by_id is None:
        raise RoleOfferNotAccepted
    await _require_third(found, by, now)
    # The offer of a person whose own role has ended since is worth nothing.
    await roles.require_grantable(
        RolePlace(found.kind, found.station_id, found.area_id), await staff.of_person(found.offered_by_id)
    )
    wanted = Appointment(found.accepted_by_id, found.kind, found.station_id, found.area_id)
    await roles.appoint(wanted, by=found.offered_by_id, now=now)
    await people.set_name(found.accepted_by_id, found.name, by=by.person_id, now=now)
    await _decide(found, S.CONFIRMED, by, now)
    await notifications.notify([found.accepted_by_id], ROLE_BEGUN, now=now, place=await roles.place_name(found))
    return await get(found.id)


@db.transaction
async def end(offer_id: int, *, by: Staff, now: datetime) -> RoleOffer:
    """End an offer that has not been confirmed: by the person who made it, or one who could confirm it.

    Raises `RoleNotConfirmable`, `RoleOfferDecided`.
    """
    found = await _lock(offer_id, by)
    if found.offered_by_id != by.person_id and not _may_confirm(found, by):
        raise RoleNotConfirmable
    await _decide(found, S.ENDED, by, now)
    if found.accepted_by_id is not None:
        await notifications.notify(
            [found.accepted_by_id], ROLE_NOT_CONFIRMED, now=now, place=await roles.place_name(found)
        )
    return await get(found.id)


async def _lock(offer_id: int, by: Staff) -> RoleOffer:
    found = await RoleOffer.filter(visible_to(by), id=offer_id).select_for_update().first()
    if found is None:
        raise NotFound
    if found.status in {S.CONFIRMED, S.ENDED}:
        raise RoleOfferDecided(status=found.status)
    return found


def _may_confirm(found: RoleOffer, by: Staff) -> bool:
    return by.is_city or found.station_id in by.county_station_ids


async def _require_third(found: RoleOffer, by: Staff, now: datetime) -> None:
    assert found.accepted_by_id is not None
    if by.person_id == found.offered_by_id or await households.near(by.person_id, found.accepted_by_id, now=now):
        raise OwnRoleOffer


async def _decide(found: RoleOffer, status: RoleOfferStatus, by: Staff, now: datetime) -> None:
    await RoleOffer.filter(id=found.id).update(status=status, decided_by_id=by.person_id, decided_at=now)
    await audit.note(f"role.offer_{status.value}", f"role_offer:{found.id}", by=by.person_id, now=now)


def allowed_actions(found: RoleOffer, by: Staff, now: datetime) -> list[str]:
    """Return what the caller may do with the offer; only a relation to the invitee may still forbid it."""
    is_open = found.status == S.ACCEPTED or (found.status == S.OFFERED and now < found.expires_at)
    if not is_open:
        return []
    third = by.person_id not in {found.offered_by_id, found.accepted_by_id}
    may_confirm = _may_confirm(found, by)
    confirms = ["confirmation"] if may_confirm and third and found.status == S.ACCEPTED else []
    return [*confirms, *(["ending"] if may_confirm or found.offered_by_id == by.person_id else [])]


def visible_to(by: Staff) -> Q:
    """Return the condition for offers at stations of the caller, and for officers those of their counties."""
    return Q() if by.is_city else Q(station_id__in=sorted(by.head_of | by.county_station_ids) or [0])


async def get(offer_id: int) -> RoleOffer:
    """Return the offer with its people and place."""
    return (await _with_places([await RoleOffer.get(id=offer_id).select_related(*NAMED)]))[0]


async def get_visible(offer_id: int, *, by: Staff) -> RoleOffer:
    """Return an offer that the caller may know of. Raises `NotFound` for others."""
    if not await RoleOffer.filter(visible_to(by), id=offer_id).exists():
        raise NotFound
    return await get(offer_id)


async def get_accepted(offer_id: int, by: int) -> RoleOffer:
    """Return an offer that the person accepted. Raises `NotFound` for others."""
    if not await RoleOffer.filter(id=offer_id, accepted_by_id=by).exists():
        raise NotFound
    return await get(offer_id)


async def list_visible(by: Staff, window: Window) -> Sequence[RoleOffer]:
    """Return a page of offers at the caller's stations and counties, the latest first."""
    found = RoleOffer.filter(visible_to(by), older("offered_at", window.after))
    return await _with_places(await found.order_by("-offered_at", "-id").limit(window.limit).select_related(*NAMED))


async def _with_places(found: list[RoleOffer]) -> list[RoleOffer]:
    return await reference.attach(found, "station", "area")
