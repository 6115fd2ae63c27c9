"""The needs list and the verbs of station staff."""

from miniprogram_contract.base import Reason
from miniprogram_contract.needs_staff import (
    NeedAssignment,
    NeedContact,
    NeedCounts,
    NeedMerge,
    NeedNote,
    NeedReceipt,
    NeedRefusal,
    NeedResolution,
    NeedState,
    NewCounterNeed,
    NewReferral,
    StaffNeedDetail,
    StaffNeedFilter,
    StaffNeedPage,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import access, crisis_alerts, duplicates, referrals, staff_queries, submit, triage
from server.domain.needs.filters import ORDERS, NeedFilter, NeedScope, Sort
from server.domain.needs.staff_queries import open_need
from server.errors import (
    AssigneeRequired,
    CategoryNotAvailable,
    CommunityRequired,
    HeadRequired,
    HomeRequired,
    InvalidNeedState,
    NotFound,
    NotMergeable,
    NotStationWorker,
    OwnNeed,
    PhotoNotAvailable,
    ReceiverNotSuitable,
    ReferralFinal,
    SameStation,
)
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs import serializers
from server.handlers.needs.resident import submission_of
from server.models import Channel, Need, NeedStatus, Station, Urgency

PATH = "/station/needs/<need_id:int>"


@endpoint("GET", "/station/needs", query=StaffNeedFilter, reply=StaffNeedPage, roles=Roles.STAFF)
async def list_station_needs(query: StaffNeedFilter, caller: Caller, now: Moment) -> StaffNeedPage:
    """The needs of the stations one works for, or of one's county, with counts per status."""
    need_filter = _filter_of(query)
    found = await staff_queries.list_needs(need_filter, by=caller.scope, now=now)
    may = await access.readable_ids(found, caller.scope)
    rows = [serializers.need_row(line, readable=line.id in may, now=now) for line in found]
    counts = dict.fromkeys(NeedStatus, 0) | await staff_queries.count_by_status(need_filter, by=caller.scope, now=now)
    column = ORDERS[need_filter.sort][0]
    following = cursor.following(found, query.limit, lambda line: (getattr(line, column), line.id))
    return StaffNeedPage(items=rows, next=following, counts=NeedCounts(**counts))


def _filter_of(query: StaffNeedFilter) -> NeedFilter:
    return NeedFilter(
        scope=NeedScope(query.whose),
        statuses=[NeedStatus(one) for one in query.status],
        categories=query.category,
        urgency=Urgency(query.urgency) if query.urgency else None,
        assignee_id=query.assignee,
        unassigned=query.unassigned,
        overdue=query.overdue,
        submitted_from=query.submitted_from,
        submitted_until=query.submitted_until,
        text=query.text or "",
        station_id=query.station,
        sort=Sort(query.sort),
        after=cursor.after(query.after),
        limit=query.limit,
    )


@endpoint(
    "POST",
    "/station/needs",
    body=NewCounterNeed,
    reply=NeedReceipt,
    status=201,
    roles=Roles.STAFF,
    refuses=(HomeRequired, CommunityRequired, NotFound, CategoryNotAvailable, PhotoNotAvailable),
)
async def create_station_need(body: NewCounterNeed, caller: Caller, now: Moment) -> NeedReceipt:
    """Enter a need for somebody at the counter or on the telephone (代录); print its slip for them."""
    need = await submit.submit_by_staff(
        submission_of(body), by=caller.scope, for_person=body.person_id, channel=Channel(body.channel), now=now
    )
    return serializers.need_receipt(need, await Station.get(id=need.station_id))


@endpoint("GET", PATH, reply=StaffNeedDetail, roles=Roles.STAFF)
async def get_station_need(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> StaffNeedDetail:
    """One need with the staff's timeline, photos and likely duplicates; the first to open it is named on it."""
    return serializers.staff_need_detail(await open_need(need_id, by=caller.scope, now=now), dependencies, now)


@endpoint("POST", PATH + "/acceptance", reply=NeedState, roles=Roles.STAFF, refuses=(InvalidNeedState, OwnNeed))
async def accept_need(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Accept it for the station (受理)."""
    return await _need_state(await triage.accept(need_id, by=caller.scope, now=now))


async def _need_state(need: Need) -> NeedState:
    return serializers.need_state(need, await Station.get(id=need.station_id))


@endpoint(
    "POST",
    PATH + "/decline",
    body=NeedRefusal,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, HeadRequired),
)
async def decline_need(need_id: int, body: NeedRefusal, caller: Caller, now: Moment) -> NeedState:
    """Decline it (不予受理), saying who can help instead."""
    return await _need_state(
        await triage.decline(need_id, reason=body.reason, who_can_help=body.who_can_help, by=caller.scope, now=now)
    )


@endpoint(
    "POST",
    PATH + "/assignment",
    body=NeedAssignment,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, HeadRequired, NotStationWorker),
)
async def assign_need(need_id: int, body: NeedAssignment, caller: Caller, now: Moment) -> NeedState:
    """Assign it to a worker (派单); a worker may take an unassigned one."""
    return await _need_state(await triage.assign(need_id, worker_id=body.worker_id, by=caller.scope, now=now))


@endpoint(
    "POST", PATH + "/start", reply=NeedState, roles=Roles.STAFF, refuses=(InvalidNeedState, OwnNeed, AssigneeRequired)
)
async def start_need(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Begin to serve."""
    return await _need_state(await triage.start(need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/note",
    body=NeedNote,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, HeadRequired),
)
async def add_need_note(need_id: int, body: NeedNote, caller: Caller, now: Moment) -> NeedState:
    """Add a note for colleagues, a word for the resident, time spent."""
    return await _need_state(
        await triage.add_note(
            need_id,
            note=body.text,
            message=body.said,
            service_minutes=body.service_minutes,
            by=caller.scope,
            now=now,
        )
    )


@endpoint(
    "POST",
    PATH + "/contact",
    body=Reason,
    reply=NeedContact,
    roles=Roles.STAFF,
    refuses=(OwnNeed, HeadRequired),
    idempotent=False,  # an answer under a key is kept, and could be read again after the right to it ended
)
async def reveal_need_contact(need_id: int, body: Reason, caller: Caller, now: Moment) -> NeedContact:
    """Read name, phone and place unmasked, with a reason; it is logged and the person sees it."""
    need = await triage.reveal_contact(need_id, reason=body.reason, by=caller.scope, now=now)
    return NeedContact(name=need.contact_name, phone=need.contact_phone, place=need.place)


@endpoint(
    "POST",
    PATH + "/referral",
    body=NewReferral,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, SameStation, ReceiverNotSuitable),
)
async def refer_need(need_id: int, body: NewReferral, caller: Caller, now: Moment) -> NeedState:
    """Offer it to another station (转介); one answers for it until that station accepts."""
    need = await referrals.refer(need_id, to_station=body.station_id, reason=body.reason, by=caller.scope, now=now)
    return await _need_state(need)


@endpoint(
    "POST",
    PATH + "/referral-acceptance",
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, ReceiverNotSuitable),
)
async def accept_referral(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Take over a need that was referred to one's station."""
    return await _need_state(await referrals.accept(need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/referral-return",
    body=Reason,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, ReferralFinal),
)
async def return_referral(need_id: int, body: Reason, caller: Caller, now: Moment) -> NeedState:
    """Give a referred need back with a reason; the third time the head station decides."""
    return await _need_state(await referrals.return_to_sender(need_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/merge",
    body=NeedMerge,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, NotMergeable),
)
async def merge_need(need_id: int, body: NeedMerge, caller: Caller, now: Moment) -> NeedState:
    """Merge it into another open need of the same household."""
    return await _need_state(await duplicates.merge(need_id, into=body.into, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/resolution",
    body=NeedResolution,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, AssigneeRequired),
)
async def resolve_need(need_id: int, body: NeedResolution, caller: Caller, now: Moment) -> NeedState:
    """Say what was done (办结); the resident is asked to rate it."""
    return await _need_state(await triage.resolve(need_id, **body.model_dump(), by=caller.scope, now=now))


@endpoint("POST", PATH + "/crisis-acknowledgement", reply=NeedState, roles=Roles.STAFF, refuses=(OwnNeed,))
async def acknowledge_crisis(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Say that one has seen the alert and acts; it stops ringing."""
    return await _need_state(await crisis_alerts.acknowledge(need_id, by=caller.scope, now=now))
