"""Access to points."""

import itertools

from server.domain.points import deeds, objections, public_notices
from server.domain.points.deeds import DeedClaim
from server.models import Earning, EarningRule, PublicNotice
from tests.authorisation.given import Given
from tests.authorisation.row import ANY_STAFF, ANYBODY, SIGNED_IN, Row
from tests.factories import points
from tests.sides import Side

NUMBERS = itertools.count()
HEAD = "401 403 403 403 403 201 403 403 403 403"
THEIR_STAFF = "401 403 403 403 200 200 404 403 404 403"


async def _rule(side: Side, **more: object) -> EarningRule:
    title = f"积分事项{next(NUMBERS)}"
    return await points.rule(side.city, station=side.station, title=title, **more)


async def station(side: Side) -> Given:
    return Given(query={"station": side.station.id})


async def new_rule(side: Side) -> Given:
    return Given(body={"station_id": side.station.id, "title": f"新规则{next(NUMBERS)}"})


async def rule(side: Side) -> Given:
    return Given(path={"rule_id": (await _rule(side)).id}, body={"points": 6})


async def new_deed(side: Side) -> Given:
    """A deed of today; at the counter it is the owner's, who had a need at the station."""
    await side.submitted()
    made = await _rule(side)
    day = side.now.date().isoformat()
    told = {"station_id": side.station.id, "rule_id": made.id, "day": day, "person_id": side.people["owner"]}
    return Given(body=told)


async def _claimed(side: Side, **more: object) -> Earning:
    made = await _rule(side, **more)
    wanted = DeedClaim(side.station.id, made.id, "打扫楼道", side.now.date())
    return await deeds.claim(wanted, by=side.people["owner"], now=side.now)


async def deed(side: Side) -> Given:
    return Given(path={"earning_id": (await _claimed(side)).id})


async def waiting(side: Side) -> Given:
    """Points of the owner, approved by the worker."""
    claimed = await _claimed(side, public_notice=True)
    await deeds.approve(claimed.id, by=side.staff["worker"], now=side.now)
    return Given(path={"earning_id": claimed.id}, body={"station_id": side.station.id})


async def line(side: Side) -> Given:
    """Points as in `waiting`, listed by the head."""
    given = await waiting(side)
    await public_notices.publish(side.station.id, title="积分公示", by=side.staff["head"], now=side.now)
    return given


async def notice(side: Side) -> Given:
    await line(side)
    newest = await PublicNotice.filter(station_id=side.station.id).order_by("-published_at", "-id").first()
    return Given(path={"notice_id": newest.id})


async def objection(side: Side) -> Given:
    """An objection of the neighbour; the worker approved the points and cannot decide it."""
    given = await line(side)
    neighbour = side.people["neighbour"]
    made = await objections.submit(given.path["earning_id"], reason="不属实", by=neighbour, now=side.now)
    return Given(path={"objection_id": made.id})


# fmt: off - one line a path
ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /points/rules": Row(ANYBODY, station),
    "GET /points/expiring": Row(SIGNED_IN),
    "GET /station/earning-rules": Row(ANY_STAFF),
    "POST /station/earning-rules": Row(HEAD, new_rule),
    "POST /station/earning-rules/{rule_id}/changes": Row("401 403 403 403 403 200 404 403 404 403", rule),
    "GET /points/deeds": Row(SIGNED_IN),
    "POST /points/deeds": Row("401 201 201 201 201 201 201 201 201 201", new_deed),
    "GET /station/deeds": Row(ANY_STAFF),
    "POST /station/deeds": Row("401 403 403 403 201 201 404 403 403 403", new_deed),
    "POST /station/deeds/{earning_id}/approval": Row(THEIR_STAFF, deed),
    "POST /station/deeds/{earning_id}/refusal": Row(THEIR_STAFF, deed),
    "POST /station/public-notices": Row(HEAD, waiting),
    "GET /public-notices": Row(ANYBODY, station),
    "GET /public-notices/{notice_id}": Row(ANYBODY, notice),
    "POST /public-notices/entries/{earning_id}/objection": Row("401 201 201 403 201 201 201 201 201 201", line),
    "GET /points/objections": Row(SIGNED_IN),
    "GET /station/objections": Row(ANY_STAFF),
    "POST /station/objections/{objection_id}/decision": Row("401 403 403 403 403 200 404 403 404 403", objection),
}
# fmt: on
