"""Access to certificates."""

from datetime import timedelta

from server.domain import certificates
from server.models import Person, RecordSource, RecordStatus, ServiceRecord
from tests.authorisation.given import Given, forged
from tests.authorisation.row import ANYBODY, NO_ONE, OWNER, SIGNED_IN, Row
from tests.authorisation.volunteers import without_volunteers
from tests.factories import volunteers
from tests.sides import Side


async def served(side: Side) -> Given:
    """The owner is the only volunteer, with an approved hour."""
    await without_volunteers(side)
    owner = await Person.get(id=side.people["owner"])
    await volunteers.approved(owner, side.station, side.now)
    if not await ServiceRecord.exists(volunteer=owner):
        began, ended = side.now - timedelta(hours=2), side.now - timedelta(hours=1)
        facts = {"status": RecordStatus.APPROVED, "source": RecordSource.ACTIVITY, "verified": True, "minutes": 60}
        moments = {"started_at": began, "ended_at": ended, "claimed_at": ended, "approved_at": ended}
        await ServiceRecord.create(volunteer=owner, station=side.station, **facts, **moments)
    return Given()


async def certificate(side: Side) -> Given:
    """A certificate of the owner."""
    await served(side)
    made = await certificates.issue(side.people["owner"], now=side.now)
    return Given(path={"code": made.code})


# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /certificates": Row(SIGNED_IN),
    "POST /certificates": Row(OWNER.replace("200", "201"), served),
    "GET /certificates/{code}": Row(ANYBODY, certificate),
    "GET /certificates/{code}/page": Row(ANYBODY, certificate),
    "GET /certificates/{code}/image": Row(NO_ONE, forged({"reader": 1}, certificate)),
    "POST /certificates/{code}/revocation": Row(OWNER, certificate),
}
# fmt: on
