"""Community deeds 积分事项: claimed on the phone, entered at the counter, decided by staff."""

from miniprogram_contract.base import Page, PageQuery, Reason
from miniprogram_contract.points import (
    DeedDecisionResult,
    DeedDetail,
    DeedRow,
    NewCounterDeed,
    NewDeed,
    StaffDeedFilter,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.points import allowed_actions, deeds
from server.domain.points.deeds import DeedClaim
from server.errors import (
    AlreadyDecided,
    DeedDayOutOfRange,
    InvolvedInPoints,
    NotFound,
    PhotoNotAvailable,
    PointsCapReached,
    RuleNotAvailable,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.points import serializers
from server.models import Earning, EarningStatus

PATH = "/station/deeds/<earning_id:int>"
# More than anyone claims in an hour.
CLAIMING = RateLimit(most=20, seconds=3600)
NOT_CLAIMABLE = (RuleNotAvailable, DeedDayOutOfRange, PointsCapReached, PhotoNotAvailable)


@endpoint(
    "POST",
    "/points/deeds",
    body=NewDeed,
    reply=DeedDetail,
    subject=subjects.OWN,
    status=201,
    refuses=NOT_CLAIMABLE,
    limit=CLAIMING,
    hears=("text",),
)
async def create_deed(body: NewDeed, caller: Caller, dependencies: Dependencies, now: Moment) -> DeedDetail:
    """Claim points for a deed; the station's staff decide."""
    made = await deeds.claim(_claim(body), by=caller.person_id, now=now)
    return (await _details([made], dependencies, now))[0]


def _claim(body: NewDeed) -> DeedClaim:
    return DeedClaim(**body.model_dump(include=set(NewDeed.model_fields)))


@endpoint("GET", "/points/deeds", query=PageQuery, reply=Page[DeedDetail])
async def list_deeds(query: PageQuery, caller: Caller, dependencies: Dependencies, now: Moment) -> Page[DeedDetail]:
    """List the caller's deeds, newest first."""
    found = await deeds.list_for_person(caller.person_id, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[DeedDetail](items=await _details(found, dependencies, now), next=following)


def _place(earning: Earning) -> cursor.Place:
    return earning.claimed_at, earning.id


async def _details(found: list[Earning], dependencies: Dependencies, now: Moment) -> list[DeedDetail]:
    photos = await deeds.list_photos(found)
    return [serializers.deed_detail(one, photos[deeds.subject_key(one.id)], dependencies, now) for one in found]


@endpoint(
    "POST",
    "/station/deeds",
    body=NewCounterDeed,
    reply=DeedDecisionResult,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, *NOT_CLAIMABLE),
)
async def create_station_deed(body: NewCounterDeed, caller: Caller, now: Moment) -> DeedDecisionResult:
    """Enter a deed for a person at the counter; a colleague approves it."""
    return serializers.decision_result(
        await deeds.enter_at_counter(_claim(body), person_id=body.person_id, by=caller.scope, now=now)
    )


@endpoint("GET", "/station/deeds", query=StaffDeedFilter, reply=Page[DeedRow], roles=Roles.STAFF)
async def list_station_deeds(
    query: StaffDeedFilter, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[DeedRow]:
    """List deeds of the caller's stations and counties in a status, oldest first."""
    status, after = EarningStatus(query.status), cursor.after(query.after)
    found = await deeds.list_for_staff(caller.scope, status=status, after=after, limit=query.limit)
    photos = await deeds.list_photos(found)
    may = await allowed_actions.of_staff(found, caller.scope, now=now)
    items = [
        serializers.deed_row(
            one, photos[deeds.subject_key(one.id)], dependencies, now, reader=caller.scope, may=may[one.id]
        )
        for one in found
    ]
    return Page[DeedRow](items=items, next=cursor.following(found, query.limit, _place))


@endpoint(
    "POST",
    PATH + "/approval",
    reply=DeedDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(InvolvedInPoints, AlreadyDecided, RuleNotAvailable, PointsCapReached),
)
async def approve_deed(earning_id: int, caller: Caller, now: Moment) -> DeedDecisionResult:
    """Approve a deed: its points are given, or wait for a public notice."""
    return serializers.decision_result(await deeds.approve(earning_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/refusal",
    body=Reason,
    reply=DeedDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(InvolvedInPoints, AlreadyDecided),
)
async def refuse_deed(earning_id: int, body: Reason, caller: Caller, now: Moment) -> DeedDecisionResult:
    """Refuse a deed with a reason that the person reads."""
    return serializers.decision_result(await deeds.refuse(earning_id, reason=body.reason, by=caller.scope, now=now))
