"""Rights on drafts and posts: staff of the station; officers only read."""

import itertools

from server.domain.activities import posts
from server.domain.activities.posts import NewPost
from server.models import Activity, ActivityStatus
from tests.authorisation.given import Given
from tests.authorisation.row import Row
from tests.factories import activities
from tests.sides import Side

NUMBERS = itertools.count()
READERS = "401 403 403 403 200 200 404 200 404 200"
WORKERS = "401 403 403 403 200 200 404 403 404 403"
DRAFTERS = WORKERS.replace("200", "201")


async def drafted(side: Side) -> Activity:
    """Create a draft at the side's own station."""
    hidden = {"status": ActivityStatus.DRAFT, "listed": 0}
    return await activities.activity(side.city, station=side.station.name, **hidden)


async def draft(side: Side) -> Given:
    return Given(path={"activity_id": (await drafted(side)).id})


async def new(side: Side) -> Given:
    return Given(body={"station_id": side.station.id})


async def post(side: Side) -> Given:
    activity, wanted = await drafted(side), NewPost(f"岗位{next(NUMBERS)}", 1)
    made = await posts.add(activity.id, wanted, by=side.staff["worker"], now=side.now)
    return Given(path={"activity_id": activity.id, "post_id": made.id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "POST /station/activities": Row("401 403 403 403 201 201 403 403 403 403", new),
    "GET /station/activities/{activity_id}": Row(READERS, draft),
    "POST /station/activities/{activity_id}/discarding": Row(WORKERS, draft),
    "POST /station/activities/{activity_id}/copy": Row(DRAFTERS, draft),
    "POST /station/activities/{activity_id}/series": Row(DRAFTERS, draft),
    "POST /station/activities/{activity_id}/posts": Row(DRAFTERS, draft),
    "POST /station/activities/{activity_id}/posts/{post_id}/changes": Row(WORKERS, post),
    "DELETE /station/activities/{activity_id}/posts/{post_id}": Row(WORKERS, post),
}
