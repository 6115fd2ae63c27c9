"""Volunteers claim tasks, first come first served, or give them back; the station confirms or refuses each claim."""

from datetime import datetime

from server.database import db
from server.domain import audit, reference, sessions, volunteers
from server.domain.masking import mask_name
from server.domain.needs.timeline import clause
from server.domain.staff import Staff
from server.domain.tasks import access, timeline
from server.domain.tasks.anonymity import require_anonymous
from server.domain.tasks.notifications import (
    CLAIM_REFUSED,
    CLAIM_WITHDRAWN,
    NEED_VOLUNTEER_CONFIRMED,
    TASK_CLAIMED,
    TASK_CONFIRMED,
    TASK_FREE_AGAIN,
    notify_resident,
    notify_station,
    notify_volunteer,
)
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import REFUSABLE, S, move, require_status
from server.errors import (
    ContactNotReadable,
    DeadlinePassed,
    NotFound,
    OwnTask,
    TaskOverlaps,
    TaskTaken,
    VolunteerRequired,
)
from server.models import TASKS_IN_HAND, Person, ReadingKind, Task, Volunteer, VolunteerStatus

# The values of a task without a volunteer.
NO_VOLUNTEER = {"volunteer_id": None, "claimed_at": None, "confirmed_by_id": None, "confirmed_at": None}
NOT_STARTED = (S.CLAIMED, S.CONFIRMED)


@db.transaction
async def claim(task_id: int, *, by: int, now: datetime) -> Task:
    """Claim a published task (认领) for the volunteer; the first claim wins.

    Raises `VolunteerRequired`, `TaskTaken`, `InvalidTaskState`, `DeadlinePassed` after the end of the task, `OwnTask`
    for a need of the volunteer or their household, and `TaskOverlaps` for two tasks at the same time.
    """
    task = await access.lock_task(task_id)
    # This lock lets a volunteer claim only one task at a time.
    await volunteers.lock_approved(by)
    if task.volunteer_id not in {None, by}:
        raise TaskTaken
    require_status(task, S.PUBLISHED)
    if now >= task.ends_at:
        raise DeadlinePassed(until=task.ends_at)
    await _require_available(task, by, now)
    text = f"志愿者{await _masked_name(by)}报名帮助您，等待站点确认。"
    await move(task, S.CLAIMED, TimelineEntry("claimed", by, text=text), now=now, volunteer_id=by, claimed_at=now)
    await notify_station(task, TASK_CLAIMED, now=now)
    return task


async def _require_available(task: Task, person_id: int, now: datetime) -> None:
    if await access.is_near_resident(task, person_id, now=now):
        raise OwnTask
    held = Task.filter(volunteer_id=person_id, status__in=TASKS_IN_HAND)
    if other := await held.filter(starts_at__lt=task.ends_at, ends_at__gt=task.starts_at).first():
        raise TaskOverlaps(started_at=other.starts_at, ended_at=other.ends_at)


async def _masked_name(person_id: int) -> str:
    return mask_name((await Person.get(id=person_id)).name or "")


@db.transaction
async def withdraw(task_id: int, *, by: int, now: datetime) -> Task:
    """Give a task back before it starts, so that other volunteers may claim it; the station is notified."""
    task = await access.lock_for_volunteer(task_id, by)
    require_status(task, S.CLAIMED, S.CONFIRMED)
    if now >= task.starts_at:
        raise DeadlinePassed(until=task.starts_at)
    await notify_station(task, CLAIM_WITHDRAWN, now=now)
    entry = TimelineEntry("claim_withdrawn", by, text="志愿者因故不能前来，任务已重新发布。")
    await move(task, S.PUBLISHED, entry, now=now, **NO_VOLUNTEER)
    return task


@db.transaction
async def confirm(task_id: int, *, by: Staff, now: datetime) -> Task:
    """Confirm the volunteer: from now on they may read the contact and the place.

    Raises `DeadlinePassed` after the end of the task, `OwnTask` for staff close to either side, and
    `VolunteerRequired` if the person is no longer an approved volunteer.
    """
    task = await access.lock_for_station(task_id, by)
    require_status(task, S.CLAIMED)
    if now >= task.ends_at:
        raise DeadlinePassed(until=task.ends_at)
    await access.require_independent(task, by.person_id, now=now)
    assert task.volunteer_id is not None
    await _require_still_eligible(task, task.volunteer_id, now)
    text = f"站点已确认由志愿者{await _masked_name(task.volunteer_id)}帮助您。"
    entry = TimelineEntry("confirmed", by.person_id, text=text)
    await move(task, S.CONFIRMED, entry, now=now, confirmed_by_id=by.person_id, confirmed_at=now)
    await notify_volunteer(task, TASK_CONFIRMED, now=now)
    await notify_resident(task, NEED_VOLUNTEER_CONFIRMED, now=now)
    await audit.note("task.confirmed", f"task:{task.id}", by=by.person_id, now=now, volunteer=task.volunteer_id)
    return task


