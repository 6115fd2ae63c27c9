"""Rights on check-ins."""

import itertools
from datetime import timedelta

from server.domain.bookings import tickets
from server.domain.check_ins import codes, roster, staff_check_in
from server.domain.check_ins.staff_check_in import Selection
from server.models import Activity, Attendee, Person, VolunteerStatus
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import Row
from tests.authorisation.volunteers import owner_with
from tests.factories import activities, volunteers
from tests.sides import Side

NUMBERS = itertools.count(1)


async def _soon(side: Side) -> Activity:
    """Create an activity of the side's station that begins in ten minutes."""
    starts_at = side.now + timedelta(minutes=10)
    return await activities.activity(side.city, station=side.station.name, starts_at=starts_at)


async def _seat(activity: Activity, person: Person, **more: object) -> Attendee:
    booking = await activities.row(activity, person, **more)
    return await Attendee.get(booking_id=booking.id)


async def _owners(side: Side, activity: Activity, **more: object) -> Attendee:
    return await _seat(activity, await Person.get(id=side.people["owner"]), **more)


async def screen(side: Side) -> Given:
    """Create a seat of the owner, and return the code on the screen."""
    activity = await _soon(side)
    await _owners(side, activity)
    code = codes.current_code(activity, side.now).text
    return Given(path={"activity_id": activity.id}, body={"code": code})


async def named(side: Side) -> Given:
    """Create a seat of the owner, for the list with names."""
    activity = await _soon(side)
    await _owners(side, activity)
    return Given(path={"activity_id": activity.id}, body={"reason": "归档"})


async def own_post(side: Side) -> Given:
    """Create a post of the owner, who checked in ten minutes ago."""
    await owner_with(VolunteerStatus.APPROVED)(side)
    activity = await _soon(side)
    row = await _owners(side, activity, post=await activities.post(activity))
    await Attendee.filter(id=row.id).update(checked_in_at=side.now - timedelta(minutes=10))
    code = codes.current_code(activity, side.now).text
    return Given(path={"activity_id": activity.id}, body={"code": code})


async def ticket(side: Side) -> Given:
    """Return the owner's ticket."""
    activity = await _soon(side)
    row = await _owners(side, activity)
    return Given(path={"activity_id": activity.id}, body={"ticket": tickets.code(activity, row.id)})


async def others_post(side: Side) -> Given:
    """Create a volunteer whom the head checked in ten minutes ago."""
    activity = await _soon(side)
    person = await factories.person(f"志愿者{next(NUMBERS)}", side.now)
    await volunteers.approved(person, side.station, side.now)
    row = await _seat(activity, person, post=await activities.post(activity))
    earlier = side.now - timedelta(minutes=10)
    await staff_check_in.check_in(activity.id, Selection([row.id]), by=side.people["head"], now=earlier)
    return Given(path={"activity_id": activity.id}, body={"ticket": tickets.code(activity, row.id)})


async def scans(side: Side) -> Given:
    """Return scans of the owner by the worker's phone."""
    activity = await _soon(side)
    row = await _owners(side, activity)
    _, proof = await roster.issue(activity.id, by=side.people["worker"], now=side.now)
    signed = {"issued_at": proof.issued_at.isoformat(), "signature": proof.signature}
    scan = {"client_id": "a-1", "scanned_at": side.now.isoformat(), "attendee_id": row.id}
    return Given(path={"activity_id": activity.id}, body={"roster": signed, "scans": [scan]})


THEIR_STAFF = "401 403 403 403 200 200 404 403 404 403"
# Volunteers with a post may do this too, so strangers get 404 instead of 403.
STEWARDS = "401 404 404 404 200 200 404 403 404 403"
PATH = "/station/activities/{activity_id}"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /activities/{activity_id}/check-ins": Row("401 409 409 200 409 409 409 409 409 409", screen),
    "POST /activities/{activity_id}/check-outs": Row("401 403 403 200 403 403 403 403 403 403", own_post),
    f"GET {PATH}/check-in-code": Row(THEIR_STAFF, screen),
    f"GET {PATH}/check-in-code.png": Row(THEIR_STAFF, screen),
    f"POST {PATH}/check-ins": Row(STEWARDS, ticket),
    f"POST {PATH}/check-outs": Row(STEWARDS, others_post),
    f"GET {PATH}/roster": Row(STEWARDS, ticket),
    f"POST {PATH}/scans": Row(STEWARDS, scans),
    f"POST {PATH}/attendance": Row(THEIR_STAFF, named),
}
# fmt: on
