"""Submit a need: by a resident on the phone, or by staff at the counter or on the telephone (代录)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import areas, audit, categories, job_queue, people, routing, slip_codes
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import crisis_alerts, deadlines, timeline
from server.domain.needs.notifications import NEED_SUBMITTED, notify_station
from server.domain.needs.timeline import TimelineEntry
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import CategoryNotAvailable, HomeRequired, NotAllowed, PhotoNotAvailable
from server.models import Area, Channel, Need, NeedStatus, Person, Photo, Urgency

# Fields that the need takes over unchanged.
COPIED_FIELDS = ("text", "contact_name", "contact_phone", "place", "relation", "help_times", "may_share_contact")


@dataclass(frozen=True)
class NeedSubmission:
    """The content of a new need. `area_id` None: the person's home community."""

    category: str
    text: str
    urgency: Urgency
    contact_name: str
    contact_phone: str
    area_id: int | None = None
    place: str = ""
    relation: str = ""
    help_times: str = ""
    may_share_contact: bool = False
    photo_ids: Sequence[int] = ()


@db.transaction
async def submit_by_resident(submission: NeedSubmission, *, by: int, now: datetime) -> Need:
    """Submit a need from the resident's own phone; the responsible station is notified at once.

    Raises `HomeRequired` without a community, `CategoryNotAvailable`, `PhotoNotAvailable`.
    """
    person = await Person.get(id=by).only("id", "home_id")
    return await _create_need(submission, person=person, by=by, channel=Channel.PHONE_APP, now=now)


@db.transaction
async def submit_by_staff(
    submission: NeedSubmission, *, by: Staff, for_person: int | None, channel: Channel, now: datetime
) -> Need:
    """Submit a need for a person at the counter or on the telephone; without `for_person` a new person is created.

    A person is never looked up by name: two people may share a name and a birthday.
    """
    if not by.station_ids:
        raise NotAllowed
    assert submission.area_id is not None
    home = await areas.current_community(submission.area_id)
    if for_person is not None:
        person = await people.known_to_station(for_person, by)
    else:
        person = await Person.create(
            name=submission.contact_name,
            phone=submission.contact_phone,
            home=home,
            created_at=now,
            created_by_id=by.person_id,
        )
    need = await _create_need(submission, person=person, by=by.person_id, channel=channel, now=now)
    await audit.note("need.entered", f"need:{need.id}", by=by.person_id, now=now, channel=channel)
    return need


async def _create_need(submission: NeedSubmission, *, person: Person, by: int, channel: Channel, now: datetime) -> Need:
    words = find_crisis_words(submission.text)
    urgency = Urgency.EMERGENCY if words else submission.urgency
    category = await categories.find_active(submission.category)
    if category is None:
        raise CategoryNotAvailable(categories=[submission.category])
    need = Need(
        **{name: getattr(submission, name) for name in COPIED_FIELDS},
        status=NeedStatus.SUBMITTED,
        category=category,
        urgency=urgency,
        channel=channel,
        person=person,
        submitted_by_id=by,
        area=await _get_community(submission, person),
        slip_code=slip_codes.new_slip_code(),
        submitted_at=now,
        event_count=1,
    )
    reminder_at = await _set_station_and_deadlines(need, now)
    await need.save(force_create=True)
    await _attach_photos(need, submission.photo_ids, owner=by)
    text = f"需求已提交。{need.route}"
    await timeline.add_first(need, TimelineEntry("submitted", by, text=text), now=now)
    await job_queue.plan("watch_need", need.id, due=reminder_at)
    await notify_station(need, NEED_SUBMITTED, now=now)
    if need.urgency == Urgency.EMERGENCY:
        await crisis_alerts.raise_alert(need, words, now=now)
    return need


async def _set_station_and_deadlines(need: Need, now: datetime) -> datetime:
    """Set the need's station, route and deadlines; return when the worker is to be reminded."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    route = await routing.settled(need.area_id, need.category_id, now.astimezone(SHANGHAI).date())
    due = await deadlines.compute_deadlines(promise, now, station_id=route.station_id)
    need.station_id, need.route = route.station_id, route.words
    need.response_due_at, need.completion_due_at = due.response_due_at, due.completion_due_at
    return due.reminder_at


async def _get_community(submission: NeedSubmission, person: Person) -> Area:
    chosen = submission.area_id or person.home_id
    if chosen is None:
        raise HomeRequired
    return await areas.current_community(chosen)


async def _attach_photos(need: Need, photo_ids: Sequence[int], *, owner: int) -> None:
    wanted = sorted(set(photo_ids))
    if not wanted:
        return
    if await Photo.filter(id__in=wanted, owner_id=owner, need_id=None, subject_key=None).update(need_id=need.id) != len(
        wanted
    ):
        raise PhotoNotAvailable(photo_ids=wanted)
