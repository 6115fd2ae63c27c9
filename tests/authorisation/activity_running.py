"""Rights to publish, change and end an activity: staff of its station."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from server.models import Activity, ActivityStatus
from tests.authorisation.given import Given
from tests.authorisation.row import Row
from tests.factories import activities
from tests.sides import Side


async def _activity(side: Side, **more: Any) -> Activity:
    starts_at = side.now + timedelta(days=3)
    booking = {"booking_opens_at": side.now, "booking_closes_at": starts_at}
    usual = {"starts_at": starts_at, "station": side.station.name, **booking}
    return await activities.activity(side.city, **(usual | more))


async def _draft(side: Side) -> Activity:
    return await _activity(side, status=ActivityStatus.DRAFT, listed=0)


async def _over(side: Side) -> Activity:
    starts_at = side.now - timedelta(hours=3)
    times = {"booking_opens_at": starts_at - timedelta(days=9), "booking_closes_at": starts_at}
    return await _activity(side, starts_at=starts_at, **times)


def _of(made: Callable[[Side], Awaitable[Activity]]) -> Callable[[Side], Awaitable[Given]]:
    async def given(side: Side) -> Given:
        return Given(path={"activity_id": (await made(side)).id})

    return given


ANY_WORKER = "401 403 403 403 200 200 404 403 404 403"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /station/activities/{activity_id}/publication": Row(ANY_WORKER, _of(_draft)),
    "POST /station/activities/{activity_id}/changes": Row(ANY_WORKER, _of(_activity)),
    "POST /station/activities/{activity_id}/cancellation": Row(ANY_WORKER, _of(_activity)),
    "POST /station/activities/{activity_id}/finish": Row(ANY_WORKER, _of(_over)),
}
# fmt: on
