"""The four acts as a bare FastAPI app over SQLAlchemy's async ORM.

It follows the two projects' documentation: declared request and reply models, a session for each request, joined
loading of single rows and `selectinload` of collections. Fields of features it does not have are empty.
"""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query
from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload, selectinload

from scripts.benchmarks.peers import words
from scripts.benchmarks.peers.fastapi_models import (
    Activity,
    Attendee,
    Booking,
    Category,
    Job,
    Need,
    NeedEvent,
    Notice,
    Person,
    Role,
    Station,
)
from scripts.benchmarks.peers.fastapi_schemas import (
    AttendeeDetail,
    BookedActivity,
    BookingDetail,
    NeedDetail,
    NeedPage,
    NeedRow,
    NewBooking,
    NewNeed,
    StationReference,
    TimelineEntry,
)

CONNECTIONS = 10
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("mysql://", "mysql+aiomysql://"),
    pool_size=CONNECTIONS,
    max_overflow=0,
    isolation_level="READ COMMITTED",
)
make_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
api = APIRouter(prefix="/api/v1")


async def open_session() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        yield session


async def read_caller(authorization: Annotated[str, Header()]) -> int:
    """Return the person id that the header names: signing in is not part of the comparison."""
    return int(authorization.removeprefix("Bearer "))


Session = Annotated[AsyncSession, Depends(open_session)]
Caller = Annotated[int, Depends(read_caller)]


@api.get("/needs/{need_id}")
async def get_need(need_id: int, caller: Caller, session: Session) -> NeedDetail:
    need = await session.scalar(
        select(Need)
        .where(Need.id == need_id, Need.person_id == caller)
        .options(
            joinedload(Need.category),
            joinedload(Need.station),
            joinedload(Need.area),
            selectinload(Need.timeline).options(joinedload(NeedEvent.actor), joinedload(NeedEvent.station)),
        )
    )
    if need is None:
        raise HTTPException(404)
    return detail_of(need, caller)


@api.get("/station/needs")
async def list_needs(
    session: Session,
    station: int,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=words.PAGE_MOST)] = words.PAGE,
) -> NeedPage:
    query = (
        select(Need)
        .where(Need.station_id == station)
        .order_by(Need.submitted_at.desc(), Need.id.desc())
        .limit(limit)
        .options(joinedload(Need.category), joinedload(Need.station), joinedload(Need.area), joinedload(Need.assignee))
    )
    if after:
        at, last = after.split("_")
        query = query.where(tuple_(Need.submitted_at, Need.id) < (datetime.fromisoformat(at), int(last)))
    needs = (await session.scalars(query)).all()
    counted = await session.execute(
        select(Need.status, func.count()).where(Need.station_id == station).group_by(Need.status)
    )
    now = words.now()
    return NeedPage(
        items=[row_of(need, now) for need in needs],
        next=f"{needs[-1].submitted_at.isoformat()}_{needs[-1].id}" if len(needs) == limit else None,
        counts=words.counts((status, number) for status, number in counted),
    )


@api.post("/needs", status_code=201)
async def submit_need(body: NewNeed, caller: Caller, session: Session) -> NeedDetail:
    now = words.now()
    async with session.begin():
        person = await session.get_one(Person, caller, options=[joinedload(Person.home)])
        category = await session.scalar(select(Category).where(Category.code == body.category, Category.active))
        station = await session.get(Station, body.station_id)
        if category is None or station is None or person.home is None:
            raise HTTPException(409)
        need = Need(
            **body.model_dump(exclude={"category", "station_id"}),
            route=words.route_to(station.name),
            submitted_at=now,
            response_due_at=now + words.RESPONSE,
            completion_due_at=now + words.COMPLETION,
            next_due_at=now + words.RESPONSE,
            due_rank=words.due_rank(body.urgency),
            event_count=1,
            area=person.home,
            category=category,
            station=station,
            person_id=caller,
            submitted_by_id=caller,
        )
        text = words.submitted(need.route)
        need.timeline = [
            NeedEvent(
                number=1, at=now, kind="submitted", to_status="submitted", text=text, actor=person, station=station
            )
        ]
        session.add(need)
        await session.flush()
        session.add(
            Job(kind="watch_need", subject=str(need.id), due_at=need.response_due_at, leased_until=need.response_due_at)
        )
        await notify_staff(session, need)
    return detail_of(need, caller)


async def notify_staff(session: AsyncSession, need: Need) -> None:
    staff = await session.scalars(
        select(Role.person_id)
        .where(Role.station_id == need.station_id, Role.current == 1, Role.kind.in_(words.STAFF_KINDS))
        .distinct()
    )
    notice = {
        "template": "need_submitted",
        "title": words.NOTICE_TITLE,
        "body": words.NOTICE_BODY,
        "subject_kind": "need",
        "subject_id": need.id,
        "created_at": need.submitted_at,
    }
    await session.execute(insert(Notice), [notice | {"person_id": person_id} for person_id in staff])


