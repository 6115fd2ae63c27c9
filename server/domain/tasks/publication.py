"""Publishing a task: of a need somebody works on, or of a station's own wish, stripped of whom it is for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import areas, audit, ledger, stations
from server.domain.ledger import account_keys
from server.domain.needs import access
from server.domain.needs.transitions import must_be
from server.domain.staff import Staff
from server.domain.tasks import payment, schedule, timeline
from server.domain.tasks.anonymity import must_name_nobody
from server.domain.tasks.timeline import Line
from server.domain.working_time import SHANGHAI
from server.errors import (
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
from server.models import Category, MinutesOffer, Need, NeedStatus, Payer, Task, TaskStatus

LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Asking:
    """What volunteers are asked for, and who gives minutes for it; `reason`: why the public pool does."""

    title: str
    text: str
    starts_at: datetime
    ends_at: datetime
    expected_minutes: int
    payer: Payer = Payer.NOBODY
    reason: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What volunteers read, by the field it was written in."""
        return {"body.title": self.title, "body.text": self.text}


@dataclass(frozen=True)
class Wish:
    """Where a station's own wish is to be done, and what kind of service it is."""

    station_id: int
    area_id: int
    category: str
    place: str


@db.transaction
async def publish(need_id: int, asking: Asking, *, by: Staff, now: datetime) -> Task:
    """Publish a need that the caller's station works on, with its resident's consent; one task at a time."""
    need = await _workable(need_id, by)
    if need.category.confidential:
        raise ConfidentialNeed
    if not need.may_share_contact:
        raise ConsentRequired
    if await Task.exists(need_id=need.id, open=1):
        raise TaskOpen
    await must_name_nobody(need, asking.words)
    where = {"station_id": need.station_id, "category_id": need.category_id, "area_id": need.area_id}
    return await _publish(asking, need, by=by, now=now, **where)


async def _workable(need_id: int, by: Staff) -> Need:
    """The need, locked, with its category, for who works on it: anybody while nobody is assigned."""
    need = await access.by_station(need_id, by)
    if need.assignee_id not in {None, by.person_id} and need.station_id not in by.head_of:
        raise AssigneeRequired
    must_be(need, NeedStatus.ACCEPTED, NeedStatus.ASSIGNED, NeedStatus.IN_PROGRESS)
    await need.fetch_related("category")
    return need


@db.transaction
async def publish_wish(wish: Wish, asking: Asking, *, by: Staff, now: datetime) -> Task:
    """Publish what the caller's open station itself needs hands for; whoever confirms it gives the place."""
    if wish.station_id not in by.station_ids:
        raise NotAllowed
    if not await stations.lock_operating(wish.station_id):
        raise StationNotOperating
    category = await Category.get_or_none(code=wish.category, active=True)
    if category is None:
        raise CategoryNotAvailable(categories=[wish.category])
    area = await areas.current_area(wish.area_id)
    await must_name_nobody(None, asking.words, place=wish.place)
    where = {"station_id": wish.station_id, "category_id": category.id, "area_id": area.id, "place": wish.place}
    return await _publish(asking, None, by=by, now=now, **where)


async def _publish(asking: Asking, need: Need | None, *, by: Staff, now: datetime, **where: Any) -> Task:
    _must_be_timely(asking, now)
    task = await Task.create(
        **where,
        **_told(asking),
        status=TaskStatus.PUBLISHED,
        need=need,
        published_by_id=by.person_id,
        published_at=now,
    )
    said = f"已将您的需求匿名发布给志愿者：{task.title}。"
    line = Line("published", by.person_id, said=said, note=asking.reason)
    await timeline.add(task, line, to=TaskStatus.PUBLISHED, now=now)
    facts = {"payer": task.payer, "need": task.need_id}
    await audit.note("task.published", f"task:{task.id}", by=by.person_id, now=now, **facts)
    await schedule.plan(task, now=now)
    await _hold_payment(task, by, now)
    return task


def _told(asking: Asking) -> dict[str, Any]:
    """What was asked for, as the table keeps it: also as a weekday and minutes of the day in Shanghai."""
    begins = asking.starts_at.astimezone(SHANGHAI)
    from_minute = begins.hour * 60 + begins.minute
    columns = ("title", "text", "starts_at", "ends_at", "expected_minutes", "payer")
    return {name: getattr(asking, name) for name in columns} | {
        "weekday": begins.isoweekday(),
        "from_minute": from_minute,
        "until_minute": from_minute + _minutes(asking.ends_at - asking.starts_at),
    }


def _must_be_timely(asking: Asking, now: datetime) -> None:
    right = {
        ("starts_at", "应在将来开始"): asking.starts_at > now,
        ("ends_at", "应在开始后24小时内结束"): asking.starts_at < asking.ends_at <= asking.starts_at + LONGEST,
        ("expected_minutes", "不能超过起止时间"): asking.expected_minutes
        <= _minutes(asking.ends_at - asking.starts_at),
    }
    if wrong := [one for one, is_right in right.items() if not is_right]:
        raise InvalidTaskTime(fields=[{"field": f"body.{field}", "problem": problem} for field, problem in wrong])


def _minutes(span: timedelta) -> int:
    """Minutes begun: a span of some seconds is one."""
    return -(-span // timedelta(minutes=1))


async def _hold_payment(task: Task, by: Staff, now: datetime) -> None:
    """Last: the ledger's locks come after all others."""
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
    task.hold_id = await payment.hold(task, minutes, account, now=now)
    await Task.filter(id=task.id).update(hold_id=task.hold_id)
