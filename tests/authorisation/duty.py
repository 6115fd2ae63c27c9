"""Rights on the duty roster: heads and officers offer shifts, each person answers for their own."""

from datetime import datetime, timedelta
from typing import Any

from tortoise.queryset import QuerySet

from server.domain.duty import cover
from server.models import DutyShift
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, Row
from tests.factories import duty
from tests.sides import Side

READERS = "401 403 403 403 200 200 404 200 404 200"
MANAGERS = "401 403 403 403 403 200 404 200 404 200"
THE_PERSON = "401 403 403 403 200 404 404 404 404 404"


def shifts_at(side: Side) -> QuerySet[DutyShift]:
    return DutyShift.filter(scope=cover.scope_of(station_id=side.station.id))


async def shift_of(side: Side, person: str = "worker", **more: Any) -> DutyShift:
    # Each on a day of its own: a person has no two shifts at a time, and not too many a week.
    begins: datetime = side.now + timedelta(days=7 * (await shifts_at(side).count() + 1))
    return await duty.shift(side.station, side.staff[person], begins, **more)


def given(shift: DutyShift, **body: Any) -> Given:
    return Given(path={"shift_id": shift.id}, body=body)


async def new(side: Side) -> Given:
    begins = side.now + timedelta(days=7 * (await shifts_at(side).count() + 1))
    times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=12)).isoformat()}
    return Given(body={"person_id": side.people["worker"], "station_id": side.station.id, **times})


async def offered(side: Side) -> Given:
    return given(await shift_of(side, status="offered", phone=""))


async def accepted(side: Side) -> Given:
    return given(await shift_of(side), person_id=side.people["head"])


async def asked(side: Side) -> Given:
    """A shift of the head, which the worker is asked to take over."""
    return given(await shift_of(side, "head", asked_id=side.people["worker"]))


async def running(side: Side) -> Given:
    """The worker's running shift, and the head's beside it."""
    await shifts_at(side).update(ends_at=side.now, starts_at=side.now)
    begins = side.now - timedelta(hours=1)
    await duty.shift(side.station, side.staff["head"], begins)
    return given(await duty.shift(side.station, side.staff["worker"], begins))


async def roster(side: Side) -> Given:
    return Given(query={"station": side.station.id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /duty-shifts": Row(ANY_STAFF),
    "GET /station/duty-roster": Row(READERS, roster),
    "POST /station/duty-shifts": Row("401 403 403 403 403 201 403 201 403 201", new),
    "POST /station/duty-shifts/{shift_id}/withdrawal": Row(MANAGERS, accepted),
    "POST /duty-shifts/{shift_id}/acceptance": Row(THE_PERSON, offered),
    "POST /duty-shifts/{shift_id}/decline": Row(THE_PERSON, offered),
    "POST /duty-shifts/{shift_id}/swap": Row(THE_PERSON, accepted),
    "POST /duty-shifts/{shift_id}/swap-acceptance": Row(THE_PERSON, asked),
    "POST /duty-shifts/{shift_id}/swap-decline": Row(THE_PERSON, asked),
    "POST /duty-shifts/{shift_id}/hand-over": Row(THE_PERSON, running),
}