async def _require_still_eligible(task: Task, volunteer_id: int, now: datetime) -> None:
    """Refuse a volunteer who was banned, shut out, or moved in with the resident, after the claim."""
    await volunteers.lock_approved(volunteer_id)
    if await sessions.is_shut_out(volunteer_id):
        raise VolunteerRequired
    if await access.is_near_resident(task, volunteer_id, now=now):
        raise OwnTask


@db.transaction
async def refuse(task_id: int, *, reason: str, by: Staff, now: datetime) -> Task:
    """Refuse the claim with a reason that the volunteer reads; the task is published again."""
    task = await access.lock_for_station(task_id, by)
    require_status(task, *REFUSABLE)
    # The volunteer reads the reason in a notice, and notices contain no names.
    await require_anonymous(task.need, {"body.reason": reason})
    await notify_volunteer(task, CLAIM_REFUSED, now=now, reason=reason)
    await audit.note("task.refused", f"task:{task.id}", by=by.person_id, now=now, volunteer=task.volunteer_id)
    entry = TimelineEntry("claim_refused", by.person_id, text="站点另行安排志愿者，任务已重新发布。", note=reason)
    await move(task, S.PUBLISHED, entry, now=now, **NO_VOLUNTEER)
    return task


@db.transaction
async def read_contact(task_id: int, *, reason: str, by: int, now: datetime) -> Task:
    """Return the task with the contact and place for its confirmed volunteer.

    Each reading is logged, and the resident sees it. Raises `VolunteerRequired` and `ContactNotReadable`.
    """
    task = await _lock_with_readable_contact(task_id, by)
    await volunteers.lock_approved(by)
    if task.need is not None:
        person_id = task.need.person_id
        await audit.read(f"task:{task.id}", ReadingKind.CONTACT, of=person_id, by=by, reason=reason, now=now)
    entry = TimelineEntry("contact_read", by, text=f"志愿者查看了您的联系方式，原因：{clause(reason)}。", note=reason)
    await timeline.add(task, entry, now=now)
    return (await reference.attach([task], "station", "area"))[0]


async def _lock_with_readable_contact(task_id: int, by: int) -> Task:
    """Return the task, locked, for its confirmed volunteer.

    Raises `ContactNotReadable` before the confirmation and after the end, also for a published task that the caller
    may see, else `NotFound`.
    """
    task = await access.lock_task(task_id)
    if task.volunteer_id != by:
        # Only an approved volunteer may know that a published task exists.
        approved = Volunteer.filter(person_id=by, status=VolunteerStatus.APPROVED)
        if task.status != S.PUBLISHED or not await approved.exists():
            raise NotFound
    if task.volunteer_id != by or task.status not in {S.CONFIRMED, S.STARTED}:
        raise ContactNotReadable(status=task.status)
    return task


async def release_claims_of_banned(volunteer_id: int, *, now: datetime) -> int:
    """Publish the tasks again that a banned or shut-out volunteer has claimed and not started; return how many.

    Each task is released in a transaction of its own.
    """
    volunteer = await Volunteer.get(id=volunteer_id)
    tasks = await Task.filter(volunteer_id=volunteer.person_id, status__in=NOT_STARTED).order_by("id").only("id")
    return sum([await _release(task.id, volunteer, now=now) for task in tasks])


@db.transaction
async def _release(task_id: int, volunteer: Volunteer, *, now: datetime) -> bool:
    task = await access.lock_task(task_id)
    banned = await Volunteer.filter(id=volunteer.id, status=VolunteerStatus.BANNED).exists()
    is_out = banned or await sessions.is_shut_out(volunteer.person_id)
    if not is_out or task.volunteer_id != volunteer.person_id or task.status not in NOT_STARTED:
        return False
    await notify_station(task, TASK_FREE_AGAIN, now=now)
    entry = TimelineEntry("volunteer_banned", None, text="志愿者因故不能前来，任务已重新发布。")
    await move(task, S.PUBLISHED, entry, now=now, **NO_VOLUNTEER)
    return True