@api.post("/activities/{activity_id}/bookings", status_code=201)
async def book(activity_id: int, body: NewBooking, caller: Caller, session: Session) -> BookingDetail:
    now = words.now()
    try:
        async with session.begin():
            if not await take_seat(session, activity_id, now):
                raise HTTPException(409)
            activity = await session.get_one(Activity, activity_id, options=[joinedload(Activity.station)])
            person = await session.get_one(Person, caller)
            booking = Booking(
                activity=activity,
                number=activity.last_number,
                booked_at=now,
                seated_at=now,
                person_id=caller,
                booked_by_id=caller,
                attendees=[Attendee(activity_id=activity.id, person=person)],
            )
            session.add(booking)
    except IntegrityError:
        raise HTTPException(409) from None
    return booking_of(booking, body)


async def take_seat(session: AsyncSession, activity_id: int, now: datetime) -> bool:
    """Take a seat and a number; return False if none is left or the booking is not open."""
    changed = await session.execute(
        update(Activity)
        .where(
            Activity.id == activity_id,
            Activity.status == "published",
            Activity.booking_opens_at <= now,
            Activity.booking_closes_at > now,
            Activity.seats_taken + Activity.seats_held < Activity.seats,
        )
        .values(seats_taken=Activity.seats_taken + 1, last_number=Activity.last_number + 1)
    )
    return bool(changed.rowcount)


def reference_to(station: Station) -> StationReference:
    return StationReference(id=station.id, name=station.name, phone=station.phone)


def detail_of(need: Need, reader: int) -> NeedDetail:
    return NeedDetail(
        id=need.id,
        status=need.status,
        status_words=words.STATUS_WORDS[need.status],
        category=need.category.code,
        category_name=need.category.name,
        text=need.text,
        urgency=need.urgency,
        station=reference_to(need.station),
        submitted_at=need.submitted_at,
        response_due_at=need.response_due_at,
        completion_due_at=need.completion_due_at,
        slip_code=need.slip_code,
        route=need.route,
        area=need.area.name,
        contact_name=need.contact_name,
        contact_phone=need.contact_phone,
        at_home=need.at_home,
        place=need.place,
        relation=need.relation,
        help_times=need.help_times,
        outcome=need.outcome,
        escalated=need.escalated_at is not None,
        timeline=[entry_of(event, reader) for event in need.timeline],
        merged_into_id=need.merged_into_id,
    )


def entry_of(event: NeedEvent, reader: int) -> TimelineEntry:
    name, station = event.actor and event.actor.name, event.station and event.station.name
    return TimelineEntry(
        at=event.at,
        actor=words.actor(event.actor_id, name, station, reader),
        message=event.text,
        status=event.to_status,
    )


def row_of(need: Need, now: datetime) -> NeedRow:
    return NeedRow(
        id=need.id,
        status=need.status,
        status_words=words.STATUS_WORDS[need.status],
        category=need.category.code,
        category_name=need.category.name,
        confidential=need.category.confidential,
        urgency=need.urgency,
        station=reference_to(need.station),
        area=need.area.name,
        name=words.masked_name(need.contact_name),
        phone=words.masked_phone(need.contact_phone),
        excerpt=need.text[: words.EXCERPT],
        assignee=need.assignee and need.assignee.name,
        assignee_id=need.assignee_id,
        submitted_at=need.submitted_at,
        response_due_at=need.response_due_at,
        completion_due_at=need.completion_due_at,
        next_due_at=need.next_due_at,
        overdue=words.is_overdue(need.next_due_at, now),
        reminders=need.urgings,
    )


def booking_of(booking: Booking, body: NewBooking) -> BookingDetail:
    activity = booking.activity
    return BookingDetail(
        id=booking.id,
        status=booking.status,
        status_words=words.BOOKED,
        activity=BookedActivity(
            id=activity.id,
            title=activity.title,
            place=activity.place,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            station=reference_to(activity.station),
            phase="booking_open",
            phase_words=words.BOOKING_OPEN,
            end_reason=activity.end_reason,
            cancellation_until=activity.cancellation_until,
        ),
        is_mine=True,
        seats=booking.size,
        attendees=[
            AttendeeDetail(
                id=one.id, person_id=one.person_id, name=one.person.name or "", checked_in_at=one.checked_in_at
            )
            for one in booking.attendees
            if one.person
        ],
        answers=body.answers,
        booked_at=booking.booked_at,
        seated_at=booking.seated_at,
        ended_at=booking.ended_at,
        cancelled_late=booking.late,
        reason=booking.reason,
    )


app.include_router(api)
