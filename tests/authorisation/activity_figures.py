"""Rights after an activity: only the owner attended it."""

from server.domain.satisfaction import activity_rating
from server.models import Activity, Person
from tests.authorisation.given import Given
from tests.authorisation.row import ANYBODY, SIGNED_IN, Row
from tests.factories.attendance import add_attendee, finished_activity
from tests.sides import Side


async def _attended(side: Side) -> Activity:
    over = await finished_activity(side.city, station=side.station.name)
    await add_attendee(over, await Person.get(id=side.people["owner"]))
    return over


async def attended(side: Side) -> Given:
    over = await _attended(side)
    return Given(path={"activity_id": over.id})


async def rated(side: Side) -> Given:
    over = await _attended(side)
    said = {"stars": 5, "tags": [], "comment": "很好"}
    await activity_rating.rate(over.id, **said, by=side.people["owner"], now=side.now)
    return Given(path={"activity_id": over.id})


async def station(side: Side) -> Given:
    return Given(query={"station": side.station.id})


THEIRS = "401 403 403 403 200 200 404 200 404 200"
# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "PUT /activities/{activity_id}/rating": Row("401 403 403 200 403 403 403 403 403 403", attended),
    "GET /activities/{activity_id}/rating": Row(SIGNED_IN, rated),
    "GET /activities/{activity_id}/satisfaction": Row(ANYBODY, rated),
    "GET /station/activities/{activity_id}/statistics": Row(THEIRS, rated),
    "GET /station/activities/{activity_id}/comments": Row(THEIRS, rated),
    "GET /station/activity-statistics": Row(THEIRS, station),
}
# fmt: on
