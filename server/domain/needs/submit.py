"""Submit a need: by a resident on the phone, or by staff at the counter or on the telephone (代录)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db, rows
from server.domain import areas, audit, categories, job_queue, people, reference, routing, slip_codes
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import crisis_alerts, deadlines, timeline
from server.domain.needs.notifications import NEED_SUBMITTED, notify_station
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import CategoryNotAvailable, HomeRequired, NotAllowed, PhotoNotAvailable
from server.models import Area, Channel, Need, NeedStatus, Person, Photo, Urgency
from server.models.needs import due_columns

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
    await reference.lock_shared()
    area_id = submission.area_id or await people.home_of(by)
    if area_id is None:
        raise HomeRequired
    who = {"person_id": by, "submitted_by_id": by, "channel": Channel.PHONE_APP}
    return await _create_need(submission, await areas.current_community(area_id), who, now)


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
    await reference.lock_shared()
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
    who = {"person_id": person.id, "submitted_by_id": by.person_id, "channel": channel}
    need = await _create_need(submission, home, who, now)
    await audit.note("need.entered", f"need:{need.id}", by=by.person_id, now=now, channel=channel)
    return need


async def _create_need(submission: NeedSubmission, area: Area, who: dict[str, Any], now: datetime) -> Need:
    """Create a need of the person in the area. The set-up is locked: the station that takes it does not close now."""
    words = find_crisis_words(submission.text)
    urgency = Urgency.EMERGENCY if words else submission.urgency
    category = await categories.find_active(submission.category)
    if category is None:
        raise CategoryNotAvailable(categories=[submission.category])
    promise = await categories.get_promise(category.id, urgency)
    route = await routing.responsible(area.id, category.id, now.astimezone(SHANGHAI).date())
    due = await deadlines.compute_deadlines(promise, now, station_id=route.station_id)
    columns = {name: getattr(submission, name) for name in COPIED_FIELDS} | who
    columns |= {
        "status": NeedStatus.SUBMITTED,
        "category_id": category.id,
        "urgency": urgency,
        "area_id": area.id,
        "station_id": route.station_id,
        "route": route.words,
        "slip_code": slip_codes.new_slip_code(),
        "submitted_at": now,
        "response_due_at": due.response_due_at,
        "completion_due_at": due.completion_due_at,
        "accepted_at": None,
        "event_count": 1,
    }
    [row] = await rows.insert(Need, columns | due_columns(columns))
    need = rows.of(Need, row)
    await _attach_photos(need, submission.photo_ids)
    await timeline.add_first(need)
    await job_queue.plan("watch_need", need.id, due=due.reminder_at)
    await notify_station(need, NEED_SUBMITTED, now=now)
    if urgency == Urgency.EMERGENCY:
        await crisis_alerts.raise_alert(need, words, now=now)
    return need


async def _attach_photos(need: Need, photo_ids: Sequence[int]) -> None:
    wanted = sorted(set(photo_ids))
    if not wanted:
        return
    mine = Photo.filter(id__in=wanted, owner_id=need.submitted_by_id, need_id=None, subject_key=None)
    if await mine.update(need_id=need.id) != len(wanted):
        raise PhotoNotAvailable(photo_ids=wanted)
