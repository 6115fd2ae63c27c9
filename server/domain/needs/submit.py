"""Submit a need: by a resident on the phone, or by staff at the counter or on the telephone (代录)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from server.database import db, rows
from server.domain import (
    areas,
    audit,
    categories,
    households,
    job_queue,
    people,
    reference,
    routing,
    slip_codes,
    stations,
)
from server.domain.needs import access, crisis_alerts, deadlines, pleas, responsibility, timeline
from server.domain.needs.notifications import NEED_SUBMITTED, notify_station
from server.domain.needs.responsibility import Responsible
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.errors import CategoryNotAvailable, HomeRequired, NotAllowed, PhotoNotAvailable
from server.models import Area, AreaLevel, Category, Channel, Need, NeedStatus, Person, Photo, Urgency
from server.models.needs import due_columns

# Fields that the need takes over unchanged.
COPIED_FIELDS = (
    "text",
    "contact_name",
    "contact_phone",
    "at_home",
    "place",
    "relation",
    "help_times",
    "may_share_contact",
)


@dataclass(frozen=True)
class NeedSubmission:
    """The content of a new need. `area_id` None: the person's home community."""

    category: str
    text: str
    urgency: Urgency
    contact_name: str
    contact_phone: str
    area_id: int | None = None
    at_home: bool = False
    place: str = ""
    relation: str = ""
    help_times: str = ""
    may_share_contact: bool = False
    photo_ids: Sequence[int] = ()

    @cached_property
    def words_of_crisis(self) -> tuple[str, ...]:
        """Return the words of crisis in everything that a person may have written, each once."""
        written = (self.text, self.contact_name, self.place, self.relation, self.help_times, self.category)
        return pleas.words_in(written)

    @property
    def said(self) -> str:
        """Return the text, and the other fields in which there are words of crisis."""
        others = (self.contact_name, self.place, self.relation, self.help_times, self.category)
        return "\n".join(filter(None, [self.text, *(one for one in others if pleas.words_in([one]))]))

    @property
    def is_plea(self) -> bool:
        return self.urgency == Urgency.EMERGENCY or bool(self.words_of_crisis)


@db.transaction
async def submit_by_resident(submission: NeedSubmission, *, by: int, now: datetime) -> Need:
    """Submit a need from the resident's own phone; the responsible station is notified at once.

    Raises `HomeRequired` without a community, `CategoryNotAvailable`, `PhotoNotAvailable`; nothing for a plea.
    """
    await reference.lock_shared()
    who = {"person_id": by, "submitted_by_id": by, "channel": Channel.PHONE_APP}
    if submission.is_plea:
        return await _file_plea(submission, await pleas.lock_pleas(by), who, None, now)
    area_id = submission.area_id or await people.home_of(by)
    if area_id is None:
        raise HomeRequired
    area, category = await areas.current_community(area_id), await _active_category(submission.category)
    return await _create_need(submission, await _responsible(area, category, who, now), who, now)


@db.transaction
async def submit_by_staff(
    submission: NeedSubmission, *, by: Staff, for_person: int | None, channel: Channel, now: datetime
) -> Need:
    """Submit a need for a person at the counter or on the telephone; without `for_person` a new person is created.

    A person is never looked up by name: two people may share a name and a birthday.
    """
    await reference.lock_shared()
    if submission.is_plea:
        need = await _enter_plea(submission, by, for_person, channel, now)
    else:
        need = await _enter_need(submission, by, for_person, channel, now)
    await audit.note("need.entered", f"need:{need.id}", by=by.person_id, now=now, channel=channel)
    return need


async def _enter_need(
    submission: NeedSubmission, by: Staff, for_person: int | None, channel: Channel, now: datetime
) -> Need:
    if not by.station_ids:
        raise NotAllowed
    assert submission.area_id is not None, "the contract requires it"
    home = await areas.current_community(submission.area_id)
    category = await _active_category(submission.category)
    if for_person is not None:
        person = await people.known_to_station(for_person, by, now=now)
    else:
        person = await _create_person(submission, home, by, now)
    who = _entered_for(person, by, channel)
    return await _create_need(submission, await _responsible(home, category, who, now), who, now)


async def _enter_plea(
    submission: NeedSubmission, by: Staff, for_person: int | None, channel: Channel, now: datetime
) -> Need:
    """Enter a plea, by officers too. A person whom the station does not know becomes a new one."""
    if for_person is not None and await people.is_known_to_station(for_person, by, now=now):
        person = await pleas.lock_pleas(for_person)
    else:
        area = await pleas.area_of(submission.area_id, None)
        person = await _create_person(submission, area if area.level == AreaLevel.COMMUNITY else None, by, now)
    return await _file_plea(submission, person, _entered_for(person, by, channel), by, now)


