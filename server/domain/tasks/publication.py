"""Publication of a task: of a need that a worker handles, or of a station's own, without personal data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import areas, audit, categories, ledger, reference, stations
from server.domain.ledger import account_keys
from server.domain.needs import access
from server.domain.needs.transitions import require_status
from server.domain.staff import Staff
from server.domain.tasks import payment, schedule, timeline
from server.domain.tasks.anonymity import require_anonymous
from server.domain.tasks.timeline import TimelineEntry
from server.domain.working_time import SHANGHAI
from server.errors import (
    AddressRequired,
    AssigneeRequired,
    CategoryNotAvailable,
    ConfidentialNeed,
    ConsentRequired,
    HeadRequired,
    InvalidTaskTime,
    MinutesOfferRequired,
    NotAllowed,
    StationNotOperating,
    TaskOpen,
)
from server.models import MinutesOffer, Need, NeedStatus, Payer, Task, TaskStatus

MAX_DURATION = timedelta(hours=24)


@dataclass(frozen=True)
class TaskContent:
    """The help that volunteers are asked for, and who pays minutes for it; `reason` says why the public pool pays."""

    title: str
    text: str
    starts_at: datetime
    ends_at: datetime
    expected_minutes: int
    payer: Payer = Payer.NOBODY
    reason: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """Return the texts that volunteers read, by the request field that they came in."""
        return {"body.title": self.title, "body.text": self.text}


@dataclass(frozen=True)
class StationTask:
    """The place and the kind of service of a station's own task."""

    station_id: int
    area_id: int
    category: str
    place: str


@db.transaction
async def publish_need(need_id: int, content: TaskContent, *, by: Staff, now: datetime) -> Task:
    """Publish a need that the caller's station handles as a task; a need has one open task at a time.

    Raises `InvalidNeedState`, `OwnNeed`, `AssigneeRequired`, `ConfidentialNeed`, `ConsentRequired`, `AddressRequired`,
    `TaskOpen`, `PersonalDataInText`, `InvalidTaskTime`, `HeadRequired`, `MinutesOfferRequired`, `NotEnoughMinutes`.
    """
    need = await _lock_workable_need(need_id, by)
    if need.category.confidential:
        raise ConfidentialNeed
    if not need.may_share_contact:
        raise ConsentRequired
    if need.at_home and not need.place:
        raise AddressRequired
    if await Task.exists(need_id=need.id, open=1):
        raise TaskOpen
    where = {"station_id": need.station_id, "category_id": need.category_id, "area_id": need.area_id}
    task = await _create_task(content, need, by=by, now=now, **where)
    # Last: who only guesses at name and phone publishes each wrong guess, for all to see.
    await require_anonymous(need, content.texts)
    return task


async def _lock_workable_need(need_id: int, by: Staff) -> Need:
    """Return the need, locked, with its category, to its assignee or the head; to any worker if nobody is assigned."""
    need = await access.lock_for_station(need_id, by)
    if need.assignee_id not in {None, by.person_id} and need.station_id not in by.head_of:
        raise AssigneeRequired
    require_status(need, NeedStatus.ACCEPTED, NeedStatus.ASSIGNED, NeedStatus.IN_PROGRESS)
    return (await reference.attach([need], "category"))[0]


@db.transaction
async def publish_station_task(site: StationTask, content: TaskContent, *, by: Staff, now: datetime) -> Task:
    """Publish a task of the caller's open station itself; its confirmed volunteer may read the place.

    Raises `NotAllowed`, `StationNotOperating`, `CategoryNotAvailable`, `NotFound` for the area, and the refusals of
    the content.
    """
    if site.station_id not in by.station_ids:
        raise NotAllowed
    if not await stations.lock_operating(site.station_id):
        raise StationNotOperating
    category = await categories.find_active(site.category)
    if category is None:
        raise CategoryNotAvailable(categories=[site.category])
    area = await areas.current_area(site.area_id)
    await require_anonymous(None, content.texts, place=site.place)
    where = {"station_id": site.station_id, "category_id": category.id, "area_id": area.id, "place": site.place}
    return await _create_task(content, None, by=by, now=now, **where)


async def _create_task(content: TaskContent, need: Need | None, *, by: Staff, now: datetime, **where: Any) -> Task:
    _require_valid_times(content, now)
    task = await Task.create(
        **where,
        **_columns(content),
        status=TaskStatus.PUBLISHED,
        need=need,
        published_by_id=by.person_id,
        published_at=now,
    )
    text = f"已将您的需求匿名发布给志愿者：{task.title}。"
    entry = TimelineEntry("published", by.person_id, text=text, note=content.reason)
    await timeline.add(task, entry, to=TaskStatus.PUBLISHED, now=now)
    facts = {"payer": task.payer, "need": task.need_id}
    await audit.note("task.published", f"task:{task.id}", by=by.person_id, now=now, **facts)
    await schedule.plan(task, now=now)
    await _hold_payment(task, by, now)
    return task


def _columns(content: TaskContent) -> dict[str, Any]:
    """Return the content as columns of the table, with its weekday and minutes of the day in Shanghai."""
    starts_at = content.starts_at.astimezone(SHANGHAI)
    from_minute = starts_at.hour * 60 + starts_at.minute
    columns = ("title", "text", "starts_at", "ends_at", "expected_minutes", "payer")
    return {name: getattr(content, name) for name in columns} | {
        "weekday": starts_at.isoweekday(),
        "from_minute": from_minute,
        "until_minute": from_minute + _started_minutes(content.ends_at - content.starts_at),
    }


def _require_valid_times(content: TaskContent, now: datetime) -> None:
    starts_at, ends_at = content.starts_at, content.ends_at
    rules = {
        ("starts_at", "应在将来开始"): starts_at > now,
        ("ends_at", "应在开始后24小时内结束"): starts_at < ends_at <= starts_at + MAX_DURATION,
        ("expected_minutes", "不能超过起止时间"): content.expected_minutes <= _started_minutes(ends_at - starts_at),
    }
    if broken := [rule for rule, is_met in rules.items() if not is_met]:
        raise InvalidTaskTime(fields=[{"field": f"body.{field}", "problem": problem} for field, problem in broken])


def _started_minutes(span: timedelta) -> int:
    """Return the length of the span in minutes, each started minute counted."""
    return -(-span // timedelta(minutes=1))


async def _hold_payment(task: Task, by: Staff, now: datetime) -> None:
    """Hold the minutes of the payer. This comes last: ledger locks come after all others."""
    if task.payer == Payer.NOBODY:
        return
    if task.payer == Payer.POOL:
        if task.station_id not in by.head_of:
            raise HeadRequired
        minutes, account = task.expected_minutes, account_keys.pool(task.station_id)
    else:
        offer = await MinutesOffer.get_or_none(need_id=task.need_id)
        if offer is None:
            raise MinutesOfferRequired
        minutes, account = offer.minutes, account_keys.person(offer.payer_id, ledger.MINUTES)
    task.hold_id = await payment.place_hold(task, minutes, account, now=now)
    await Task.filter(id=task.id).update(hold_id=task.hold_id)
