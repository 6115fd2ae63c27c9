"""Rights to read: activities are public, drafts and counts are for staff, a booking for its people."""

from datetime import timedelta

from server.models import Activity, ActivityStatus, Person
from tests.authorisation.given import Given, forged
from tests.authorisation.row import ANY_STAFF, ANYBODY, NO_ONE, OWNER, SIGNED_IN, Row
from tests.factories import activities
from tests.sides import Side


async def _activity(side: Side, status: ActivityStatus) -> Activity:
    """Create an activity in three days, of the station that is responsible for the side's residents."""
    times = {"starts_at": side.now + timedelta(days=3), "booking_opens_at": side.now}
    listed = int(status == ActivityStatus.PUBLISHED)
    return await activities.activity(side.city, station=side.station.name, status=status, listed=listed, **times)


async def published(side: Side) -> Given:
    return Given(path={"activity_id": (await _activity(side, ActivityStatus.PUBLISHED)).id})


async def draft(side: Side) -> Given:
    return Given(path={"activity_id": (await _activity(side, ActivityStatus.DRAFT)).id})


async def booked(side: Side) -> Given:
    """Create a seat of the owner."""
    activity = await _activity(side, ActivityStatus.PUBLISHED)
    booking = await activities.row(activity, await Person.get(id=side.people["owner"]))
    return Given(path={"activity_id": activity.id, "booking_id": booking.id})


# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /activities": Row(ANYBODY, published),
    "GET /activities/{activity_id}": Row(ANYBODY, published),
    "GET /activities/{activity_id}/poster": Row(ANYBODY, published),
    "GET /activities/{activity_id}/my-booking": Row(SIGNED_IN, booked),
    "GET /bookings/{booking_id}/calendar": Row(OWNER, booked),
    "GET /station/activities": Row(ANY_STAFF, draft),
    "GET /station/activities/{activity_id}/poster": Row(NO_ONE, forged({}, draft)),
}
# fmt: on
