"""File a complaint, and appeal against its answer, once. Each has a clock of its own in working days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import audit, job_queue, notifications, people, policies, reference, stations
from server.domain.complaints import access
from server.domain.complaints.access import Decider
from server.domain.complaints.notifications import COMPLAINT_APPEALED, COMPLAINT_ENTERED, COMPLAINT_FILED
from server.domain.needs import deadlines
from server.domain.staff import Staff
from server.domain.working_time import Duration, Unit, in_chinese
from server.errors import DeadlinePassed, InvalidComplaintState, NotAllowed, NotFound
from server.models import Channel, Complaint, ComplaintAbout, ComplaintAnswer, ComplaintStatus, Station

JOB_KIND = "watch_complaint"
WATCH_INTERVAL = timedelta(days=1)


@dataclass(frozen=True)
class ComplaintContent:
    """The subject of a complaint: a station, or a worker or volunteer of it, by the name that the person knows."""

    about: ComplaintAbout
    station_id: int
    text: str
    named: str = ""


@db.transaction
async def file(content: ComplaintContent, *, by: int, now: datetime) -> Complaint:
    """File the caller's complaint with the station above the one that it is about. Raises `NotFound`."""
    return await _file(content, by, by, Channel.PHONE_APP, now)


@db.transaction
async def file_for(
    content: ComplaintContent, person_id: int, *, channel: Channel, by: Staff, now: datetime
) -> Complaint:
    """File a complaint for a person whom the caller's stations know; the person gets a notice.

    Who enters it does not read it again. Raises `NotAllowed` and `NotFound`.
    """
    if not by.station_ids:
        raise NotAllowed
    person = await people.known_to_station(person_id, by, now=now)
    made = await _file(content, person.id, by.person_id, channel, now)
    words = {"station": (await stations.get(made.decider_id)).name, "until": _until(made)}
    await notifications.notify([person.id], COMPLAINT_ENTERED, subject_id=made.id, now=now, **words)
    return made


async def _file(
    content: ComplaintContent, person_id: int, entered_by: int, channel: Channel, now: datetime
) -> Complaint:
    await reference.lock_shared()
    about = await reference.station(content.station_id)
    if about is None:
        raise NotFound(kind="station", ids=[content.station_id])
    decider = await access.choose_decider(about, about=about, of=person_id, besides=[person_id, entered_by])
    made = await Complaint.create(
        person_id=person_id,
        entered_by_id=entered_by,
        channel=channel,
        about=content.about,
        station_id=about.id,
        named=content.named,
        text=content.text,
        filed_at=now,
        status=ComplaintStatus.FILED,
        decider_id=decider.station.id,
        due_at=await _due(now, decider.station),
    )
    await ComplaintAnswer.create(complaint_id=made.id, number=1, station_id=decider.station.id)
    await plan_watch(made, now=now)
    await notify_decider(made, decider, now=now)
    await audit.note("complaint.filed", f"complaint:{made.id}", by=entered_by, now=now)
    return made


async def _due(now: datetime, decider: Station) -> datetime:
    days = await policies.number("complaint_days", station_id=decider.id)
    return (await deadlines.get_clock()).add(now, Duration(days, Unit.WORKING_DAYS))


async def plan_watch(complaint: Complaint, *, now: datetime) -> None:
    """Have somebody look after the complaint tomorrow, and when its time is over."""
    assert complaint.due_at is not None, "it is not answered yet"
    tomorrow = now + WATCH_INTERVAL
    due = min(tomorrow, complaint.due_at) if complaint.due_at > now else tomorrow
    await job_queue.plan(JOB_KIND, complaint.id, due=due)


async def notify_decider(complaint: Complaint, decider: Decider, *, now: datetime) -> None:
    """Notify the people who may answer a complaint, or its appeal, that they are to do it."""
    template = COMPLAINT_APPEALED if complaint.status == ComplaintStatus.APPEALED else COMPLAINT_FILED
    await notifications.notify(decider.people, template, subject_id=complaint.id, now=now, until=_until(complaint))


def _until(complaint: Complaint) -> str:
    assert complaint.due_at is not None, "it is not answered yet"
    return in_chinese(complaint.due_at)


async def appeal_until(complaint: Complaint, answered_at: datetime) -> datetime:
    """Return until when the person may appeal against the answer (policy `complaint_appeal_days`)."""
    return answered_at + timedelta(days=await policies.number("complaint_appeal_days", station_id=complaint.decider_id))


@db.transaction
async def appeal(complaint_id: int, *, reason: str, by: int, now: datetime) -> Complaint:
    """Appeal against the answer, once, to the station above the one that gave it.

    Raises `NotFound`, `InvalidComplaintState`, and `DeadlinePassed`.
    """
    await reference.lock_shared()
    return await appeal_locked(await access.lock_own(complaint_id, by), reason=reason, by=by, now=now)


async def appeal_locked(complaint: Complaint, *, reason: str, by: int, now: datetime) -> Complaint:
    """Appeal against the answer to a locked complaint. Raises `InvalidComplaintState` and `DeadlinePassed`."""
    if complaint.status != ComplaintStatus.ANSWERED:
        raise InvalidComplaintState(status=complaint.status)
    first = await ComplaintAnswer.get(complaint_id=complaint.id, number=1)
    assert first.answered_at is not None, "the complaint is answered"
    if now > (until := await appeal_until(complaint, first.answered_at)):
        raise DeadlinePassed(until=until)
    about, before = await stations.get(complaint.station_id), await stations.get(complaint.decider_id)
    besides = [by, complaint.person_id, complaint.entered_by_id, first.answered_by_id or 0]
    decider = await access.choose_decider(before, about=about, of=complaint.person_id, besides=besides)
    station = decider.station
    await ComplaintAnswer.create(
        complaint_id=complaint.id, number=2, station_id=station.id, appeal=reason, appealed_by_id=by
    )
    changes = {"status": ComplaintStatus.APPEALED, "decider_id": station.id, "due_at": await _due(now, station)}
    await Complaint.filter(id=complaint.id).update(**changes)
    complaint.update_from_dict(changes)
    await plan_watch(complaint, now=now)
    await notify_decider(complaint, decider, now=now)
    await audit.note("complaint.appealed", f"complaint:{complaint.id}", by=by, now=now)
    return complaint
