"""The duty roster 值班: offered by heads and officers, accepted by the people on it."""

from datetime import datetime

from miniprogram_contract.base import Empty, Page
from miniprogram_contract.duty import (
    DUTY_STATUS_WORDS,
    DutyAction,
    DutyDay,
    DutyGap,
    DutyHandOver,
    DutyPhone,
    DutyPlace,
    DutyRoster,
    DutyRosterQuery,
    DutyShiftDetail,
    DutyShiftQuery,
    DutyShiftStatus,
    DutySwap,
    NewDutyShift,
)
from server.adapters.clock import Moment
from server.domain import stations
from server.domain.duty import hand_over, offers, queries, swaps
from server.domain.duty.offers import ShiftOffer
from server.domain.duty.queries import RosterDay, ShownShift
from server.domain.masking import mask_phone
from server.domain.working_time import midnight
from server.errors import (
    HeadRequired,
    InvalidShiftState,
    InvalidStationState,
    NobodyToTakeOver,
    NotFound,
    NotOnRoster,
    ShiftConflict,
    ShiftOver,
    TooEarly,
    TooManyShifts,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.models import DutyShift

PATH = "/duty-shifts/<shift_id:int>"
STATE = (InvalidShiftState, ShiftOver)
TAKING = (NotOnRoster, ShiftConflict, TooManyShifts)


@endpoint("GET", "/duty-shifts", query=DutyShiftQuery, reply=Page[DutyShiftDetail], roles=Roles.STAFF)
async def list_duty_shifts(query: DutyShiftQuery, caller: Caller, now: Moment) -> Page[DutyShiftDetail]:
    """List the caller's own shifts, and those they are asked to take over, by their end."""
    since = midnight(query.from_day) if query.from_day else now
    after = cursor.after(query.after)
    found = await queries.list_own(caller.person_id, since=since, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.shift.ends_at, one.shift.id))
    return Page[DutyShiftDetail](items=[_detail(one, caller.person_id, now) for one in found], next=following)


@endpoint(
    "GET", "/station/duty-roster", query=DutyRosterQuery, reply=DutyRoster, roles=Roles.STAFF, refuses=(NotFound,)
)
async def get_duty_roster(query: DutyRosterQuery, caller: Caller, now: Moment) -> DutyRoster:
    """Show the roster of a station or a county by days, with the gaps that no accepted shift covers."""
    first = query.from_day or stations.today(now)
    days = await queries.get_roster(
        caller.scope, station_id=query.station, county_id=query.county, first=first, days=query.days
    )
    return DutyRoster(days=[_day(day, caller.person_id, now) for day in days])


@endpoint(
    "POST",
    "/station/duty-shifts",
    body=NewDutyShift,
    reply=DutyShiftDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, HeadRequired, InvalidStationState, ShiftOver, *TAKING),
    subject=subjects.DUTY_SHIFT,
)
async def offer_duty_shift(body: NewDutyShift, caller: Caller, now: Moment) -> DutyShiftDetail:
    """Offer a shift to a person: the head at the station, officers in their county."""
    return await _shown(await offers.offer(ShiftOffer(**body.model_dump()), by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    "/station/duty-shifts/<shift_id:int>/withdrawal",
    body=Empty,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=(HeadRequired, *STATE),
    subject=subjects.DUTY_SHIFT,
)
async def withdraw_duty_shift(shift_id: int, body: Empty, caller: Caller, now: Moment) -> DutyShiftDetail:  # noqa: ARG001
    """Take back a shift that has not ended, whether accepted or not."""
    return await _shown(await offers.withdraw(shift_id, by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    PATH + "/acceptance",
    body=DutyPhone,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=(*STATE, *TAKING),
    subject=subjects.DUTY_SHIFT,
)
async def accept_duty_shift(shift_id: int, body: DutyPhone, caller: Caller, now: Moment) -> DutyShiftDetail:
    """Accept a shift, with the phone that rings. Nobody is on duty twice at a time."""
    return await _shown(await offers.accept(shift_id, phone=body.phone, by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    PATH + "/decline",
    body=Empty,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=STATE,
    subject=subjects.DUTY_SHIFT,
)
async def decline_duty_shift(shift_id: int, body: Empty, caller: Caller, now: Moment) -> DutyShiftDetail:  # noqa: ARG001
    """Decline a shift that was offered."""
    return await _shown(await offers.decline(shift_id, by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    PATH + "/swap",
    body=DutySwap,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=(*STATE, NotOnRoster),
    subject=subjects.DUTY_SHIFT,
)
async def ask_to_swap(shift_id: int, body: DutySwap, caller: Caller, now: Moment) -> DutyShiftDetail:
    """Ask a colleague to take the shift over. The caller stays on duty until the colleague accepts."""
    shift = await swaps.ask(shift_id, colleague_id=body.person_id, by=caller.scope, now=now)
    return await _shown(shift, caller, now)


@endpoint(
    "POST",
    PATH + "/swap-acceptance",
    body=DutyPhone,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=(*STATE, *TAKING),
    subject=subjects.DUTY_SHIFT,
)
async def accept_swap(shift_id: int, body: DutyPhone, caller: Caller, now: Moment) -> DutyShiftDetail:
    """Take over a colleague's shift, or the rest of it. The reply is the caller's new shift."""
    return await _shown(await swaps.accept(shift_id, phone=body.phone, by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    PATH + "/swap-decline",
    body=Empty,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=STATE,
    subject=subjects.DUTY_SHIFT,
)
async def decline_swap(shift_id: int, body: Empty, caller: Caller, now: Moment) -> DutyShiftDetail:  # noqa: ARG001
    """Decline to take over a colleague's shift, which stays theirs."""
    return await _shown(await swaps.decline(shift_id, by=caller.scope, now=now), caller, now)


@endpoint(
    "POST",
    PATH + "/hand-over",
    body=DutyHandOver,
    reply=DutyShiftDetail,
    roles=Roles.STAFF,
    refuses=(*STATE, TooEarly, NobodyToTakeOver),
    subject=subjects.DUTY_SHIFT,
)
async def hand_over_duty(shift_id: int, body: DutyHandOver, caller: Caller, now: Moment) -> DutyShiftDetail:
    """Hand the running shift over to the next person on duty, who reads the note."""
    return await _shown(await hand_over.hand_over(shift_id, note=body.note, by=caller.scope, now=now), caller, now)


async def _shown(shift: DutyShift, caller: Caller, now: datetime) -> DutyShiftDetail:
    return _detail(await queries.get_shown(shift, reader=caller.person_id), caller.person_id, now)


def _day(day: RosterDay, reader: int, now: datetime) -> DutyDay:
    gaps = [DutyGap(starts_at=gap.starts_at, ends_at=gap.ends_at) for gap in day.gaps]
    return DutyDay(day=day.day, shifts=[_detail(one, reader, now) for one in day.shifts], gaps=gaps)


def _detail(shown: ShownShift, reader: int, now: datetime) -> DutyShiftDetail:
    shift, place = shown.shift, shown.place
    status = DutyShiftStatus(shift.status)
    return DutyShiftDetail(
        id=shift.id,
        status=status,
        status_words=DUTY_STATUS_WORDS[status],
        place=DutyPlace(station_id=shift.station_id, county_id=shift.county_id, name=place.name),
        person_id=shift.person_id,
        person=shown.person,
        phone=(shift.phone if shift.person_id == reader else mask_phone(shift.phone)) if shift.phone else None,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        asked_id=shift.asked_id,
        asked=shown.asked,
        notes=list(shown.notes),
        allowed_actions=[DutyAction(action) for action in queries.allowed_actions(shift, reader, now)],
    )
