"""Access to seat offers and no-shows: the owner was offered a seat, or had a seat and did not come."""

from datetime import timedelta

from server.models import Activity, BookingStatus, HouseholdMember, NoShow, Person, SeatOffer
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, OWNER, SIGNED_IN, Row
from tests.factories.activities import activity, row
from tests.sides import Side

S = BookingStatus


async def _activity(side: Side) -> Activity:
    """An activity of this side's station in three days; each persona lives alone."""
    await HouseholdMember.filter(person_id__in=list(side.people.values())).update(current=None)
    return await activity(side.city, station=side.station.name, starts_at=side.now + timedelta(days=3))


async def _owner(side: Side) -> Person:
    return await Person.get(id=side.people["owner"])


async def offer(side: Side) -> Given:
    """A seat offered to the owner."""
    activity = await _activity(side)
    booking = await row(activity, await _owner(side), S.OFFERED)
    times = {"offered_at": side.now, "expires_at": side.now + timedelta(hours=2)}
    return Given(path={"offer_id": (await SeatOffer.create(booking=booking, activity=activity, seats=1, **times)).id})


async def waiting(side: Side) -> Given:
    """A newcomer in the waiting list, and a free seat."""
    newcomer = await factories.person("刘大爷", side.now, side.community)
    return Given(path={"booking_id": (await row(await _activity(side), newcomer, S.WAITING)).id})


async def _missed(side: Side, person: Person) -> Given:
    booking = await row(await _activity(side), person, S.NO_SHOW)
    facts = {"person": person, "station": side.station, "at": side.now - timedelta(days=1)}
    return Given(path={"no_show_id": (await NoShow.create(booking=booking, **facts)).id})


async def missed(side: Side) -> Given:
    return await _missed(side, await _owner(side))


async def missed_by_newcomer(side: Side) -> Given:
    return await _missed(side, await factories.person("刘大爷", side.now, side.community))


async def excused_by_newcomer(side: Side) -> Given:
    given = await missed_by_newcomer(side)
    await NoShow.filter(id=given.path["no_show_id"]).update(excuse="突然发烧", excused_at=side.now)
    return given


ANY_WORKER = "401 403 403 403 200 200 404 403 404 403"
# fmt: off - one line for each path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /seat-offers": Row(SIGNED_IN),
    "GET /seat-offers/{offer_id}": Row(OWNER, offer),
    "POST /seat-offers/{offer_id}/acceptance": Row(OWNER, offer),
    "POST /seat-offers/{offer_id}/refusal": Row(OWNER, offer),
    "POST /station/bookings/{booking_id}/promotion": Row(ANY_WORKER, waiting),
    "GET /no-shows": Row(SIGNED_IN),
    "POST /no-shows/{no_show_id}/excuse": Row(OWNER, missed),
    "GET /station/no-shows": Row(ANY_STAFF),
    "POST /station/no-shows/{no_show_id}/forgiveness": Row(ANY_WORKER, missed_by_newcomer),
    "POST /station/no-shows/{no_show_id}/excuse-refusal": Row(ANY_WORKER, excused_by_newcomer),
}
# fmt: on
