"""Appeals against a ban, once each, decided by another station than the one that banned.

The county's head station decides on bans of the stations below it. The city desk, that is its head or the city's
officers, decides on bans by a head station, and in a county without an open one.
"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, households, notifications, reference, staff, stations
from server.domain.staff import Staff
from server.domain.volunteers import access
from server.domain.volunteers.bans import reinstate
from server.domain.volunteers.notifications import (
    BAN_APPEAL_GRANTED,
    BAN_APPEAL_REFUSED,
    BAN_APPEALED,
    notify_volunteer,
)
from server.errors import AlreadyDecided, AlreadySubmitted, NotBanned, NotFound, OwnDecision
from server.models import Ban, Station, Volunteer


@db.transaction
async def submit(person_id: int, *, reason: str, now: datetime) -> Ban:
    """Appeal against the ban as the banned volunteer. Raises `NotBanned` and `AlreadySubmitted`."""
    await reference.lock_shared()
    volunteer = await access.lock_own(person_id)
    ban = await Ban.get_or_none(volunteer_id=volunteer.id, open=1)
    if ban is None:
        raise NotBanned
    if not is_appealable(ban):
        raise AlreadySubmitted
    station = await _deciding_station(await stations.get(volunteer.station_id))
    changes = {"appeal": reason, "appealed_at": now, "appeal_station_id": station.id}
    await Ban.filter(id=ban.id).update(**changes)
    await _notify_deciders(ban, station, now)
    await audit.note("ban.appealed", f"ban:{ban.id}", by=person_id, now=now, station=station.id)
    return ban.update_from_dict(changes)


def is_appealable(ban: Ban) -> bool:
    """Return whether the ban is in force and was not appealed against."""
    return ban.open is not None and ban.appealed_at is None


async def _deciding_station(station: Station) -> Station:
    head = await stations.head_station_of(station)
    return head if head.id != station.id else await stations.city_desk()


async def _notify_deciders(ban: Ban, station: Station, now: datetime) -> None:
    """Notify the heads of the deciding station; or its stand-ins; without one but the banning worker, officers."""
    found = await staff.of_station(station.id)
    people = set(found.heads or found.stand_ins) - {ban.banned_by_id} or set(found.officers)
    await notifications.notify(people, BAN_APPEALED, subject_id=ban.id, now=now)


def _decidable_by(by: Staff) -> Q:
    """Match appeals to stations that the caller heads, or in counties of which they are an officer."""
    if by.is_city:
        return Q()
    return Q(appeal_station_id__in=sorted(by.head_of | by.county_station_ids) or [0])


@dataclass(frozen=True)
class UndecidedAppeal:
    """A ban with an appeal that waits; `is_near`: the reader is too close to the volunteer to decide it."""

    ban: Ban
    is_near: bool


async def list_undecided(by: Staff, *, now: datetime) -> list[UndecidedAppeal]:
    """Return undecided appeals to the caller's stations and counties, oldest first; none of their own bans, given or
    received.
    """
    found = Ban.filter(_decidable_by(by), open=1, decided_at=None, appealed_at__not_isnull=True)
    others = found.exclude(banned_by_id=by.person_id).exclude(volunteer__person_id=by.person_id)
    undecided = others.select_related("volunteer__person", "banned_by")
    bans = await undecided.order_by("appealed_at", "id").limit(200)
    await reference.attach([one.volunteer for one in bans], "station")
    near = await households.near_ids(by.person_id, now=now) if bans else set()
    return [UndecidedAppeal(one, is_near=one.volunteer.person_id in near) for one in bans]


@db.transaction
async def decide(ban_id: int, *, grant: bool, decision: str, by: Staff, now: datetime) -> Ban:
    """Decide an appeal, once, with a reason; if granted, the volunteer serves again.

    Raises `OwnDecision` for the worker who banned, or people close to the volunteer, and `AlreadyDecided`.
    """
    ban = await Ban.filter(_decidable_by(by), id=ban_id, appealed_at__not_isnull=True).first()
    if ban is None:
        raise NotFound
    volunteer = await Volunteer.select_for_update().get(id=ban.volunteer_id)
    if ban.banned_by_id == by.person_id or await households.near(volunteer.person_id, by.person_id, now=now):
        raise OwnDecision
    decided = {"decided_by_id": by.person_id, "decided_at": now, "decision": decision}
    # If the station has lifted the ban meanwhile, there is nothing left to decide.
    if not await Ban.filter(id=ban_id, decided_at=None, open=1).update(**decided):
        raise AlreadyDecided
    if grant:
        await reinstate(volunteer, by=by.person_id, now=now)
    await notify_volunteer(volunteer, BAN_APPEAL_GRANTED if grant else BAN_APPEAL_REFUSED, now=now)
    await audit.note("ban.decided", f"ban:{ban_id}", by=by.person_id, now=now, granted=grant)
    return await Ban.get(id=ban_id)
