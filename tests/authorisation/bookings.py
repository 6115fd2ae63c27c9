"""Rights on bookings of the owner, at an activity of their station."""

from server.models import Activity, Booking, HouseholdMember, Person
from tests.authorisation.given import Given
from tests.authorisation.row import OWNER, SIGNED_IN, Row
from tests.factories import activities
from tests.sides import Side


async def _activity(side: Side) -> Activity:
    return await activities.activity(side.city, station=side.station.name)


async def _booking(side: Side) -> Booking:
    """The owner lives alone, because relatives would see the booking too."""
    owner = await Person.get(id=side.people["owner"])
    await HouseholdMember.filter(person=owner).update(current=None)
    return await activities.row(await _activity(side), owner)


async def bookable(side: Side) -> Given:
    alone = {"attendees": [{"me": True}], "answers": {}}
    return Given(path={"activity_id": (await _activity(side)).id}, body=alone)


async def at_counter(side: Side) -> Given:
    newcomer = {"name": "刘大爷", "phone": "0830-2345678", "area_id": side.community.id}
    return Given(path={"activity_id": (await _activity(side)).id}, body={"newcomer": newcomer, "answers": {}})


async def booked(side: Side) -> Given:
    made = await _booking(side)
    return Given(path={"activity_id": made.activity_id, "booking_id": made.id})


ANYBODY_SIGNED_IN = SIGNED_IN.replace("200", "201")
ITS_WORKERS = "401 403 403 403 200 200 404 403 404 403"
ITS_STAFF = "401 403 403 403 200 200 404 200 404 200"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /activities/{activity_id}/bookings": Row(ANYBODY_SIGNED_IN, bookable),
    "GET /bookings": Row(SIGNED_IN),
    "GET /bookings/{booking_id}": Row(OWNER, booked),
    "POST /bookings/{booking_id}/cancellation": Row(OWNER, booked),
    # Operations of the station.
    "GET /station/activities/{activity_id}/bookings": Row(ITS_STAFF, booked),
    "POST /station/activities/{activity_id}/bookings": Row(ITS_WORKERS.replace("200", "201"), at_counter),
    "POST /station/bookings/{booking_id}/cancellation": Row(ITS_WORKERS, booked),
    "POST /station/bookings/{booking_id}/contact": Row(ITS_WORKERS, booked),
}
# fmt: on