async def _create_person(submission: NeedSubmission, home: Area | None, by: Staff, now: datetime) -> Person:
    return await Person.create(
        name=submission.contact_name,
        phone=submission.contact_phone,
        home=home,
        created_at=now,
        created_by_id=by.person_id,
    )


def _entered_for(person: Person, by: Staff, channel: Channel) -> dict[str, Any]:
    return {"person_id": person.id, "submitted_by_id": by.person_id, "channel": channel}


async def _active_category(code: str) -> Category:
    category = await categories.find_active(code)
    if category is None:
        raise CategoryNotAvailable(categories=[code])
    return category


async def _file_plea(
    submission: NeedSubmission, person: Person, who: dict[str, Any], by: Staff | None, now: datetime
) -> Need:
    """File a plea, whatever is missing; `by` staff. After several of the person within minutes it joins an open one."""
    category, area = (
        await pleas.category_of(submission.category),
        await pleas.area_of(submission.area_id, person.home_id),
    )
    found = await _responsible(area, category, who, now, is_plea=True)
    station_id = found.route.station_id
    joined = await pleas.lock_one_to_join(person.id, category, by=by, station_id=station_id, now=now)
    if joined is not None:
        here = pleas.Whereabouts(
            submission.contact_name, submission.contact_phone, submission.place, area, submission.relation
        )
        await pleas.join(joined, submission.said, here, by=who["submitted_by_id"], now=now)
        await _attach_photos(joined, submission, owner_id=who["submitted_by_id"])
        return joined
    name, phone = await pleas.contact_of(person, by_resident=who["channel"] == Channel.PHONE_APP)
    whole = replace(
        submission,
        text=pleas.with_typed_phone(submission.text or pleas.NO_TEXT, submission.contact_phone),
        urgency=Urgency.EMERGENCY,
        contact_name=submission.contact_name or name,
        contact_phone=submission.contact_phone if pleas.is_number(submission.contact_phone) else phone,
    )
    return await _create_need(whole, found, who, now)


async def _responsible(
    area: Area, category: Category, who: dict[str, Any], now: datetime, *, is_plea: bool = False
) -> Responsible:
    kept = access.residents(**who)
    if is_plea or category.confidential:
        lived = await households.who_lived_with(kept, at=now, until=now)
        route = await routing.responsible(area.id, category.id, stations.today(now))
        kept |= await responsibility.kept_housemates(lived, route.station_id, needs_head=not is_plea)
    return await responsibility.find(area.id, category.id, stations.today(now), kept=kept, is_plea=is_plea)


async def _create_need(submission: NeedSubmission, found: Responsible, who: dict[str, Any], now: datetime) -> Need:
    """Create a need of the person. The set-up is locked: the station that takes it does not close now."""
    route, promise = found.route, await categories.get_promise(found.category_id, submission.urgency)
    due = await deadlines.compute_deadlines(promise, now, station_id=route.station_id, residents=found.kept)
    columns = {name: getattr(submission, name) for name in COPIED_FIELDS} | who
    columns |= {
        "status": NeedStatus.SUBMITTED,
        "category_id": found.category_id,
        "urgency": submission.urgency,
        "area_id": found.area_id,
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
    need.kept = set(found.kept)
    await _attach_photos(need, submission, owner_id=need.submitted_by_id)
    await timeline.add_first(need)
    await job_queue.plan("watch_need", need.id, due=due.reminder_at)
    until = in_chinese(need.response_due_at)
    await notify_station(need, NEED_SUBMITTED, now=now, people=found.staff, by=need.submitted_by_id, until=until)
    if submission.is_plea:
        await crisis_alerts.raise_alert(
            need, submission.words_of_crisis, now=now, shifts=due.shifts, people=found.staff
        )
    return need


async def _attach_photos(need: Need, submission: NeedSubmission, *, owner_id: int) -> None:
    """Attach the photos. Raises `PhotoNotAvailable` if one is missing; a plea does without it."""
    wanted = sorted(set(submission.photo_ids))
    if not wanted:
        return
    mine = Photo.filter(id__in=wanted, owner_id=owner_id, need_id=None, subject_key=None)
    if await mine.update(need_id=need.id) != len(wanted) and not submission.is_plea:
        raise PhotoNotAvailable(photo_ids=wanted)
