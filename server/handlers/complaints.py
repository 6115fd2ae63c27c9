"""Endpoints for complaints: residents file and follow them, heads answer those about the stations below."""

from datetime import datetime

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.complaints import (
    ABOUT_WORDS,
    STATUS_WORDS,
    ComplaintAbout,
    ComplaintAction,
    ComplaintAnswerDetail,
    ComplaintAppeal,
    ComplaintContact,
    ComplaintDetail,
    ComplaintFilter,
    ComplaintReceipt,
    ComplaintRow,
    ComplaintStatus,
    CounterComplaintAppeal,
    NewComplaint,
    NewComplaintAnswer,
    NewCounterComplaint,
)
from server import models
from server.adapters.clock import Moment
from server.domain.complaints import access, answers, on_word, queries, submit
from server.domain.complaints.submit import ComplaintContent
from server.domain.pagination import Window
from server.errors import DeadlinePassed, InvalidComplaintState, NotFound, OwnDecision, ResidentHasPhone
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.needs.serializers import station_reference
from server.models import Channel, Complaint

FILING = RateLimit(most=10, seconds=3600)


@endpoint(
    "POST",
    "/complaints",
    body=NewComplaint,
    reply=ComplaintDetail,
    subject=subjects.OWN_COMPLAINT,
    status=201,
    refuses=(NotFound,),
    limit=FILING,
    hears=("text", "named"),
    conceals_words=True,
)
async def file_complaint(body: NewComplaint, caller: Caller, now: Moment) -> ComplaintDetail:
    """Complain about a station, a worker or a volunteer; the station above answers within working days."""
    made = await submit.file(_content(body), by=caller.person_id, now=now)
    return await _own_detail(made.id, caller, now)


def _content(body: NewComplaint) -> ComplaintContent:
    return ComplaintContent(models.ComplaintAbout(body.about), body.station_id, body.text, body.named)


async def _own_detail(complaint_id: int, caller: Caller, now: datetime) -> ComplaintDetail:
    found = await queries.get_own(complaint_id, caller.person_id)
    given = await queries.list_answers(found.id)
    return _detail(found, given, await _may_appeal(found, given, now), now)


async def _may_appeal(found: Complaint, given: queries.Answers, now: datetime) -> list[ComplaintAction]:
    return [ComplaintAction.APPEAL] if await queries.may_appeal(found, given, now) else []


@endpoint("GET", "/complaints", query=PageQuery, reply=Page[ComplaintRow])
async def list_complaints(query: PageQuery, caller: Caller, now: Moment) -> Page[ComplaintRow]:
    """List the caller's complaints, the latest first."""
    found = await queries.list_own(caller.person_id, Window(cursor.after(query.after), query.limit))
    following = cursor.following(found, query.limit, lambda one: (one.filed_at, one.id))
    return Page[ComplaintRow](items=[ComplaintRow(**_row(one, now)) for one in found], next=following)


@endpoint("GET", "/complaints/<complaint_id:int>", reply=ComplaintDetail)
async def get_complaint(complaint_id: int, caller: Caller, now: Moment) -> ComplaintDetail:
    """Show a complaint of the caller with its answers."""
    return await _own_detail(complaint_id, caller, now)


@endpoint(
    "POST",
    "/complaints/<complaint_id:int>/appeal",
    body=ComplaintAppeal,
    reply=ComplaintDetail,
    subject=subjects.OWN_COMPLAINT,
    refuses=(InvalidComplaintState, DeadlinePassed),
    hears=("reason",),
    conceals_words=True,
)
async def appeal_complaint(complaint_id: int, body: ComplaintAppeal, caller: Caller, now: Moment) -> ComplaintDetail:
    """Appeal against the answer, once, to the station above the one that gave it."""
    await submit.appeal(complaint_id, reason=body.reason, by=caller.person_id, now=now)
    return await _own_detail(complaint_id, caller, now)


@endpoint(
    "POST",
    "/station/complaints",
    body=NewCounterComplaint,
    reply=ComplaintReceipt,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound,),
    hears=("text", "named"),
    on_word=True,
    conceals_words=True,
)
async def file_complaint_for(body: NewCounterComplaint, caller: Caller, now: Moment) -> ComplaintReceipt:
    """Enter a complaint for a person at the counter or on the telephone; the person gets a notice."""
    channel = Channel(body.channel)
    made = await submit.file_for(_content(body), body.person_id, channel=channel, by=caller.scope, now=now)
    return _receipt(made)


@endpoint("GET", "/station/complaints", query=ComplaintFilter, reply=Page[ComplaintRow], roles=Roles.STAFF)
async def list_station_complaints(query: ComplaintFilter, caller: Caller, now: Moment) -> Page[ComplaintRow]:
    """List the complaints that the caller answers, the latest first, without their words."""
    window = Window(cursor.after(query.after), query.limit)
    found = await queries.list_answerable(caller.scope, answered=query.answered, window=window)
    following = cursor.following(found, query.limit, lambda one: (one.filed_at, one.id))
    return Page[ComplaintRow](items=[ComplaintRow(**_row(one, now)) for one in found], next=following)


