"""Endpoints for station staff: the list of needs, and the steps of serving one."""

from collections.abc import Callable
from typing import Any

from miniprogram_contract.base import AccessReason, Reason
from miniprogram_contract.needs_staff import NeedCounts, NewCounterNeed, StaffNeedDetail, StaffNeedFilter, StaffNeedPage
from miniprogram_contract.needs_steps import (
    NeedAssignment,
    NeedContact,
    NeedMerge,
    NeedNote,
    NeedReceipt,
    NeedRefusal,
    NeedResolution,
    NeedState,
    NewNeedPlace,
    NewReferral,
    OpenedCrisis,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import (
    crisis_alerts,
    crisis_openings,
    duplicates,
    referrals,
    staff_queries,
    stand_in_openings,
    submit,
    triage,
)
from server.domain.needs.filters import ORDERS, NeedFilter, NeedScope, Sort
from server.domain.needs.triage import NoteContent
from server.errors import (
    READER_REQUIRED,
    AssigneeRequired,
    CategoryNotAvailable,
    CommunityRequired,
    CrisisNotAcknowledged,
    CrisisNotOpened,
    EndedThoseRoles,
    HomeRequired,
    InvalidNeedState,
    NoCrisis,
    NotFound,
    NotMergeable,
    NotStationWorker,
    OwnNeed,
    PhotoNotAvailable,
    ReceiverNotSuitable,
    ReferralFinal,
    SameStation,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs import serializers
from server.handlers.needs.plea_body import read_counter_plea
from server.handlers.needs.resident import submission_of
from server.models import Channel, Need, NeedStatus, Urgency

PATH = "/station/needs/<need_id:int>"
CURSOR_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "id": cursor.number,
    "submitted_at": cursor.moment,
    "due_rank": cursor.number,
    "next_due_at": cursor.moment_or_none,
}


@endpoint("GET", "/station/needs", query=StaffNeedFilter, reply=StaffNeedPage, roles=Roles.STAFF)
async def list_station_needs(query: StaffNeedFilter, caller: Caller, now: Moment) -> StaffNeedPage:
    """List the needs of the caller's stations or counties; the first page has the number of needs in each status."""
    need_filter = _filter_of(query)
    found = await staff_queries.list_needs(need_filter, by=caller.scope, now=now)
    order = ORDERS[need_filter.sort]
    return StaffNeedPage(
        items=[serializers.need_row(item, now) for item in found.items],
        next=cursor.following(found.items, query.limit, lambda item: order.place(item.need)),
        counts=None
        if found.counts is None
        else NeedCounts(**{status: found.counts.get(status, 0) for status in NeedStatus}),
    )


def _filter_of(query: StaffNeedFilter) -> NeedFilter:
    return NeedFilter(
        scope=NeedScope(query.scope),
        statuses=[NeedStatus(status) for status in query.status],
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
        after=cursor.after_values(query.after, [CURSOR_COLUMNS[column] for column in ORDERS[Sort(query.sort)].columns]),
        limit=query.limit,
    )


@endpoint(
    "POST",
    "/station/needs",
    body=NewCounterNeed,
    reply=NeedReceipt,
    subject=subjects.COUNTER_NEED,
    status=201,
    roles=Roles.STAFF,
    refuses=(HomeRequired, CommunityRequired, NotFound, CategoryNotAvailable, PhotoNotAvailable),
    reads_plea=read_counter_plea,
)
async def create_station_need(body: NewCounterNeed, caller: Caller, now: Moment) -> NeedReceipt:
    """Enter a need for a person at the counter or on the telephone (代录); print its slip for them.

    An emergency, or one with words of crisis, is filed whatever else is missing or wrong.
    """
    need = await submit.submit_by_staff(
        submission_of(body), by=caller.scope, for_person=body.person_id, channel=Channel(body.channel), now=now
    )
    return serializers.need_receipt(need, await staff_queries.get_responsible_station(need))


@endpoint("GET", PATH, reply=StaffNeedDetail, roles=Roles.STAFF)
async def get_station_need(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> StaffNeedDetail:
    """Open a need: timeline, photos, likely duplicates. The first worker to open it is named on it."""
    view = await staff_queries.open_need(need_id, by=caller.scope, now=now)
    return serializers.staff_need_detail(view, dependencies, now, caller.person_id)


@endpoint(
    "POST",
    PATH + "/opening",
    body=AccessReason,
    reply=NeedState,
    roles=Roles.STAFF,
    refuses=(OwnNeed, EndedThoseRoles),
    idempotent=False,  # each reading is logged
)
async def open_need_standing_in(need_id: int, body: AccessReason, caller: Caller, now: Moment) -> NeedState:
    """Open a confidential need of a station at which nobody works, as its stand-in; the resident sees it.

    Afterwards the caller reads it by GET, and acts on it, until somebody is appointed at the station.
    """
    return await _need_state(await stand_in_openings.open_need(need_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/acceptance",
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, CrisisNotOpened),
)
async def accept_need(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Accept the need for the station (受理)."""
    return await _need_state(await triage.accept(need_id, by=caller.scope, now=now))


async def _need_state(need: Need) -> NeedState:
    return serializers.need_state(need, await staff_queries.get_responsible_station(need))


@endpoint(
    "POST",
    PATH + "/decline",
    body=NeedRefusal,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, CrisisNotOpened),
)
async def decline_need(need_id: int, body: NeedRefusal, caller: Caller, now: Moment) -> NeedState:
    """Decline the need (不予受理), saying who can help instead."""
    return await _need_state(
        await triage.decline(
            need_id, reason=body.reason, alternative_help=body.alternative_help, by=caller.scope, now=now
        )
    )


@endpoint(
    "POST",
    PATH + "/assignment",
    body=NeedAssignment,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, NotStationWorker),
)
async def assign_need(need_id: int, body: NeedAssignment, caller: Caller, now: Moment) -> NeedState:
    """Assign the need to a worker (派单); a worker may take an unassigned need."""
    return await _need_state(await triage.assign(need_id, worker_id=body.worker_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/start",
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, AssigneeRequired, *READER_REQUIRED),
)
async def start_need(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Begin to serve the need."""
    return await _need_state(await triage.start(need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/note",
    body=NeedNote,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED),
)
async def add_need_note(need_id: int, body: NeedNote, caller: Caller, now: Moment) -> NeedState:
    """Add a note for staff, a message to the resident, or time spent."""
    return await _need_state(await triage.add_note(need_id, NoteContent(**body.model_dump()), by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/place",
    body=NewNeedPlace,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED),
)
async def note_need_place(need_id: int, body: NewNeedPlace, caller: Caller, now: Moment) -> NeedState:
    """Note the address for help at home, as the resident said it; the confirmed volunteer reads it with the contact."""
    return await _need_state(await triage.note_place(need_id, place=body.place, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/contact",
    body=Reason,
    reply=NeedContact,
    roles=Roles.STAFF,
    refuses=(OwnNeed, *READER_REQUIRED),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def reveal_need_contact(need_id: int, body: Reason, caller: Caller, now: Moment) -> NeedContact:
    """Read name, phone and place unmasked, with a reason; the reading is logged and the resident sees it."""
    need = await triage.reveal_contact(need_id, reason=body.reason, by=caller.scope, now=now)
    return NeedContact(name=need.contact_name, phone=need.contact_phone, place=need.place)


@endpoint(
    "POST",
    PATH + "/referral",
    body=NewReferral,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, SameStation, ReceiverNotSuitable),
)
async def refer_need(need_id: int, body: NewReferral, caller: Caller, now: Moment) -> NeedState:
    """Refer the need to another station (转介); the sender stays responsible until that station accepts."""
    need = await referrals.refer(need_id, to_station=body.station_id, reason=body.reason, by=caller.scope, now=now)
    return await _need_state(need)


@endpoint(
    "POST",
    PATH + "/referral-acceptance",
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, ReceiverNotSuitable),
)
async def accept_referral(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Accept a need that was referred to the caller's station."""
    return await _need_state(await referrals.accept(need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/referral-return",
    body=Reason,
    reply=NeedState,
    subject=subjects.RETURNED_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, ReferralFinal),
)
async def return_referral(need_id: int, body: Reason, caller: Caller, now: Moment) -> NeedState:
    """Return a referred need with a reason; after the third return the head station decides."""
    return await _need_state(await referrals.return_to_sender(need_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/referral-recall",
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED),
)
async def recall_referral(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Recall a referral that the other station has not answered; when its response time has passed, it ends itself."""
    return await _need_state(await referrals.recall(need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/merge",
    body=NeedMerge,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, NotMergeable, CrisisNotAcknowledged),
)
async def merge_need(need_id: int, body: NeedMerge, caller: Caller, now: Moment) -> NeedState:
    """Merge the need into another open need of the same household."""
    return await _need_state(await duplicates.merge(need_id, into=body.target_need_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/resolution",
    body=NeedResolution,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, AssigneeRequired, *READER_REQUIRED),
)
async def resolve_need(need_id: int, body: NeedResolution, caller: Caller, now: Moment) -> NeedState:
    """Resolve the need with its outcome (办结); the resident is asked to rate it."""
    return await _need_state(await triage.resolve(need_id, **body.model_dump(), by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/crisis-opening",
    body=AccessReason,
    reply=OpenedCrisis,
    roles=Roles.STAFF,
    refuses=(OwnNeed, NoCrisis),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def open_crisis(need_id: int, body: AccessReason, caller: Caller, now: Moment) -> OpenedCrisis:
    """Read name, phone and words of a crisis, in every category; it is logged, and the resident sees it."""
    need = await crisis_openings.open_crisis(need_id, reason=body.reason, by=caller.scope, now=now)
    written = await crisis_openings.list_written(need)
    return OpenedCrisis(
        name=need.contact_name, phone=need.contact_phone, place=need.place, text=need.text, written=written
    )


@endpoint(
    "POST",
    PATH + "/crisis-acknowledgement",
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(OwnNeed, CrisisNotOpened),
)
async def acknowledge_crisis(need_id: int, caller: Caller, now: Moment) -> NeedState:
    """Acknowledge a crisis alert that the caller has opened; it stops ringing."""
    return await _need_state(await crisis_alerts.acknowledge(need_id, by=caller.scope, now=now))
