"""Offer a shift, withdraw it, accept it, decline it."""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import audit, reference, stations
from server.domain.duty import access, places
from server.domain.duty.access import S
from server.domain.duty.notifications import (
    DUTY_ACCEPTED,
    DUTY_DECLINED,
    DUTY_OFFERED,
    DUTY_SWAP_ENDED,
    DUTY_WITHDRAWN,
    notify,
)
from server.domain.duty.places import Place
from server.domain.staff import Staff
from server.errors import InvalidStationState, ShiftOver
from server.models import DutyShift


@dataclass(frozen=True)
class ShiftOffer:
    """A shift to offer to a person: at a station or for a county."""

    person_id: int
    starts_at: datetime
    ends_at: datetime
    station_id: int | None = None
    county_id: int | None = None


@db.transaction
async def offer(wanted: ShiftOffer, *, by: Staff, now: datetime) -> DutyShift:
    """Offer a shift. It covers nothing until the person accepts it.

    The station's head offers shifts there, officers in their county. Raises `NotAllowed`, `HeadRequired`,
    `InvalidStationState`, `ShiftOver`, and what `access.require_can_take` raises.
    """
    await reference.lock_shared()
    place = await places.get_place(station_id=wanted.station_id, county_id=wanted.county_id)
    places.require_manager(by, place)
    if place.station is not None and place.station.status in stations.ENDING:
        raise InvalidStationState(status=place.station.status)
    if wanted.ends_at <= now:
        raise ShiftOver(status=S.OFFERED)
    await access.require_can_take(wanted.person_id, place, wanted.starts_at, wanted.ends_at)
    shift = await DutyShift.create(
        **place.columns,
        person_id=wanted.person_id,
        status=S.OFFERED,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        offered_by_id=by.person_id,
        offered_at=now,
    )
    await audit.note("duty.offered", f"duty_shift:{shift.id}", by=by.person_id, now=now, person=wanted.person_id)
    await notify({wanted.person_id} - {by.person_id}, DUTY_OFFERED, shift, place, now=now)
    return shift


@db.transaction
async def accept(shift_id: int, *, phone: str, by: Staff, now: datetime) -> DutyShift:
    """Accept a shift with the phone that rings. From its begin on it covers its place.

    Raises `InvalidShiftState`, `ShiftOver`, and what `access.require_can_take` raises.
    """
    await access.lock_person(by.person_id)
    shift = await access.lock_own(shift_id, by.person_id)
    access.require_coming(shift, S.OFFERED, now=now)
    place = await places.place_of(shift)
    await access.require_can_take(by.person_id, place, shift.starts_at, shift.ends_at, but=shift.id)
    await access.change(shift, status=S.ACCEPTED, phone=phone, answered_at=now)
    await audit.note("duty.accepted", f"duty_shift:{shift.id}", by=by.person_id, now=now)
    await notify({shift.offered_by_id} - {by.person_id}, DUTY_ACCEPTED, shift, place, now=now)
    return shift


@db.transaction
async def decline(shift_id: int, *, by: Staff, now: datetime) -> DutyShift:
    """Decline a shift that was offered. Raises `InvalidShiftState`, `ShiftOver`."""
    shift = await access.lock_own(shift_id, by.person_id)
    access.require_coming(shift, S.OFFERED, now=now)
    await access.change(shift, status=S.DECLINED, answered_at=now, ended_at=now)
    await audit.note("duty.declined", f"duty_shift:{shift.id}", by=by.person_id, now=now)
    await notify({shift.offered_by_id} - {by.person_id}, DUTY_DECLINED, shift, await places.place_of(shift), now=now)
    return shift


@db.transaction
async def withdraw(shift_id: int, *, by: Staff, now: datetime) -> DutyShift:
    """Take back a shift that has not ended, whether accepted or not. Raises `InvalidShiftState`, `ShiftOver`."""
    shift, place = await access.lock_managed(shift_id, by)
    access.require_coming(shift, S.OFFERED, S.ACCEPTED, now=now)
    await end(shift, S.WITHDRAWN, place, by=by.person_id, now=now)
    await audit.note("duty.withdrawn", f"duty_shift:{shift.id}", by=by.person_id, now=now)
    return shift


async def end(shift: DutyShift, status: S, place: Place, *, by: int | None, now: datetime) -> None:
    """End a locked shift, and notify its person and the colleague who was asked to take it over."""
    asked = shift.asked_id
    await access.change(shift, status=status, ended_at=now, asked_id=None)
    await notify({shift.person_id} - {by}, DUTY_WITHDRAWN, shift, place, now=now)
    if asked is not None:
        await notify({asked} - {by}, DUTY_SWAP_ENDED, shift, place, now=now)