@endpoint("GET", "/station/complaints/<complaint_id:int>", reply=ComplaintDetail, roles=Roles.STAFF)
async def get_station_complaint(complaint_id: int, caller: Caller, now: Moment) -> ComplaintDetail:
    """Open a complaint that the caller answers; the person who filed it sees the reading."""
    found = await answers.open_complaint(complaint_id, by=caller.scope, now=now)
    return await _staff_detail(found, caller, now)


async def _staff_detail(found: Complaint, caller: Caller, now: datetime) -> ComplaintDetail:
    given = await queries.list_answers(found.id)
    answered_before = any(one.answered_by_id == caller.person_id for one in given)
    may = [ComplaintAction.ANSWER] if found.status in access.UNANSWERED and not answered_before else []
    return _detail(found, given, may, now)


@endpoint(
    "POST",
    "/station/complaints/<complaint_id:int>/contact",
    reply=ComplaintContact,
    subject=subjects.COMPLAINT,
    roles=Roles.STAFF,
)
async def reveal_complaint_contact(complaint_id: int, caller: Caller, now: Moment) -> ComplaintContact:
    """Show name and phone of the person who complained, to who answers the complaint; the person sees the reading."""
    found = await answers.reveal_contact(complaint_id, by=caller.scope, now=now)
    return ComplaintContact(name=found.name or "", phone=found.phone)


@endpoint(
    "POST",
    "/station/complaints/<complaint_id:int>/answer",
    body=NewComplaintAnswer,
    reply=ComplaintRow,
    subject=subjects.COMPLAINT,
    roles=Roles.STAFF,
    refuses=(InvalidComplaintState, OwnDecision),
)
async def answer_complaint(complaint_id: int, body: NewComplaintAnswer, caller: Caller, now: Moment) -> ComplaintRow:
    """Answer a complaint, once, and once more after an appeal; the person reads it."""
    await answers.answer(complaint_id, upheld=body.upheld, text=body.text, by=caller.scope, now=now)
    return ComplaintRow(**_row(await queries.get_answerable(complaint_id, by=caller.scope), now))


@endpoint(
    "GET",
    "/station/people/<person_id:int>/complaints",
    query=PageQuery,
    reply=Page[ComplaintRow],
    roles=Roles.STAFF,
    refuses=(ResidentHasPhone,),
)
async def list_complaints_of_person(
    person_id: int, query: PageQuery, caller: Caller, now: Moment
) -> Page[ComplaintRow]:
    """List complaints of a person without a phone, whom the caller looked up within a day; not about their stations."""
    window = Window(cursor.after(query.after), query.limit)
    found = await on_word.list_of(person_id, window, by=caller.scope, now=now)
    following = cursor.following(found, query.limit, lambda one: (one.filed_at, one.id))
    return Page[ComplaintRow](items=[ComplaintRow(**_row(one, now)) for one in found], next=following)


@endpoint(
    "GET",
    "/station/complaints/<complaint_id:int>/on-word",
    reply=ComplaintDetail,
    roles=Roles.STAFF,
    refuses=(ResidentHasPhone,),
)
async def read_complaint_out(complaint_id: int, caller: Caller, now: Moment) -> ComplaintDetail:
    """Open a complaint to read the answer to the person, who has no phone; the reading is logged."""
    found = await on_word.open_to_read_out(complaint_id, by=caller.scope, now=now)
    given = await queries.list_answers(found.id)
    return _detail(found, given, await _may_appeal(found, given, now), now)


@endpoint(
    "POST",
    "/station/complaints/<complaint_id:int>/on-word/appeal",
    body=CounterComplaintAppeal,
    reply=ComplaintReceipt,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(ResidentHasPhone, InvalidComplaintState, DeadlinePassed, OwnDecision),
    hears=("reason",),
    on_word=True,
    conceals_words=True,
)
async def appeal_complaint_on_word(
    complaint_id: int, body: CounterComplaintAppeal, caller: Caller, now: Moment
) -> ComplaintReceipt:
    """Appeal against the answer on the word of a person without a phone; another person answers it."""
    made = await on_word.appeal(complaint_id, body.person_id, reason=body.reason, by=caller.scope, now=now)
    return _receipt(made)


def _receipt(made: Complaint) -> ComplaintReceipt:
    assert made.due_at is not None, "somebody has to answer it now"
    return ComplaintReceipt(id=made.id, due_at=made.due_at)


def _row(one: Complaint, now: datetime) -> dict[str, object]:
    about, status = ComplaintAbout(one.about), ComplaintStatus(one.status)
    return {
        "id": one.id,
        "about": about,
        "about_words": ABOUT_WORDS[about],
        "station": station_reference(one.station),
        "status": status,
        "status_words": STATUS_WORDS[status],
        "answered_by": station_reference(one.decider),
        "filed_at": one.filed_at,
        "due_at": one.due_at,
        "overdue": one.due_at is not None and one.due_at < now,
    }


def _detail(one: Complaint, given: queries.Answers, may: list[ComplaintAction], now: datetime) -> ComplaintDetail:
    shown = [
        ComplaintAnswerDetail(
            station=station_reference(answer.station),
            appeal=answer.appeal,
            upheld=answer.upheld,
            text=answer.text,
            answered_at=answer.answered_at,
        )
        for answer in given
    ]
    return ComplaintDetail(**_row(one, now), named=one.named, text=one.text, answers=shown, allowed_actions=may)
