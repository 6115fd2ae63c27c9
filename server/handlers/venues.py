"""Venues 场地 of a station: kept by its head, used by its staff, listed for everybody."""

from collections.abc import Sequence

from miniprogram_contract.base import Page
from miniprogram_contract.venues import (
    VENUE_WORDS,
    VENUE_ZONES,
    NewVenueUse,
    StaffVenueDetail,
    StaffVenueFilter,
    VenueChanges,
    VenueKind,
    VenueList,
    VenueSummary,
    VenueUseDetail,
    VenueUseFilter,
)
from miniprogram_contract.venues import NewVenue as NewVenueBody
from server import models
from server.adapters.clock import Moment
from server.domain import staff, stations, venue_uses, venues
from server.domain.venues import NewVenue
from server.errors import (
    HeadRequired,
    InvalidVenueTime,
    TooManyVenues,
    VenueExists,
    VenueNotAvailable,
    VenueSeatsBooked,
    VenueTaken,
    VenueUsedByActivity,
    VenueUseEnded,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs.serializers import station_reference
from server.models import Venue, VenueUse

PATH = "/station/venues/<venue_id:int>"


@endpoint("GET", "/stations/<station_id:int>/venues", reply=VenueList, roles=Roles.ANYONE)
async def list_venues(station_id: int) -> VenueList:
    """Return a station's venues and how many people each holds."""
    return VenueList(items=[VenueSummary(**_known(venue)) for venue in await venues.list_active(station_id)])


def _known(venue: Venue) -> dict[str, object]:
    kind = VenueKind(venue.kind)
    return {
        "id": venue.id,
        "kind": kind,
        "kind_words": VENUE_WORDS[kind],
        "zone": VENUE_ZONES.get(kind),
        "name": venue.name,
        "capacity": venue.capacity,
    }


@endpoint("GET", "/station/venues", query=StaffVenueFilter, reply=Page[StaffVenueDetail], roles=Roles.STAFF)
async def list_station_venues(query: StaffVenueFilter, caller: Caller) -> Page[StaffVenueDetail]:
    """Return the venues of the caller's stations or county, in use or not."""
    found = await venues.list_of_stations(caller.scope, query.station, after=query.after or 0, limit=query.limit)
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[StaffVenueDetail](items=[_venue(one) for one in found], next=following)


def _venue(venue: Venue) -> StaffVenueDetail:
    return StaffVenueDetail(
        **_known(venue), station=station_reference(venue.station), active=venue.active, created_at=venue.created_at
    )


@endpoint(
    "POST",
    "/station/venues",
    body=NewVenueBody,
    reply=StaffVenueDetail,
    subject=subjects.VENUE,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, VenueExists, TooManyVenues),
)
async def create_venue(body: NewVenueBody, caller: Caller, now: Moment) -> StaffVenueDetail:
    """Create a venue of the station that the caller heads."""
    fields = body.model_dump() | {"kind": models.VenueKind(body.kind)}
    return _venue(await venues.create(NewVenue(**fields), by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/changes",
    body=VenueChanges,
    reply=StaffVenueDetail,
    subject=subjects.VENUE,
    roles=Roles.STAFF,
    refuses=(HeadRequired, VenueExists, VenueSeatsBooked),
)
async def change_venue(venue_id: int, body: VenueChanges, caller: Caller, now: Moment) -> StaffVenueDetail:
    """Change a venue of the station that the caller heads, or take it out of use."""
    return _venue(await venues.change(venue_id, body.model_dump(exclude_unset=True), by=caller.scope, now=now))


@endpoint("GET", PATH + "/uses", query=VenueUseFilter, reply=Page[VenueUseDetail], roles=Roles.STAFF)
async def list_venue_uses(venue_id: int, query: VenueUseFilter, caller: Caller, now: Moment) -> Page[VenueUseDetail]:
    """Return the uses of the venue from a day on, by time."""
    day, after = query.from_day or stations.today(now), cursor.after(query.after)
    found = await venue_uses.list_from(venue_id, day, by=caller.scope, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, lambda use: (use.ends_at, use.id))
    return Page[VenueUseDetail](items=await _uses(found), next=following)


async def _uses(uses: Sequence[VenueUse]) -> list[VenueUseDetail]:
    names = await staff.names_of({use.reserved_by_id for use in uses})
    activities = await venue_uses.activities_of([use.id for use in uses])
    same = ("id", "venue_id", "starts_at", "ends_at", "purpose", "reserved_at", "released_at")
    return [
        VenueUseDetail(
            **{name: getattr(use, name) for name in same},
            reserved_by=names[use.reserved_by_id],
            activity_id=activities.get(use.id),
        )
        for use in uses
    ]


@endpoint(
    "POST",
    PATH + "/uses",
    body=NewVenueUse,
    reply=VenueUseDetail,
    subject=subjects.VENUE,
    status=201,
    roles=Roles.STAFF,
    refuses=(VenueTaken, VenueNotAvailable, InvalidVenueTime),
)
async def create_venue_use(venue_id: int, body: NewVenueUse, caller: Caller, now: Moment) -> VenueUseDetail:
    """Reserve a venue for a purpose of the station; activities reserve theirs when they are drafted."""
    span = (body.starts_at, body.ends_at)
    return (await _uses([await venue_uses.create(venue_id, span, body.purpose, by=caller.scope, now=now)]))[0]


@endpoint(
    "POST",
    PATH + "/uses/<use_id:int>/return",
    reply=VenueUseDetail,
    subject=subjects.VENUE,
    roles=Roles.STAFF,
    refuses=(VenueUseEnded, VenueUsedByActivity),
)
async def end_venue_use(venue_id: int, use_id: int, caller: Caller, now: Moment) -> VenueUseDetail:
    """Release a venue that the station reserved and no longer needs."""
    return (await _uses([await venue_uses.return_early(venue_id, use_id, by=caller.scope, now=now)]))[0]
